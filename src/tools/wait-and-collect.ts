import * as z from 'zod';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import type { Collection } from '../jobs/collect.ts';
import { faultOf, nextStep, promised } from '../jobs/state.ts';
import { quoted } from '../lib/text.ts';
import { toExclusions } from '../lists/exclusions.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { answer, type Part, part } from '../results/answer.ts';
import { type Budget, CHOSEN_BUDGET, DEFAULT_BUDGET, fits, largestFitting } from '../results/budget.ts';
import {
  aboutProcessed,
  filePart,
  groupPages,
  hasUpstreamText,
  manifestPart,
  missingPart,
  NO_PAGE_YET,
  type PageGroup,
  pagesPart,
  statePart,
  summaryPart,
} from '../results/job-parts.ts';
import type { ToolResult } from '../results/result.ts';
import { type NumberedRow, rowStyle, rowsPart, SHORT_REASON, showRow, tableOf } from '../results/rows.ts';
import {
  csvStyle,
  exportedFile,
  fields,
  jobId,
  jobState,
  manifest,
  maxChars,
  rowTable,
  toCsvStyle,
} from '../results/schema.ts';
import { defineTool } from './define-tool.ts';
import { type Enough, enoughOutput, enoughPart, enoughStep } from './enough.ts';
import { exclude, excludedFields, excludedPart, type FileSelection, selectFor } from './exclude.ts';
import { linkTo } from './export-bulk-results.ts';

const input = z.strictObject({
  job_id: jobId,
  max_wait_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(45)
    .describe('Many clients give up on a call after a minute: go higher only where yours does not.'),
  sample_rows: z
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('Companies to show of each page; default 3, fewer where there are many pages.'),
  fields: fields.optional().describe('Row fields of the samples, as in get_bulk_page; a file has all.'),
  max_chars: maxChars,
  export: z
    .enum(['none', ...EXPORT_FORMATS])
    .default('none')
    .describe(
      'Also write all companies, with all fields, to a new file on this machine, once the list is complete (not before). For chosen fields or several jobs: export_bulk_results.',
    ),
  enough: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Return before the end, as soon as this many companies can be read, not counting seeds, duplicates and companies on imported lists. The job runs on, and costs more, unless cancel_bulk_job stops it.',
    ),
  exclude: exclude.describe(
    'Whom to leave out of the exported file, as in export_bulk_results, such as ["seeds", "duplicates", "known:crm"].',
  ),
  ...csvStyle,
});
type Input = z.output<typeof input>;

const SAMPLE_ROWS = 3;
/** Pages told one by one; more are told in groups. */
const MAX_GROUPS = [20, 10, 5, 2];

const counts = (what: string) => z.array(z.object({ value: z.string(), count: z.number() })).describe(what);

