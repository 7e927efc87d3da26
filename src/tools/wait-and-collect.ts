import * as z from 'zod';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import type { Collection } from '../jobs/collect.ts';
import type { CollectedPage } from '../jobs/row-sinks.ts';
import { nextStep, promised } from '../jobs/state.ts';
import type { EnoughWait } from '../lists/enough.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { DEFAULT_BUDGET, FULL_BUDGET, largestFitting } from '../results/budget.ts';
import { renderState, renderSummary, renderTable, textColumns, UNTRUSTED } from '../results/render.ts';
import { failure, success, type ToolResult, withLink } from '../results/result.ts';
import { type ShownRow, showRow } from '../results/rows.ts';
import { csvStyle, exportedFile, fields, jobId, jobState, row, toCsvStyle } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';
import { linkTo, renderFile } from './export-bulk-results.ts';

const input = z.strictObject({
  job_id: jobId,
  max_wait_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(45)
    .describe('Many clients give up on a call after 60 s: go above 45 only where yours does not.'),
  sample_rows: z.int().min(0).max(20).default(3).describe('Rows to show per page.'),
  fields: fields.optional(),
  export: z
    .enum(['none', ...EXPORT_FORMATS])
    .default('none')
    .describe('Also write all rows to a file, once complete.'),
  enough: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Come back as soon as so many companies are there that are neither seed, duplicate nor known.'),
  ...csvStyle,
});
type Input = z.output<typeof input> & { waited: EnoughWait | null };

const counts = z.array(z.object({ value: z.string(), count: z.number() }));

export const waitAndCollect = defineTool({
  name: 'wait_and_collect',
  title: 'Wait for a bulk job and collect its results',
  description:
    'Polls a job until it ends or the time is up; once it has ended, reads all its pages and returns a summary with sample rows. The normal step after a submit. Time up is no error (complete: false): call it again with the same job_id, nothing is lost. For all rows of a page use get_bulk_page. Free.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output: jobState.extend({
    complete: z.boolean(),
    waited_seconds: z.number(),
    polls: z.number(),
    summary: z
      .object({
        companies: z.number(),
        unique_domains: z.number(),
        duplicate_domains: z.number(),
        without_domain: z.number(),
        top_countries: counts,
        employee_sizes: counts,
        funding_stages: counts,
        top_industries: counts,
      })
      .nullable(),
    pages: z.array(
      z.object({
        page: z.string(),
        rows: z.number(),
        first_row: z.number().nullable(),
        last_row: z.number().nullable(),
        sample: z.array(row),
      }),
    ),
    missing_pages: z.array(z.object({ page: z.string(), reason: z.string() })),
    export: exportedFile.nullable(),
    enough_reached: z.boolean().nullable(),
    net_new: z.number().nullable(),
    credits_so_far: z.number().nullable(),
  }),
  async handle(args, { jobs, lists }, call) {
    let maxWaitMs = args.max_wait_seconds * 1000;
    let enough: EnoughWait | null = null;
    if (args.enough !== undefined) {
      enough = await lists.waitForEnough({ jobId: args.job_id, enough: args.enough, maxWaitMs }, call);
      // Only its state is still to be read.
      maxWaitMs = enough.state.terminal ? enough.leftMs : 0;
    }
    const collection = await jobs.collect(
      {
        jobId: args.job_id,
        maxWaitMs,
        sampleRows: args.sample_rows,
        pick: (row) => showRow(row, args.fields),
        exportFormat: args.export === 'none' ? undefined : args.export,
        csv: toCsvStyle(args),
      },
      call,
    );
    const result = fitToBudget({ ...args, waited: enough }, collection);
    return collection.export ? withLink(result, linkTo(collection.export)) : result;
  },
});

/** Samples shrink first, alike on all pages and whole rows at a time; then the list of pages itself. */
function fitToBudget(args: Input, collection: Collection): ToolResult {
  const budget = args.fields || args.sample_rows > 3 ? FULL_BUDGET : DEFAULT_BUDGET;
  const sampled = largestFitting(args.sample_rows, budget, (n) =>
    render(args, collection, n, collection.pages.length),
  );
  if (sampled.n > 0) return sampled.built;
  return largestFitting(collection.pages.length, budget, (n) => render(args, collection, 0, n)).built;
}

