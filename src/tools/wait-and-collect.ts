import * as z from 'zod';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import type { Collection } from '../lists/collect.ts';
import { netNew, waitForEnough } from '../lists/enough.ts';
import { toExclusions } from '../lists/selecting/exclusion.ts';
import { toRanks } from '../lists/selecting/ranks.ts';
import { answer, type Part, part } from '../results/answer.ts';
import { type Budget, CHOSEN_BUDGET, DEFAULT_BUDGET, fits, largestFitting } from '../results/budget.ts';
import {
  type AskedFor,
  collectionFailure,
  collectionNotices,
  collectionStep,
} from '../results/collection.ts';
import { fitFields, fitPart, searchToPropose } from '../results/fit-part.ts';
import {
  exportPart,
  groupPages,
  hasUpstreamText,
  manifestPart,
  missingPart,
  type PageGroup,
  pagesPart,
  statePart,
} from '../results/job-parts.ts';
import { invalidInput, type ToolResult } from '../results/result.ts';
import { type NumberedRow, rowStyle, rowsPart, SHORT_REASON, showRow, tableOf } from '../results/rows.ts';
import {
  exportedFile,
  fields,
  jobId,
  jobState,
  manifest,
  maxChars,
  ranksText,
  rowTable,
} from '../results/schema.ts';
import { summaryField, summaryPart } from '../results/summary-part.ts';
import { linkTo } from './export-bulk-results.ts';
import { judgeAndWrite, type Written } from './parts/collected-file.ts';
import { defineTool } from './parts/define-tool.ts';
import { type Enough, enoughOutput, enoughPart, enoughStep } from './parts/enough.ts';
import { exclude, excludedFields, excludedPart, MAX_NAMED, newPart, notKnown } from './parts/exclude.ts';

const input = z.strictObject({
  job_id: jobId,
  max_wait_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(45)
    .describe('Longest wait. Many clients give up on a call after a minute.'),
  sample_rows: z
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('Sample companies per page; default 3, or fewer for many pages.'),
  fields: fields.optional().describe('Row fields of the samples, as in get_bulk_page.'),
  max_chars: maxChars,
  format: z
    .enum(['none', ...EXPORT_FORMATS])
    .default('none')
    .describe(
      'Also write the complete list, with all fields, to a file. export_bulk_results has more options.',
    ),
  rows: ranksText.describe('Only these ranks in the file: "1-180".'),
  enough: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Return early, once this many companies can be read. Seeds, duplicates and known companies do not count. The job runs on and costs more, unless cancel_bulk_job stops it.',
    ),
  exclude: exclude.describe('Companies to leave out of the file, as in export_bulk_results.'),
});
type Input = z.output<typeof input>;

/** Companies left out that are named where a result would be too long. */
const FEW_NAMED = 5;
/** Pages told one by one; more are told in groups. */
const MAX_GROUPS = [20, 10, 5, 2];

export const waitAndCollect = defineTool({
  name: 'wait_and_collect',
  title: 'Wait for a bulk job and collect its results',
  description:
    'Waits for a lookalike job, reads all its pages and summarizes the companies with samples. Call it after submit_lookalikes_bulk, and again until the job has ended. An early return is normal and loses nothing. Free. Stores the finished list on this machine, and writes a file only if `format` is given. For a quick look without waiting, use get_bulk_status. To read the rows, use get_bulk_page.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { export: 'format' },
  input,
  output: jobState.extend({
    manifest,
    complete: z
      .boolean()
      .describe(
        'Everything the job delivered was read and checked. That can be fewer companies than requested_limit.',
      ),
    waited_seconds: z.number().describe('How long this call took.'),
    polls: z.number().describe('Status requests.'),
    requested_limit: z
      .number()
      .nullable()
      .describe('Companies requested; null for a job submitted elsewhere.'),
    summary: summaryField,
    pages: z
      .array(
        z.object({
          page: z.string().describe('A page, or a range.'),
          pages: z.number().describe('Pages in the range.'),
          rows: z.number(),
          first_row: z.number().nullable(),
          last_row: z.number().nullable(),
          top_industries: z.array(z.string()).describe('The three commonest: they show a drift.'),
          sample: z.array(z.array(z.unknown())).describe('Some of its companies, as in rows.'),
        }),
      )
      .describe('Pages that were read.'),
    columns: rowTable.columns,
    row_numbers: rowTable.row_numbers,
    missing_pages: z
      .array(z.object({ page: z.string(), reason: z.string() }))
      .describe('Pages that could not be read.'),
    export: exportedFile.nullable().describe('The written file.'),
    ...enoughOutput,
    ...excludedFields,
    ...fitFields,
  }),
  async handle(args, services, call) {
    const exclusions = toExclusions(args.exclude ?? []);
    const format = args.format === 'none' ? undefined : args.format;
    const ranks = args.rows === undefined ? null : toRanks(args.rows);
    if (ranks !== null && format === undefined)
      throw invalidInput('rows cuts the file: give format as well, or ask query_companies.');
    let maxWaitMs = args.max_wait_seconds * 1000;
    let enough: Enough = null;
    const startedAt = services.clock.monotonic();
    if (args.enough !== undefined) {
      const request = { jobId: args.job_id, enough: args.enough, maxWaitMs };
      const waited = await waitForEnough(services, request, call);
      enough = { waited, wanted: args.enough };
      // Only its state is still to be read.
      maxWaitMs = waited.state.terminal ? waited.leftMs : 0;
    }
    const collection = await services.collector.collect(
      { jobId: args.job_id, maxWaitMs, sampleRows: args.sample_rows },
      call,
    );
    collection.waited_seconds = Math.round((services.clock.monotonic() - startedAt) / 100) / 10;
    const said = args.enough === undefined ? [] : await notKnown(services);
    const written: Written = {
      file: null,
      excluded: null,
      judgement: null,
      netNew: null,
      named: MAX_NAMED,
      asked: askedFor(args),
      charged: collection.state.status === 'failed' ? await services.noted.charged(args.job_id, call) : '',
      notices: said,
    };
    const { list, complete, provisional } = collection;
    if (enough && list && complete) written.netNew = await netNew(services.lists, list, call);
    else if (enough) {
      // What has come since it was counted is shown, so it counts too.
      const { waited, wanted } = enough;
      if (provisional?.list) {
        const now = await netNew(services.lists, provisional.list, call);
        waited.net_new = Math.max(waited.net_new ?? 0, now);
        waited.reached = waited.net_new >= wanted;
      }
      written.netNew = waited.net_new;
    }
    await judgeAndWrite({ format, exclusions, ranks }, collection, services, call, written);
    return fitToBudget(args, collection, enough, written);
  },
});