export const waitAndCollect = defineTool({
  name: 'wait_and_collect',
  title: 'Wait for a bulk job and collect its results',
  description:
    'Waits for a job and collects it, the normal step after submit_lookalikes_bulk: polls until it ends, enough is reached or max_wait_seconds are up, then reads and checks all its pages and returns a summary of the companies with samples. Free; keeps the rows on this machine, writes a file only with export. terminal false: call again with the same arguments; if enough_reached, first ask whether to cancel_bulk_job, as the job still spends, or to go on without enough. complete true: every page was read and agrees with all that OpenFunnel says. Completed or cancelled but not complete: see notices, call again once, then offer export_bulk_results with allow_partial; never submit again. Failed: no final list; tell the user error_message, and ask before a new submit, billed anew. For single pages use get_bulk_page, for a look without waiting get_bulk_status.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output: jobState.extend({
    manifest,
    complete: z
      .boolean()
      .describe(
        'All that the job delivered was read and checked; that can be fewer than requested_limit, and of a cancelled job is what came before the cancel.',
      ),
    waited_seconds: z.number().describe('How long this call took.'),
    polls: z.number().describe('How often the job was looked at.'),
    requested_limit: z
      .number()
      .nullable()
      .describe('Companies asked for; null for a job submitted elsewhere.'),
    readable_now: z
      .number()
      .nullable()
      .describe('Of a job that has not ended: at least so many companies can be read now.'),
    summary: z
      .object({
        companies: z.number().describe('Rows read.'),
        unique_domains: z.number().describe('Domains, each once.'),
        duplicate_domains: z.number().describe('Rows whose domain an earlier row has.'),
        without_domain: z.number().describe('Rows without a domain.'),
        top_countries: counts('Headquarters countries, commonest first.'),
        employee_sizes: counts('Sizes, in order.'),
        funding_stages: counts('Funding stages, commonest first.'),
        top_industries: counts('Industries, commonest first.'),
        counts_are: z.string().describe('What the counts count.'),
      })
      .nullable()
      .describe(
        'What the companies read are like, of a part only where complete is false; null until the job has ended.',
      ),
    pages: z
      .array(
        z.object({
          page: z.string().describe('The page, or a range of pages.'),
          pages: z.number().describe('Pages in it.'),
          rows: z.number().describe('Companies on it.'),
          first_row: z.number().nullable().describe('Number of its first company in the whole list.'),
          last_row: z.number().nullable().describe('Number of its last one.'),
          top_industries: z.array(z.string()).describe('Its three commonest industries: a drift shows here.'),
          sample: z
            .array(z.array(z.unknown()))
            .describe('Some of its companies, each a list of cells in the order of columns.'),
        }),
      )
      .describe('Pages that were read.'),
    ...rowTable,
    rows: rowTable.rows.describe(
      'Of a job that has not ended: up to ten provisional companies, cells in the order of columns. Else empty: see pages[].sample.',
    ),
    missing_pages: z
      .array(
        z.object({ page: z.string().describe('The page, or a range.'), reason: z.string().describe('Why.') }),
      )
      .describe('Pages that could not be read: the list is not complete without them.'),
    export: exportedFile.nullable().describe('The file that was written, or null.'),
    ...enoughOutput,
    ...excludedFields,
  }),
  async handle(args, { jobs, lists }, call) {
    const exclusions = toExclusions(args.exclude ?? []);
    const format = args.export === 'none' ? undefined : args.export;
    const style = rowStyle(args);
    let maxWaitMs = args.max_wait_seconds * 1000;
    let enough: Enough = null;
    if (args.enough !== undefined) {
      const request = { jobId: args.job_id, enough: args.enough, maxWaitMs };
      const waited = await lists.waitForEnough(request, call);
      enough = { waited, wanted: args.enough };
      // Only its state is still to be read.
      maxWaitMs = waited.state.terminal ? waited.leftMs : 0;
    }
    const collection = await jobs.collect(
      {
        jobId: args.job_id,
        maxWaitMs,
        sampleRows: args.sample_rows ?? SAMPLE_ROWS,
        pick: (row) => showRow(row, style),
        // Whom to leave out is known only when all has been read.
        exportFormat: exclusions.length === 0 ? format : undefined,
        csv: toCsvStyle(args),
      },
      call,
    );
    let facts: FileSelection['facts'] = { excluded: null, excluded_companies: [] };
    if (exclusions.length > 0 && collection.complete) {
      try {
        const selection = await selectFor(lists, [args.job_id], exclusions, call);
        facts = selection.facts;
        collection.notices.push(...selection.notices);
        if (format) {
          const select = selection.select ?? undefined;
          const request = { jobId: args.job_id, format, csv: toCsvStyle(args), select };
          const rest = { fields: undefined, dedupe: false, fileName: undefined, allowPartial: false };
          collection.export = (await jobs.export({ ...request, ...rest }, call)).file;
        }
      } catch (error) {
        if (!(error instanceof OpenFunnelError)) throw error;
        collection.notices.push(`Nothing was left out and nothing exported: ${error.message}`);
      }
    }
    return fitToBudget(args, collection, enough, facts);
  },
});

