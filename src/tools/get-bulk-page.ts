import * as z from 'zod';
import { lowerFirst, oneLine } from '../lib/text.ts';
import type { PageNow } from '../lists/job-states.ts';
import { fieldName } from '../lists/selecting/fields.ts';
import { isTerminal } from '../openfunnel/status.ts';
import { pageNumber } from '../reading/read-ahead.ts';
import { expectedPages, expectedRows, type JobState, MAX_CURSOR, shownCursor } from '../reading/state.ts';
import { oddityOf } from '../reading/walk.ts';
import { pageWord } from '../reading/words.ts';
import { answer, part } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fits, largestFitting } from '../results/budget.ts';
import { hasUpstreamText, NO_PAGE_YET, statePart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import { renderNames } from '../results/render.ts';
import type { ToolResult } from '../results/result.ts';
import { type RowStyle, rowStyle, rowsPart, SHORT_REASON, showRow, tableOf } from '../results/rows.ts';
import { fields, jobId, jobState, maxChars, rowTable } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';
import { choosesTraits, matchingField, matchingPage, traits } from './parts/matching-page.ts';

/** Rows shown where the caller does not say how many. */
const DEFAULT_ROWS = 40;
/** A row that is too large for a result even alone is shown with so many characters a field, and so many fields. */
const TIGHT_CHARS = 40;
const TIGHT_COLUMNS = [200, 60, 20];

const input = z.strictObject({
  job_id: jobId,
  cursor: z
    .string()
    .min(1)
    .max(MAX_CURSOR)
    .optional()
    .describe('next_cursor of the previous page; default the first page.'),
  fields: fields.optional(),
  max_chars: maxChars,
  offset: z.int().min(0).max(1_000_000).default(0).describe('Rows of the page to skip.'),
  max_rows: z.int().min(1).max(100).optional().describe('Rows to show; default as many as fit, 40 or fewer.'),
  ...traits,
});
type Input = z.output<typeof input>;

export const getBulkPage = defineTool({
  name: 'get_bulk_page',
  title: 'Get a page of a bulk job',
  description:
    'Shows one page of the companies found by a lookalike job, best match first. Use it to read rows in the chat, or to count them by country and size. Free and changes nothing. Rows of a running job are provisional. For an overview of the whole list, use wait_and_collect. To write the list to a file, use export_bulk_results. To count, filter or compare companies, use query_companies.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output: jobState.extend({
    page: z.string().describe('Name of the page.'),
    row_count: z.number().describe('Companies on the page.'),
    ...rowTable,
    matching: matchingField,
    rows_returned: z.number().describe('Companies shown here.'),
    rows_omitted: z.number().describe('Companies of the page not shown here.'),
    next_cursor: z
      .string()
      .nullable()
      .describe('Cursor of the next page. Null says nothing about completion.'),
    more_pages: z
      .enum(['yes', 'no', 'unknown'])
      .describe('unknown while the job runs, or if OpenFunnel contradicts itself.'),
  }),
  async handle(args, services, call) {
    const style = rowStyle(args);
    const max = args.max_rows ?? DEFAULT_ROWS;
    const chosen = args.max_rows !== undefined || args.fields !== undefined || args.max_chars !== undefined;
    if (choosesTraits(args))
      return matchingPage(args, services, call, {
        style,
        max,
        budget: chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET,
      });
    const now = await services.states.page(args.job_id, args.cursor, call);
    const wanted = now.companies.slice(args.offset, args.offset + max);
    const build = (n: number, shown: RowStyle, maxColumns?: number) =>
      render(args, now, n, shown, maxColumns);
    if (!chosen) {
      const whole = build(wanted.length, style);
      if (fits(whole, DEFAULT_BUDGET)) return whole;
      const short = { ...style, reasonChars: SHORT_REASON };
      const { n, built } = largestFitting(wanted.length, DEFAULT_BUDGET, (count) => build(count, short));
      if (n > 0) return built;
    }
    const { n, built } = largestFitting(wanted.length, CHOSEN_BUDGET, (count) => build(count, style));
    if (n > 0 || wanted.length === 0) return built;
    // A row that does not fit even alone is shown cut rather than skipped, so that the walk goes on behind it.
    let tight = built;
    for (const columns of TIGHT_COLUMNS) {
      tight = build(1, { ...style, maxChars: TIGHT_CHARS }, columns);
      if (fits(tight, CHOSEN_BUDGET)) break;
    }
    return tight;
  },
});

