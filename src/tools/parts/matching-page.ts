import * as z from 'zod';
import { finalList } from '../../lists/marking.ts';
import { rowsOfList } from '../../lists/selecting/fields.ts';
import { matchingRows } from '../../lists/selecting/matching.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { invalidInput, part, type ToolAnswer } from '../../results/answer.ts';
import { type Budget, largestFitting } from '../../results/budget.ts';
import { hasUpstreamText, statePart } from '../../results/job-parts.ts';
import { callOf } from '../../results/next-step.ts';
import { type RowStyle, rowsPart, tableOf } from '../../results/rows.ts';
import { number } from '../../results/schema.ts';
import type { Services, ToolCall } from './define-tool.ts';
import { checkSizes, employees, toLocations } from './submit-input.ts';

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
type GivenTraits = z.output<z.ZodObject<typeof traits>>;

/** The field of a result that says how many match. */
export const matchingField = z
  .object({
    rows: z.number(),
    distinct: number('Companies, duplicates counted once.'),
    unknown: number('Rows of unknown country or size.'),
    of: number('Rows of the list.'),
  })
  .optional()
  .describe('With locations or sizes: how many rows of the whole list match.');

/** Whether companies are chosen at all. */
export function choosesTraits({ locations, min_employees, max_employees }: GivenTraits): boolean {
  return locations !== undefined || min_employees !== undefined || max_employees !== undefined;
}

interface MatchingRequest extends GivenTraits {
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
  { cursor, offset, ...again }: MatchingRequest,
  { lists }: Pick<Services, 'lists'>,
  { signal }: Pick<ToolCall, 'signal'>,
  { style, budget, max }: { style: RowStyle; budget: Budget; max: number },
): Promise<ToolAnswer> {
  const { job_id, locations, min_employees, max_employees } = again;
  if (cursor !== undefined)
    throw invalidInput(
      'cursor reads one page, but locations and sizes are looked for in the whole list: leave out cursor.',
    );
  checkSizes(min_employees, max_employees);
  const wanted = { locations: locations && toLocations(locations), min_employees, max_employees };
  if (!(await lists.isKept(job_id))) {
    throw new OpenFunnelError(
      'conflict',
      `Companies can be counted and filtered once the whole list is stored on this machine. Call ${callOf('wait_and_collect', { job_id })} first.`,
    );
  }
  const list = await finalList(lists, job_id, { signal });
  const { numbers, ...counts } = await matchingRows(lists, list, wanted, { offset, max, signal });
  const companies = await rowsOfList(lists, list, numbers, { signal });
  const { rows, distinct, unknown } = counts;
  const of = list.about.companies;
  return largestFitting(companies.length, budget, (count): ToolAnswer => {
    const next = offset + count;
    return {
      untrusted: count > 0 || hasUpstreamText(list.state),
      notices: [
        ...list.notices,
        unknown > 0 && `${unknown} more rows are not counted: their country or size is unknown.`,
      ],
      parts: [
        statePart(list.state),
        part(
          { matching: { ...counts, of } },
          `${rows} of ${of} rows match: ${distinct} companies, duplicates counted once.`,
        ),
        part(
          { page: 'all', row_count: rows, rows_returned: count, rows_omitted: rows - count },
          `${count} returned from offset ${offset}, ${rows - count} omitted.`,
        ),
        part({ next_cursor: null, more_pages: 'no' }),
        rowsPart(tableOf(companies.slice(0, count), style), 'exact'),
      ],
      nextStep:
        rows === 0
          ? 'No company of the list matches. Tell the user so.'
          : next < rows
            ? `The counts are of the whole list. Call get_bulk_page ${JSON.stringify({ ...again, offset: next })} for more of the rows.`
            : 'No more rows match. Tell the user the counts.',
    };
  }).built;
}
