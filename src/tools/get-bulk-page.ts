import * as z from 'zod';
import { pageNumber } from '../jobs/read-ahead.ts';
import {
  expectedPages,
  expectedRows,
  isTerminal,
  type JobState,
  MAX_CURSOR,
  nextStep,
  promised,
  shownCursor,
} from '../jobs/state.ts';
import { oddityOf } from '../jobs/walk.ts';
import { CUT_MARK, lowerFirst, oneLine } from '../lib/text.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { DEFAULT_BUDGET, FULL_BUDGET, largestFitting } from '../results/budget.ts';
import { renderNames, renderState, renderTable, textColumns, UNTRUSTED } from '../results/render.ts';
import { success } from '../results/result.ts';
import { showRow } from '../results/rows.ts';
import { fields, jobId, jobState, row } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

/** Longest text of one field in a row that is too large for a result. Characters. */
const TIGHT_FIELD = 60;

const input = z.strictObject({
  job_id: jobId,
  cursor: z
    .string()
    .min(1)
    .max(MAX_CURSOR)
    .optional()
    .describe('next_cursor of the page before; none: the first page.'),
  fields: fields.optional(),
  offset: z.int().min(0).max(1_000_000).default(0).describe('First row within the page, from 0.'),
  max_rows: z.int().min(1).max(100).default(100),
});

export const getBulkPage = defineTool({
  name: 'get_bulk_page',
  title: 'Get a page of a bulk job',
  description:
    'Returns the rows of one page of a job, as a table. For looking at companies; for an overview of all pages use wait_and_collect. Rows of a job that is not final are provisional. Large selections are cut to fit; rows_omitted tells how many, offset gets them. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output: jobState.extend({
    page: z.string(),
    row_count: z.number(),
    rows: z.array(row),
    rows_returned: z.number(),
    rows_omitted: z.number(),
    next_cursor: z.string().nullable(),
    more_pages: z.enum(['yes', 'no', 'unknown']),
  }),
  async handle(args, { jobs }, call) {
    const { page, state, notices } = await jobs.page(args.job_id, args.cursor, call);
    const wanted = page.rows.slice(args.offset, args.offset + args.max_rows);
    const fieldChoice = args.fields;
    const shown = wanted.map((each) => showRow(each, fieldChoice));
    const budget = args.fields ? FULL_BUDGET : DEFAULT_BUDGET;
    const { n, built } = largestFitting(shown.length, budget, (count) =>
      render(args, page, state, shown.slice(0, count), notices),
    );
    const [first] = wanted;
    if (n > 0 || !first) return built;
    // A row that does not fit even alone is shown cut rather than skipped, so that the walk goes on behind it.
    return render(args, page, state, [showRow(first, fieldChoice, TIGHT_FIELD)], notices);
  },
});

function render(
  args: z.output<typeof input>,
  page: JobPage,
  state: JobState,
  rows: Record<string, unknown>[],
  said: readonly string[],
) {
  const name = oneLine(page.page ?? args.cursor ?? 'page_0000', MAX_CURSOR);
  const cursor = shownCursor(page.next_cursor);
  const end = args.offset + rows.length;
  const rowsLeft = Math.max(0, page.rows.length - end);
  // A page that names itself as the next one would send the reader round for ever.
  const circular = page.next_cursor !== null && page.next_cursor === (page.page ?? args.cursor);
  const short = cursor === null && isTerminal(state.status) ? shortOf(state, page, args.cursor) : null;
  const morePages =
    circular || short !== null
      ? 'unknown'
      : cursor !== null
        ? 'yes'
        : isTerminal(state.status)
          ? 'no'
          : 'unknown';
  const structured = {
    ...state,
    next_step: circular
      ? nextStep(state)
      : next(args, state, rows.length > 0 && rowsLeft > 0 ? end : null, cursor, short !== null),
    page: name,
    row_count: page.rows.length,
    rows,
    rows_returned: rows.length,
    rows_omitted: page.rows.length - rows.length,
    next_cursor: cursor,
    more_pages: morePages,
  };
  const lines = [
    renderState(state),
    `Page ${name}: ${page.rows.length} rows, ${rows.length} returned from offset ${args.offset}, ${structured.rows_omitted} omitted.`,
    `More pages: ${morePages}${circular || short !== null ? '.' : WHY[morePages]}`,
  ];
  if (cursor !== null) lines.push(`next_cursor: ${cursor}`);
  if (!state.results_final) lines.push(state.terminal ? LEFT_OVER : PROVISIONAL);
  if (rows.length > 0) {
    if (!args.fields)
      lines.push('match_reason: in the structured rows, shortened; here and in full, where fields names it.');
    lines.push(UNTRUSTED, renderTable(textColumns(args.fields !== undefined, rows), rows));
  }
  return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), [
    ...said,
    ...noticesFor(args, page, rows, circular),
    ...(short === null ? [] : [short]),
  ]);
}