function render(args: Input, now: PageNow, count: number, style: RowStyle, maxColumns?: number): ToolResult {
  const { state, companies, firstRow, upstream } = now;
  const name = oneLine(now.name, MAX_CURSOR);
  const cursor = shownCursor(now.next);
  const taken = companies.slice(args.offset, args.offset + count);
  const table = tableOf(
    taken.map((company, index) => ({
      row: firstRow + args.offset + index,
      shown: showRow(company, style),
    })),
    maxColumns,
  );
  const end = args.offset + taken.length;
  const omitted = companies.length - taken.length;
  // A page that names itself as the next one would send the reader round for ever.
  const circular = now.next !== null && now.next === now.name;
  const short = cursor === null && isTerminal(state.status) ? shortOf(now) : null;
  const morePages =
    circular || short !== null ? 'unknown' : cursor !== null ? 'yes' : state.terminal ? 'no' : 'unknown';
  const notices = [...now.notices, ...noticesFor(args, now, circular, style, maxColumns)];
  if (short !== null) notices.push(short);
  else if (morePages === 'unknown' && !circular) notices.push(NOT_WRITTEN_YET);
  if (!state.terminal && companies.length === 0) notices.push(NO_PAGE_YET);
  if (!state.results_final && taken.length > 0) notices.push(state.terminal ? LEFT_OVER : PROVISIONAL);
  const behind = args.offset > 0 && args.offset >= companies.length && state.results_final && short === null;
  const offset = taken.length > 0 && end < companies.length ? end : null;
  return answer({
    untrusted: taken.length > 0 || hasUpstreamText(state) || upstream !== null,
    notices,
    parts: [
      statePart(state),
      part(
        { page: name, row_count: companies.length, rows_returned: taken.length, rows_omitted: omitted },
        `Page ${pageWord(name)}: ${companies.length} rows, ${taken.length} returned from offset ${args.offset}, ${omitted} omitted.`,
      ),
      part(
        { next_cursor: cursor, more_pages: morePages },
        `More pages: ${morePages}; next_cursor: ${cursor === null ? 'null' : pageWord(cursor)}`,
      ),
      rowsPart(table, now.numbers),
    ],
    nextStep: circular
      ? nextStep(state, true)
      : behind
        ? nextBehind(companies.length, cursor)
        : (next(args, state, offset, cursor, short !== null) ??
          nextStep(state, companies.length > 0 || args.cursor !== undefined)),
  });
}

/** How it is open whether a page that names no next one is the last, in words, or null. */
function shortOf({ state, name, why, companies, firstRow }: PageNow): string | null {
  if (why !== null && state.results_final)
    return `next_cursor is null, but this may not be the end of the list: ${why}. wait_and_collect checks every page.`;
  const number = pageNumber(name);
  const pages = expectedPages(state);
  const expected = expectedRows(state);
  const missing =
    number !== null && pages !== null && number + 1 < pages
      ? `the manifest promises ${pages} pages`
      : state.results_final && expected !== null && firstRow - 1 + companies.length < expected.rows
        ? `${lowerFirst(expected.said)} ${expected.rows} companies`
        : null;
  return missing === null
    ? null
    : `next_cursor is null, but this is not the end of the list: ${missing}. wait_and_collect checks every page.`;
}

const PROVISIONAL = 'These rows are PROVISIONAL: the job is not final, and they can still change.';
const LEFT_OVER = 'These rows are PROVISIONAL: the job failed after it delivered them.';
const NOT_WRITTEN_YET =
  'next_cursor is null only because later pages are not written yet. The job is not done until its status says so.';

function noticesFor(
  args: Input,
  { companies, upstream, next: cursor }: PageNow,
  circular: boolean,
  style: RowStyle,
  maxColumns: number | undefined,
): string[] {
  const notices: string[] = [];
  const oddity = upstream && oddityOf(upstream);
  if (oddity) notices.push(`The page contradicts itself: ${oddity}.`);
  if (cursor !== shownCursor(cursor)) {
    notices.push(
      'next_cursor has characters that no page name has, and is shown without them, so it may not work. wait_and_collect follows the original.',
    );
  }
  if (circular) notices.push('next_cursor points back to this page. Do not follow it.');
  if (args.offset > 0 && args.offset >= companies.length) {
    notices.push(
      `offset ${args.offset} is after the last row: the page has ${companies.length} rows, counted from 0.`,
    );
  }
  if (maxColumns !== undefined) {
    notices.push(
      `A row is too long to show in full: its texts were cut to ${style.maxChars} characters, and at most ${maxColumns} fields are shown. Name the fields you need.`,
    );
  }
  if (args.fields) {
    const nowhere = args.fields.filter(
      (field) => field !== 'all' && !companies.some((company) => Object.hasOwn(company, fieldName(field))),
    );
    if (nowhere.length > 0 && companies.length > 0) {
      notices.push(`No row of this page has: ${renderNames(nowhere)}.`);
    }
  }
  return notices;
}

/** What to do after an offset behind the last row of a page. */
function nextBehind(rows: number, cursor: string | null): string {
  const here = rows === 0 ? 'This page has no rows' : `An offset below ${rows} reads rows of this page`;
  return cursor === null
    ? `${here}; no page follows.`
    : `${here}; cursor set to next_cursor, without offset, reads the next page.`;
}

function next(
  args: Input,
  state: JobState,
  offset: number | null,
  cursor: string | null,
  short: boolean,
): string | null {
  // Who asked for so many rows has them; whether to read on is his to say.
  if (args.max_rows !== undefined && state.results_final && !short) {
    if (offset === null) return cursor === null ? 'These are the last rows.' : 'cursor reads the next page.';
    return cursor === null
      ? `offset ${offset} reads further rows of this page.`
      : `offset ${offset} reads further rows of this page, and cursor the next page.`;
  }
  const { fields: chosen, max_chars } = args;
  const call = (extra: Record<string, unknown>) =>
    `Call get_bulk_page ${JSON.stringify({ job_id: args.job_id, ...extra, ...(chosen ? { fields: chosen } : {}), ...(max_chars ? { max_chars } : {}) })}`;
  if (offset !== null) {
    return `${call({ ...(args.cursor === undefined ? {} : { cursor: args.cursor }), offset })} for the rest of this page.`;
  }
  // A cursor with anything else in it is upstream's free text, and has no place in our sentence.
  if (cursor !== null && /^[A-Za-z0-9_.-]{1,100}$/.test(cursor))
    return `${call({ cursor })} for the next page.`;
  if (cursor !== null)
    return 'Call get_bulk_page with the same job_id and cursor set to next_cursor for the next page.';
  return state.results_final && !short ? 'This was the last page.' : null;
}
