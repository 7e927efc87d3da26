import * as z from 'zod';
import { counted, oneLine } from '../lib/text.ts';
import type { PageNow } from '../lists/job-states.ts';
import { fieldName, rowsOfList } from '../lists/selecting/fields.ts';
import { matchingRows } from '../lists/selecting/matching.ts';
import { pageWord } from '../reading/job-words.ts';
import { oddityOf } from '../reading/walk.ts';
import { invalidInput, type Part, part, saidOf, type ToolAnswer } from '../results/answer.ts';
import { type Budget, CHOSEN_BUDGET, DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { NO_PAGE_YET, statePart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import { type RowStyle, renderNames, rowStyle, rowsPart, SHORT_REASON, tableOf } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { defineTool, READS_ONLY, type Services, type ToolCall } from './parts/define-tool.ts';
import { checkSizes, employees, toLocations } from './parts/submit-input.ts';

const DEFAULT_ROWS = 40;
/** A row that is too large for a result even alone is shown with so many characters a field, and so many fields. */
const TIGHT_CHARS = 40;
const TIGHT_COLUMNS = [200, 60, 20];
/** Longest cursor and page name that are shown and taken. Characters. */
const MAX_CURSOR = 1_000;
const shownCursor = (cursor: string | null) => cursor && oneLine(cursor, MAX_CURSOR);

const traits = {
  locations: z
    .array(z.string().max(60))
    .max(250)
    .optional()
    .describe('Only companies in these countries, counted over the whole list.'),
  min_employees: employees.optional().describe('Only companies with at least this many employees.'),
  max_employees: employees.optional().describe('Only companies with at most this many employees.'),
};

const input = z.strictObject({
  job_id: field.jobId,
  cursor: z
    .string()
    .min(1)
    .max(MAX_CURSOR)
    .optional()
    .describe('next_cursor of the previous page; default the first page.'),
  fields: field.fields.optional(),
  max_chars: field.maxChars,
  offset: z.int().min(0).max(1_000_000).default(0).describe('Rows of the page to skip.'),
  max_rows: z.int().min(1).max(100).optional().describe('Rows to show; default as many as fit, 40 or fewer.'),
  ...traits,
});
type Input = z.output<typeof input>;

const matchingField = z
  .object({
    rows: z.number(),
    distinct: field.number('Companies, duplicates counted once.'),
    unknown: field.number('Rows of unknown country or size.'),
    of: field.number('Rows of the list.'),
  })
  .optional()
  .describe('With locations or sizes: how many rows of the whole list match.');

export const getBulkPage = defineTool({
  name: 'get_bulk_page',
  title: 'Get a page of a bulk job',
  description:
    'Shows one page of the companies found by a lookalike job, best match first. Use it to read rows in the chat, or to count them by country and size. Free and changes nothing. Rows of a running job are provisional. For an overview of the whole list, use wait_and_collect. To write the list to a file, use export_bulk_results. To count, filter or compare companies, use query_companies.',
  annotations: READS_ONLY,
  input,
  output: field.jobState.extend({
    page: field.text('Name of the page.'),
    row_count: field.number('Companies on the page.'),
    ...field.rowTable,
    matching: matchingField,
    rows_returned: field.number('Companies shown here.'),
    rows_omitted: field.number('Companies of the page not shown here.'),
    next_cursor: field.text('Cursor of the next page. Null says nothing about completion.').nullable(),
    more_pages: z
      .enum(['yes', 'no', 'unknown'])
      .describe('unknown while the job runs, if it failed, or if OpenFunnel contradicts itself.'),
  }),
  async handle(args, services, call) {
    const { offset, max_rows = DEFAULT_ROWS } = args;
    const style = rowStyle(args);
    const chosen = args.max_rows !== undefined || args.fields !== undefined || args.max_chars !== undefined;
    const budget = chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET;
    if (Object.keys(traits).some((name) => name in args))
      return tellMatching(args, style, budget, services, call);
    const now = await services.states.page(args.job_id, args.cursor, call);
    const most = now.companies.slice(offset, offset + max_rows).length;
    const one = Math.min(1, most);
    const build = (shown: RowStyle) => (count: number) => tellPage(args, now, count, shown);
    return fitting(budget, [
      { most, build: build(style) },
      { most, least: one, build: build(chosen ? style : { ...style, reasonChars: SHORT_REASON }) },
      // A row that does not fit even alone is shown cut rather than skipped, so that the walk goes on behind it.
      ...TIGHT_COLUMNS.map((maxColumns) => ({
        most: one,
        build: build({ ...style, maxChars: TIGHT_CHARS, maxColumns }),
      })),
    ]);
  },
});

type PageArgs = Pick<Input, 'job_id' | 'cursor' | 'offset' | 'fields' | 'max_chars' | 'max_rows'>;

/** A page with so many of its rows. */
export function tellPage(args: PageArgs, now: PageNow, count: number, style: RowStyle): ToolAnswer {
  const { state, companies, firstRow, upstream, why } = now;
  const { offset } = args;
  const name = oneLine(now.name, MAX_CURSOR);
  const cursor = shownCursor(now.next);
  const taken = companies
    .slice(offset, offset + count)
    .map((company, index) => ({ row: firstRow + offset + index, company }));
  // A page that names itself as the next one would send the reader round for ever.
  const circular = now.next !== null && now.next === now.name;
  const short = cursor === null && state.terminal && why !== null;
  const unknown = circular || short || (cursor === null && !state.terminal);
  const morePages = unknown ? 'unknown' : cursor === null ? 'no' : 'yes';
  const oddity = upstream && oddityOf(upstream);
  const nowhere = (args.fields ?? []).filter(
    (field) => field !== 'all' && !companies.some((company) => Object.hasOwn(company, fieldName(field))),
  );
  return {
    notices: [
      ...now.notices,
      oddity && `The page contradicts itself: ${oddity}.`,
      now.next !== cursor &&
        'next_cursor has characters that no page name has, and is shown without them, so it may not work. wait_and_collect follows the original.',
      circular && 'next_cursor points back to this page. Do not follow it.',
      offset > 0 &&
        offset >= companies.length &&
        `offset ${offset} is after the last row: the page has ${counted(companies.length, 'row')}, counted from 0.`,
      style.maxColumns !== undefined &&
        `A row is too long to show in full: its texts were cut to ${style.maxChars} characters, and at most ${style.maxColumns} fields are shown. Name the fields you need.`,
      nowhere.length > 0 && companies.length > 0 && `No row of this page has: ${renderNames(nowhere)}.`,
      short &&
        `next_cursor is null, but this may not be the end of the list: ${why}. wait_and_collect checks every page.`,
      cursor === null &&
        !state.terminal &&
        'next_cursor is null only because later pages are not written yet. The job is not done until its status says so.',
      !state.terminal && companies.length === 0 && NO_PAGE_YET,
      !state.results_final &&
        taken.length > 0 &&
        `These rows are PROVISIONAL: the job ${state.terminal ? 'failed after it delivered them' : 'is not final, and they can still change'}.`,
    ],
    parts: [
      statePart(state),
      shownPart(name, companies.length, offset, taken.length),
      part(
        { next_cursor: cursor, more_pages: morePages },
        `More pages: ${morePages}; next_cursor: ${cursor === null ? 'null' : pageWord(cursor)}`,
      ),
      rowsPart(tableOf(taken, style), now.numbers),
    ],
    nextStep:
      (circular ? null : stepFrom(args, now, offset + taken.length, state.results_final && !short)) ??
      nextStep(state, companies.length > 0 || args.cursor !== undefined),
  };
}

/** How much of a page is shown. */
function shownPart(page: string, rows: number, offset: number, shown: number): Part {
  return part(
    { page, row_count: rows, rows_returned: shown, rows_omitted: rows - shown },
    `Page ${pageWord(page)}: ${counted(rows, 'row')}, ${shown} returned from offset ${offset}, ${rows - shown} omitted.`,
  );
}

/** How to read on. @param end Rows of the page up to the last one shown. @param whole Whether the list has an end. */
function stepFrom(args: PageArgs, now: PageNow, end: number, whole: boolean): string | null {
  const { job_id, fields, max_chars, offset, max_rows } = args;
  const cursor = shownCursor(now.next);
  const rows = now.companies.length;
  const rest = end > offset && end < rows ? end : null;
  const behind = offset > 0 && offset >= rows;
  // Who asked for so many rows has them; whether to read on is his to say.
  if (whole && (behind || max_rows !== undefined)) {
    const ways = saidOf([
      behind && rows > 0 && `offset below ${rows} reads rows of this page`,
      rest !== null && `offset ${rest} reads further rows of this page`,
      cursor !== null && `cursor ${behind ? 'without offset ' : ''}reads the next page`,
    ]);
    return `${ways.join(', and ') || 'These are the last rows'}.`;
  }
  const call = (more: object) =>
    `Call get_bulk_page ${JSON.stringify({ job_id, ...more, fields, max_chars })}`;
  if (rest !== null) return `${call({ cursor: args.cursor, offset: rest })} for the rest of this page.`;
  if (cursor === null) return whole ? 'This was the last page.' : null;
  // A cursor with anything else in it is upstream's free text, and has no place in our sentence.
  return /^[A-Za-z0-9_.-]{1,100}$/.test(cursor)
    ? `${call({ cursor })} for the next page.`
    : 'Call get_bulk_page with the same job_id and cursor set to next_cursor for the next page.';
}

/** Companies of a whole list by country and size: how many there are, and the first of them. */
async function tellMatching(
  { cursor, ...again }: Input,
  style: RowStyle,
  budget: Budget,
  { lists }: Services,
  call: ToolCall,
): Promise<ToolAnswer> {
  const { job_id, locations, min_employees, max_employees, offset, max_rows: max = DEFAULT_ROWS } = again;
  if (cursor !== undefined)
    throw invalidInput(
      'cursor reads one page, but locations and sizes are looked for in the whole list: leave out cursor.',
    );
  checkSizes(min_employees, max_employees);
  const wanted = { locations: locations && toLocations(locations), min_employees, max_employees };
  const list = await lists.final(job_id, call);
  const found = await matchingRows(list, wanted, { offset, max, signal: call.signal });
  const { numbers, ...counts } = found;
  const { rows, distinct, unknown } = counts;
  const companies = await rowsOfList(list, numbers, call);
  const of = list.about.companies;
  const build = (count: number): ToolAnswer => {
    const next = offset + count;
    return {
      notices: [
        ...list.notices,
        unknown > 0 && `${counted(unknown, 'more row', 'are')} not counted: the country or size is unknown.`,
      ],
      parts: [
        statePart(list.state),
        part(
          { matching: { ...counts, of }, next_cursor: null, more_pages: 'no' },
          `${rows} of ${counted(of, 'row', 'match')}: ${counted(distinct, 'company')}, duplicates counted once.`,
        ),
        shownPart('all', rows, offset, count),
        rowsPart(tableOf(companies.slice(0, count), style), 'exact'),
      ],
      nextStep:
        rows === 0
          ? 'No company of the list matches. Tell the user so.'
          : next < rows
            ? `The counts are of the whole list. Call get_bulk_page ${JSON.stringify({ ...again, offset: next })} for more of the rows.`
            : 'No more rows match. Tell the user the counts.',
    };
  };
  return fitting(budget, [{ most: companies.length, least: 0, build }]);
}