/** Reasons shrink first, then there are fewer samples, then the pages are told in coarser groups. */
function fitToBudget(
  args: Input,
  collection: Collection,
  enough: Enough,
  facts: FileSelection['facts'],
): ToolResult {
  const chosen = args.sample_rows !== undefined || args.fields !== undefined || args.max_chars !== undefined;
  const budget: Budget = chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET;
  const samples = samplesOf(collection);
  const first = groupPages(collection.pages, MAX_GROUPS[0] ?? 1);
  const whole = render(collection, enough, facts, samples, samples.length, first, null);
  if (fits(whole, budget)) return whole;
  const reason = chosen ? null : SHORT_REASON;
  let last = whole;
  for (const maxGroups of MAX_GROUPS) {
    const groups = groupPages(collection.pages, maxGroups);
    const { n, built } = largestFitting(samples.length, budget, (count) =>
      render(collection, enough, facts, samples, count, groups, reason),
    );
    if (fits(built, budget) && (n > 0 || samples.length === 0)) return built;
    last = built;
  }
  return last;
}

/** Every sampled company, the first ones of all pages before the second ones, with its number in the list. */
function samplesOf({ pages, provisional }: Collection): NumberedRow[] {
  if (provisional) return provisional.sample.map((shown, index) => ({ row: index + 1, shown }));
  const most = Math.max(0, ...pages.map(({ sample }) => sample.length));
  const samples: NumberedRow[] = [];
  for (let index = 0; index < most; index += 1) {
    for (const { sample, first_row } of spread(pages)) {
      const shown = sample[index];
      if (shown) samples.push({ row: (first_row ?? 1) + index, shown });
    }
  }
  return samples;
}

/** The same items in an order whose beginning, wherever it ends, is spread over all of them. */
function spread<T>(items: readonly T[]): T[] {
  const order = items.map((item, index) => ({ item, at: (index * 0.6180339887498949) % 1 }));
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

function render(
  collection: Collection,
  enough: Enough,
  facts: FileSelection['facts'],
  all: readonly NumberedRow[],
  sampleCount: number,
  groups: readonly PageGroup[],
  reasonChars: number | null,
): ToolResult {
  const { state, complete, waited_seconds, polls, summary, provisional, requested } = collection;
  const shown = all
    .slice(0, sampleCount)
    .sort((a, b) => a.row - b.row)
    .map(({ row, shown: cells }) => ({
      row,
      shown: reasonChars === null ? cells : showRow(cells, { fields: undefined, maxChars: 80, reasonChars }),
    }));
  const notices = [...collection.notices, ...noticesFor(collection, enough?.waited.reached === true)];
  if (sampleCount < all.length)
    notices.push(
      `To fit, ${sampleCount} of ${all.length} sample companies are shown; get_bulk_page has all.`,
    );
  const file = collection.export;
  const table = tableOf(shown);
  const rows = rowsPart(table, provisional ? 'expected' : collection.numbers);
  const parts: Array<Part | null> = [
    statePart(state),
    manifestPart(state),
    part(
      { complete, waited_seconds, polls, requested_limit: requested },
      `Complete: ${complete}. Waited ${waited_seconds} s, ${polls} polls.${requested === null ? '' : ` Asked for: ${requested} companies.`}`,
    ),
    provisional
      ? part({ readable_now: provisional.rows }, `Readable now: at least ${provisional.rows} companies.`)
      : part({ readable_now: null }),
    summary ? summaryPart(summary) : part({ summary: null }),
    file
      ? { fields: { export: filePart(file).fields }, lines: filePart(file).lines }
      : part({ export: null }),
    excludedPart(facts),
    enoughPart(enough, state),
    missingPart(collection.missing_pages),
    pagesPart(groups, table),
    provisional ? rows : { fields: { ...rows.fields, rows: [] }, lines: rows.lines },
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
    nextStep: enoughStep(enough, state) ?? next(collection),
    error: failureOf(collection),
    link: file ? linkTo(file) : null,
  });
}