/** How a page that names no next one falls short of what the manifest promises, in words, or null. */
function shortOf(state: JobState, page: JobPage, cursor: string | undefined): string | null {
  const number = cursor === undefined ? 0 : pageNumber(page.page ?? cursor);
  if (number === null) return null;
  const pages = expectedPages(state);
  const expected = expectedRows(state);
  const size = promised(state, 'page_size');
  const read = number === 0 ? page.rows.length : size === null ? null : number * size + page.rows.length;
  const missing =
    pages !== null && number + 1 < pages
      ? `the manifest promises ${pages} pages`
      : state.results_final && expected !== null && read !== null && read < expected.rows
        ? `${lowerFirst(expected.said)} ${expected.rows} companies`
        : null;
  return missing === null
    ? null
    : `next_cursor is null, but this is not the end of the list: ${missing}. wait_and_collect checks every page.`;
}

const PROVISIONAL = 'These rows are PROVISIONAL: the job is not final, and they can still change.';
const LEFT_OVER =
  'The job failed: these rows are PROVISIONAL, what it delivered before that and never completed.';

const WHY = {
  yes: '.',
  no: ': the job has ended and this is its last page.',
  unknown:
    ': next_cursor is null only because later pages are not written yet; the job is not done until its status says so.',
} as const;

function noticesFor(
  args: z.output<typeof input>,
  page: JobPage,
  rows: ReadonlyArray<Record<string, unknown>>,
  circular: boolean,
): string[] {
  const notices: string[] = [];
  const oddity = oddityOf(page);
  if (oddity !== null) notices.push(`The page disagrees with itself: ${oddity}.`);
  if (page.next_cursor !== shownCursor(page.next_cursor)) {
    notices.push(
      'next_cursor holds what no page name has and is shown cleaned, so it may lead nowhere; wait_and_collect follows it as it is.',
    );
  }
  if (circular) notices.push('next_cursor points back to this very page: do not follow it.');
  if (args.offset > 0 && args.offset >= page.rows.length) {
    notices.push(`offset ${args.offset} is behind the last row; the page has ${page.rows.length}, from 0.`);
  }
  if (
    rows.some((row) =>
      Object.values(row).some((value) => typeof value === 'string' && value.endsWith(CUT_MARK)),
    )
  ) {
    notices.push(`Texts that end in ${CUT_MARK} were cut to fit; export_bulk_results writes them longer.`);
  }
  if (args.fields) {
    const nowhere = args.fields.filter(
      (field) => field !== 'all' && !page.rows.some((row) => Object.hasOwn(row, field)),
    );
    if (nowhere.length > 0 && page.rows.length > 0) {
      notices.push(`No row of this page has: ${renderNames(nowhere)}.`);
    }
  }
  return notices;
}

function next(
  args: z.output<typeof input>,
  state: JobState,
  offset: number | null,
  cursor: string | null,
  short: boolean,
): string {
  const call = (extra: Record<string, unknown>) =>
    `Call get_bulk_page ${JSON.stringify({ job_id: args.job_id, ...extra, ...(args.fields ? { fields: args.fields } : {}) })}`;
  if (offset !== null) {
    return `${call({ ...(args.cursor === undefined ? {} : { cursor: args.cursor }), offset })} for the rest of this page.`;
  }
  // A cursor with anything else in it is upstream's free text, and has no place in our sentence.
  if (cursor !== null && /^[A-Za-z0-9_.-]{1,100}$/.test(cursor))
    return `${call({ cursor })} for the next page.`;
  if (cursor !== null)
    return 'Call get_bulk_page with the same job_id and cursor set to next_cursor for the next page.';
  return state.results_final && !short ? 'This was the last page; nothing more to read.' : nextStep(state);
}