function render(args: Input, collection: Collection, sampleRows: number, pageCount: number): ToolResult {
  const { state, complete, waited_seconds, polls, summary, missing_pages } = collection;
  const pages = collection.pages.slice(0, pageCount).map((page) => ({
    ...page,
    sample: page.sample.slice(0, sampleRows),
  }));
  const notices = [...collection.notices];
  if (state.status === 'cancelled')
    notices.push('PARTIAL: the job was cancelled; these are all the companies it delivered.');
  if (sampleRows < args.sample_rows && collection.pages.some((page) => page.sample.length > sampleRows)) {
    notices.push(
      `To fit, ${sampleRows} instead of ${args.sample_rows} sample rows a page are shown; get_bulk_page has the rest.`,
    );
  }
  if (pageCount < collection.pages.length) {
    notices.push(
      `To fit, ${pageCount} of ${collection.pages.length} pages are listed; get_bulk_page reads any page.`,
    );
  }
  const structured = {
    ...state,
    next_step: enoughStep(args, collection) ?? next(collection),
    complete,
    waited_seconds,
    polls,
    summary,
    pages,
    missing_pages,
    export: collection.export,
    ...enoughFacts(args, collection),
  };
  const lines = [renderState(state), `Complete: ${complete}. Waited ${waited_seconds} s, ${polls} polls.`];
  const said = enoughSaid(args, collection);
  if (said !== null) lines.push(said);
  else if (!state.terminal && args.waited !== null) {
    lines.push(
      `Not enough yet: ${args.waited.net_new ?? 'none counted'} of ${args.enough} companies that are neither seed, duplicate nor known; at least ${args.waited.delivered} credits are spent so far.`,
    );
  }
  if (!state.terminal && said === null)
    lines.push('The time is up and the job has not ended yet; this is no error and nothing is lost.');
  if (summary) lines.push(renderSummary(summary));
  if (collection.export) lines.push(renderFile(collection.export));
  if (missing_pages.length > 0) {
    lines.push('Pages NOT read:', ...missing_pages.map(({ page, reason }) => `- ${page}: ${reason}`));
  }
  if (pages.length > 0) lines.push(renderPages(args, pages));
  const text = [...lines, `Next: ${structured.next_step}`].join('\n');
  const error = failureOf(collection);
  return error ? failure(error, { structured, text, notices }) : success(structured, text, notices);
}

type ShownPage = Omit<CollectedPage, 'sample'> & { sample: ShownRow[] };

function renderPages(args: Input, pages: readonly ShownPage[]): string {
  const rows = pages.flatMap(({ sample, first_row }) =>
    sample.map((each, index) => ({ row: (first_row ?? 1) + index, ...each })),
  );
  const first = pages[0]?.page;
  const last = pages.at(-1)?.page;
  const sizes = [...new Set(pages.map((page) => page.rows))].join(', ');
  const lines = [`Pages: ${pages.length} (${first} to ${last}; rows a page: ${sizes})`];
  if (rows.length > 0 && !args.fields)
    lines.push('match_reason (shortened) of the sample rows is in the structured result.');
  if (rows.length > 0) lines.push(UNTRUSTED, renderTable(textColumns(args.fields !== undefined, rows), rows));
  return lines.join('\n');
}

function next({ state, complete, missing_pages: missing, pages }: Collection): string {
  const id = JSON.stringify(state.job_id);
  if (!state.terminal) {
    return `Call wait_and_collect {"job_id": ${id}} again to go on waiting; do not submit again.`;
  }
  if (state.status === 'failed') return nextStep(state);
  if (missing.length > 0) {
    return `Call wait_and_collect {"job_id": ${id}} again to try the pages that were not read; until then the list is not complete.`;
  }
  if (!complete)
    return `Tell the user that the list has less than its manifest promises; wait_and_collect {"job_id": ${id}} reads it again.`;
  if (pages.length === 0)
    return 'The job delivered no companies; a wider search would be a new submit, billed anew.';
  return `Present the summary; get_bulk_page {"job_id": ${id}} reads the rows page by page, export_bulk_results {"job_id": ${id}} writes them all to a file.`;
}

function failureOf({ state, broken, summary, pages }: Collection): OpenFunnelError | null {
  if (state.status === 'failed') {
    const credits = promised(state, 'credits_consumed');
    const cost =
      credits === null
        ? 'OpenFunnel bills when a job completes, so a failed one should have cost nothing; the OpenFunnel dashboard tells for sure'
        : `It consumed ${credits} credits`;
    const readable = `${summary?.companies ?? 0} companies on ${pages.length} pages are still readable with get_bulk_page`;
    return new OpenFunnelError(
      'job_failed',
      `The job failed at OpenFunnel${said(state.error_message)}. ${readable}. ${cost}.`,
    );
  }
  if (broken === null) return null;
  return new OpenFunnelError(
    'upstream_invalid_response',
    "OpenFunnel's pages contradict each other, so reading them was stopped; what was read before is below, and it is NOT complete.",
    { retryable: true },
  );
}

function said(message: string | null): string {
  return message === null ? '' : `, which said: "${message.replaceAll('"', "'")}"`;
}

/** What waiting for enough has found; of a job that has ended nothing is left to stop. */
function enoughFacts({ waited }: Input, { state }: Collection) {
  if (waited === null) return { enough_reached: null, net_new: null, credits_so_far: null };
  if (state.terminal) return { enough_reached: false, net_new: null, credits_so_far: null };
  return { enough_reached: waited.reached, net_new: waited.net_new, credits_so_far: waited.delivered };
}

function enoughSaid(args: Input, { state }: Collection): string | null {
  const { waited, enough } = args;
  if (!waited?.reached || state.terminal) return null;
  return `ENOUGH: ${waited.net_new} companies that are neither seed, duplicate nor known are there (${enough} were wanted), though the job goes on. At least ${waited.delivered} credits are spent so far, 1 per company delivered; the order of the rows is provisional.`;
}

function enoughStep(args: Input, collection: Collection): string | null {
  const { state } = collection;
  if (enoughSaid(args, collection) === null) return null;
  const id = JSON.stringify(state.job_id);
  return `Ask the user: cancel_bulk_job {"job_id": ${id}} stops the job and spends less, at the price of the final ranking (what is delivered until it stops is billed too); wait_and_collect {"job_id": ${id}} without enough goes on to the whole list.`;
}