/** What of the arguments the next call is made with again. */
function askedFor({ format, rows, enough, exclude: left }: Input): AskedFor {
  return {
    args: {
      ...(format === 'none' ? {} : { format }),
      ...(rows === undefined ? {} : { rows }),
      ...(enough === undefined ? {} : { enough }),
      ...(left === undefined ? {} : { exclude: left }),
    },
    exclude: left,
  };
}

/** Fewer companies are named that were left out, then reasons shrink, then there are fewer samples, then the pages are told in coarser groups. */
function fitToBudget(args: Input, collection: Collection, enough: Enough, written: Written): ToolResult {
  const chosen = args.sample_rows !== undefined || args.fields !== undefined || args.max_chars !== undefined;
  const budget: Budget = chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET;
  const style = rowStyle(args);
  const samples = collection.samples.map(({ row, company }) => ({ row, shown: showRow(company, style) }));
  const first = groupPages(collection.pages, collection.industries, MAX_GROUPS[0] ?? 1);
  const whole = render(collection, enough, written, samples, samples.length, first, null);
  if (fits(whole, budget)) return whole;
  const few = { ...written, named: FEW_NAMED };
  let last = render(collection, enough, few, samples, samples.length, first, null);
  if (fits(last, budget)) return last;
  const reason = chosen ? null : SHORT_REASON;
  for (const maxGroups of MAX_GROUPS) {
    const groups = groupPages(collection.pages, collection.industries, maxGroups);
    const { n, built } = largestFitting(samples.length, budget, (count) =>
      render(collection, enough, few, samples, count, groups, reason),
    );
    if (fits(built, budget) && (n > 0 || samples.length === 0)) return built;
    last = built;
  }
  return last;
}

function render(
  collection: Collection,
  enough: Enough,
  written: Written,
  all: readonly NumberedRow[],
  sampleCount: number,
  groups: readonly PageGroup[],
  reasonChars: number | null,
): ToolResult {
  const { state, complete, waited_seconds, polls, summary, provisional, requested } = collection;
  const { file, excluded, judgement, named, asked, charged } = written;
  const shown = all
    .slice(0, sampleCount)
    .sort((a, b) => a.row - b.row)
    .map(({ row, shown: each }) => ({
      row,
      shown: reasonChars === null ? each : showRow(each, { fields: undefined, maxChars: 80, reasonChars }),
    }));
  const notices = [
    ...collection.notices,
    ...written.notices,
    ...(judgement?.notices ?? []),
    ...collectionNotices(collection, enough?.waited.reached === true),
  ];
  if (sampleCount < all.length)
    notices.push(
      `To fit, ${sampleCount} of ${all.length} sample companies are shown; get_bulk_page has all.`,
    );
  const step = enoughStep(enough, state, asked.args) ?? collectionStep(collection, asked, file);
  const search = judgement && searchToPropose(judgement);
  const table = tableOf(shown);
  const { fields: cells, lines } = rowsPart(table, collection.numbers);
  const parts: Array<Part | null> = [
    statePart(state),
    manifestPart(state),
    part(
      { complete, waited_seconds, polls, requested_limit: requested },
      `Complete: ${complete}. Waited ${waited_seconds} s, ${polls} polls.${requested === null ? '' : ` Asked for: ${requested} companies.`}`,
    ),
    fitPart(judgement),
    summary ? summaryPart(summary, collection.overlaps) : part({ summary: null }),
    exportPart(file),
    excludedPart(excluded, named),
    newPart(written.netNew, collection.list ? [collection.list] : []),
    enoughPart(enough, state, provisional?.rows ?? 0),
    missingPart(collection.missing_pages),
    pagesPart(groups, table),
    // The rows stand with their pages.
    { fields: { columns: cells.columns, row_numbers: cells.row_numbers }, lines },
  ];
  return answer({
    untrusted:
      shown.length > 0 ||
      summary !== null ||
      state.manifest !== null ||
      collection.quotesUpstream ||
      hasUpstreamText(state),
    notices,
    parts,
    nextStep: search ? `${step} ${search}` : step,
    error: collectionFailure(collection, charged),
    link: file ? linkTo(file) : null,
  });
}