function noticesFor(
  { state, complete, summary, provisional, requested, pages }: Collection,
  enough: boolean,
): string[] {
  const notices: string[] = [];
  if (provisional) {
    if (!enough)
      notices.push('The time is up and the job has not ended yet; this is no error and nothing is lost.');
    if (provisional.rows === 0) {
      notices.push(NO_PAGE_YET);
    } else {
      notices.push(
        `The companies shown are PROVISIONAL: they can still change. At least ${provisional.rows} can be read now, and about as many would be billed if the job were cancelled now.`,
      );
    }
  }
  if (state.status === 'cancelled')
    notices.push('PARTIAL: the job was cancelled; these are all the companies it delivered.');
  if (state.status === 'failed' && pages.length > 0)
    notices.push('These companies are PROVISIONAL: what the job delivered before it failed.');
  const found = summary?.companies ?? 0;
  if (state.status === 'completed' && complete && requested !== null && found < requested)
    notices.push(`${found} of the ${requested} asked for: the search found no more.`);
  const processed = aboutProcessed(state);
  if (processed !== null) notices.push(processed);
  return notices;
}

function next({ state, complete, missing_pages: missing, pages, summary }: Collection): string {
  const id = JSON.stringify(state.job_id);
  const again = `wait_and_collect {"job_id": ${id}}`;
  if (!state.terminal) {
    if (nextStep(state).startsWith('This server')) return nextStep(state);
    return `Call ${again} again to go on waiting; do not submit again. If the companies are not what the user wants, cancel_bulk_job {"job_id": ${id}} stops the spending.`;
  }
  if (state.status === 'failed')
    return nextStep(state, (summary?.companies ?? 0) > 0 || (missing.length > 0 ? null : false));
  if (missing.length > 0)
    return `Call ${again} again: it goes on where this call stopped; until then the list is not complete.`;
  if (!complete)
    return `Tell the user that the list has less than OpenFunnel promises; ${again} reads it again, export_bulk_results {"job_id": ${id}, "allow_partial": true} writes what there is.`;
  if (pages.length === 0 || summary?.companies === 0)
    return 'The job delivered no companies; a wider search would be a new submit, billed anew.';
  return `Check that the companies fit what the user asked for (industries, countries, any drift along the pages) and say so when you present them; get_bulk_page {"job_id": ${id}} shows them page by page, export_bulk_results {"job_id": ${id}} writes them all to a file.`;
}

function failureOf({ state, broken, summary, pages }: Collection): OpenFunnelError | null {
  if (state.status === 'failed') {
    const credits = promised(state, 'credits_consumed');
    const cost =
      credits === null
        ? 'OpenFunnel bills when a job completes, so a failed one should have cost nothing; the OpenFunnel dashboard tells for sure'
        : `It consumed ${credits} credits`;
    const companies = summary?.companies ?? 0;
    const readable =
      companies === 0
        ? 'It delivered no companies'
        : `${companies} companies on ${pages.length} pages are still readable with get_bulk_page`;
    const side =
      faultOf(state) !== 'openfunnel'
        ? ''
        : ' The fault seems to be on OpenFunnel’s side: the same search can be tried again later, with the user’s consent (a new job, billed anew).';
    return new OpenFunnelError(
      'job_failed',
      `The job failed at OpenFunnel${state.error_message === null ? '' : `, which said: ${quoted(state.error_message, 300)}`}. ${readable}. ${cost}.${side}`,
      { quotesUpstream: state.error_message !== null },
    );
  }
  if (broken === null) return null;
  return new OpenFunnelError(
    'upstream_invalid_response',
    "OpenFunnel's pages contradict each other, so reading them was stopped; what was read before is below, and it is NOT complete.",
    { retryable: true },
  );
}
