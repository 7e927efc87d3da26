import * as z from 'zod';
import { finalList } from '../../lists/marking.ts';
import { rowsOfList } from '../../lists/selecting/fields.ts';
import { matchingRows, type Traits } from '../../lists/selecting/matching.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { answer, part } from '../../results/answer.ts';
import { type Budget, largestFitting } from '../../results/budget.ts';
import { hasUpstreamText, statePart } from '../../results/job-parts.ts';
import { invalidInput, type ToolResult } from '../../results/result.ts';
import { type RowStyle, rowsPart, showRow, tableOf } from '../../results/rows.ts';
import type { Services, ToolCall } from './define-tool.ts';
import { employees, toLocations } from './submit-input.ts';

/** Parameters that choose companies of the whole list by country and size. */
export const traits = {
  locations: z
    .array(z.string().max(60))
    .max(250)
    .optional()
    .describe('Only companies in these countries, counted over the whole stored list.'),
  min_employees: employees.optional().describe('Only companies with at least this many employees.'),
  max_employees: employees.optional().describe('Only companies with at most this many employees.'),
};
const traitsObject = z.object(traits);
type GivenTraits = z.output<typeof traitsObject>;

/** The field of a result that says how many match. */
export const matchingField = z
  .object({
    rows: z.number(),
    distinct: z.number().describe('Companies, duplicates counted once.'),
    unknown: z.number().describe('Rows of unknown country or size.'),
    of: z.number().describe('Rows of the list.'),
  })
  .optional()
  .describe('With locations or sizes: how many rows of the whole list match.');

/** Whether companies are chosen at all. */
export function choosesTraits({ locations, min_employees, max_employees }: GivenTraits): boolean {
  return locations !== undefined || min_employees !== undefined || max_employees !== undefined;
}

export interface MatchingRequest extends GivenTraits {
  job_id: string;
  cursor?: string | undefined;
  fields?: readonly string[] | undefined;
  max_chars?: number | undefined;
  offset: number;
  max_rows?: number | undefined;
}

/**
 * Companies of a stored list by country and size: how many there are, and the first of them. Reads nothing from
 * upstream that is not stored.
 *
 * @param max Rows to show at the most.
 * @throws {OpenFunnelError} `conflict` where the list is not stored yet, `invalid_input` for a cursor.
 */
export async function matchingPage(
  args: MatchingRequest,
  { lists }: Pick<Services, 'lists'>,
  { signal }: Pick<ToolCall, 'signal'>,
  { style, budget, max }: { style: RowStyle; budget: Budget; max: number },
): Promise<ToolResult> {
  const { job_id, offset, min_employees: least, max_employees: most } = args;
  if (args.cursor !== undefined)
    throw invalidInput(
      'cursor reads one page, but locations and sizes are looked for in the whole list: leave out cursor.',
    );
  if (least !== undefined && most !== undefined && least > most)
    throw invalidInput(`min_employees (${least}) is greater than max_employees (${most}).`);
  const wanted: Traits = {
    locations: args.locations && toLocations(args.locations),
    min_employees: least,
    max_employees: most,
  };
  if (!(await lists.isKept(job_id))) {
    throw new OpenFunnelError(
      'conflict',
      `Companies can be counted and filtered once the whole list is stored on this machine. Call wait_and_collect {"job_id": ${JSON.stringify(job_id)}} first.`,
    );
  }
  const list = await finalList(lists, job_id, { signal });
  const { numbers, ...counts } = await matchingRows(lists, list, wanted, { offset, max, signal });
  const companies = await rowsOfList(lists, list, numbers, { signal });
  const matching = { ...counts, of: list.about.companies };
  const said = `${matching.rows} of ${matching.of} rows match: ${matching.distinct} companies, duplicates counted once.`;
  const notices =
    matching.unknown === 0
      ? list.notices
      : [...list.notices, `${matching.unknown} more rows are not counted: their country or size is unknown.`];
  const { built } = largestFitting(companies.length, budget, (count) => {
    const shown = companies
      .slice(0, count)
      .map(({ row, company }) => ({ row, shown: showRow(company, style) }));
    const left = matching.rows - offset - count;
    return answer({
      untrusted: count > 0 || hasUpstreamText(list.state),
      notices,
      parts: [
        statePart(list.state),
        part({ matching }, said),
        part(
          {
            page: 'all',
            row_count: matching.rows,
            rows_returned: count,
            rows_omitted: matching.rows - count,
          },
          `${count} returned from offset ${offset}, ${matching.rows - count} omitted.`,
        ),
        part({ next_cursor: null, more_pages: 'no' }),
        rowsPart(tableOf(shown), 'exact'),
      ],
      nextStep: nextOf(args, left > 0 ? offset + count : null, matching.rows),
    });
  });
  return built;
}

/** @param next The offset of the rows that follow; null where none do. */
function nextOf({ job_id, fields, max_chars, ...args }: MatchingRequest, next: number | null, rows: number) {
  if (rows === 0) return 'No company of the list matches. Tell the user so.';
  if (next === null) return 'No more rows match. Tell the user the counts.';
  const { locations, min_employees, max_employees, max_rows } = args;
  const again = {
    job_id,
    locations,
    min_employees,
    max_employees,
    fields,
    max_chars,
    max_rows,
    offset: next,
  };
  return `The counts are of the whole list. Call get_bulk_page ${JSON.stringify(again)} for more of the rows.`;
}
