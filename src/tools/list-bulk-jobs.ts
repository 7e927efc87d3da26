import * as z from 'zod';
import type { LedgerJob, Submission } from '../jobs/ledger.ts';
import { oneLine } from '../lib/text.ts';
import { FULL_BUDGET, largestFitting } from '../results/budget.ts';
import { renderTable } from '../results/render.ts';
import { success, type ToolResult } from '../results/result.ts';
import { defineTool } from './define-tool.ts';

const MAX_QUERY = 200;
/** Submits of unknown outcome that are spoken of one by one. */
const MAX_UNSETTLED = 5;

export const listBulkJobs = defineTool({
  name: 'list_bulk_jobs',
  title: 'List the bulk jobs of this machine',
  description:
    'Lists the jobs submitted from this machine, and those looked at from here, newest first, from a local ledger (OpenFunnel itself has no list). For picking up a job whose job_id was lost. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(20),
    search: z
      .string()
      .max(200)
      .optional()
      .describe('Only jobs with these words in label, query, seed_domains or job_id.'),
    refresh: z.boolean().default(false).describe('Ask OpenFunnel about the jobs that have not ended.'),
  }),
  output: z.object({
    jobs: z.array(
      z.object({
        job_id: z.string(),
        submitted_at: z.string().nullable(),
        label: z.string().nullable(),
        query: z.string().nullable(),
        seed_domains: z.array(z.string()).nullable(),
        requested_limit: z.number().nullable(),
        status: z.string(),
        terminal: z.boolean(),
        processed: z.number().nullable(),
        checked_at: z.string(),
        other_key: z.boolean(),
        from_elsewhere: z.boolean(),
      }),
    ),
  }),
  async handle({ limit, refresh, search }, services, call) {
    const { jobs, unsettled, readable, unread } = await services.jobs.list(refresh ? limit : 0, call);
    const notices = [
      ...(readable ? [] : [UNREADABLE]),
      ...unsettled.slice(-MAX_UNSETTLED).map(unsettledNotice),
      ...unread.map(
        ({ job_id, code }) => `${job_id} could not be refreshed (${code}); its last known status is shown.`,
      ),
    ];
    if (unsettled.length > MAX_UNSETTLED)
      notices.push(`So it is with ${unsettled.length - MAX_UNSETTLED} earlier submits of the last 7 days.`);
    const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const matching = jobs.filter((job) => words.every((word) => searched(job).includes(word)));
    const wanted = matching.slice(0, limit);
    const { built } = largestFitting(wanted.length, FULL_BUDGET, (n) => {
      const left = wanted.length - n;
      const leftOut = `${left} older jobs were left out to fit; the resource lookalikes://jobs lists all.`;
      return render(wanted.slice(0, n), matching.length, refresh, left > 0 ? [...notices, leftOut] : notices);
    });
    return built;
  },
});

const UNREADABLE =
  'The ledger of jobs could not be read, so only what this process remembers is listed; ask the user to check OPENFUNNEL_STATE_DIR.';

function unsettledNotice({ at, request, label, outcome, other_key }: Submission): string {
  const what = [quotedSearch(label, request), `limit ${request.limit}`, other_key ? 'another API key' : '']
    .filter(Boolean)
    .join(', ');
  const happened =
    outcome === 'lost'
      ? 'was lost'
      : 'was never noted (the server that sent it ended before, or is still waiting for it)';
  return `The answer to a submit of ${new Date(at).toISOString()} (${what}) ${happened}: a job MAY exist that is in no list. The user can look on the OpenFunnel dashboard; a job_id found there can be read with wait_and_collect.`;
}

function render(
  jobs: readonly LedgerJob[],
  total: number,
  refreshed: boolean,
  notices: readonly string[],
): ToolResult {
  const lines = [
    `${jobs.length} of ${total} jobs, newest first${refreshed ? '' : '; statuses as last seen'}:`,
  ];
  const columns = COLUMNS.filter((column) => column !== 'label' || jobs.some(({ label }) => label !== null));
  if (jobs.length > 0) lines.push(renderTable(columns, jobs.map(line)));
  if (jobs.some(({ other_key }) => other_key))
    lines.push('(other key): noted with another API key; this one may not be able to read it.');
  lines.push('Next: wait_and_collect with a job_id goes on with a job, or collects one that has ended.');
  return success({ jobs: jobs.map(show) }, lines.join('\n'), notices);
}

const COLUMNS = ['job_id', 'submitted_at', 'label', 'search', 'requested_limit', 'status', 'processed'];

/** A job in the text: enough to tell it from the others. */
function line(job: LedgerJob): Record<string, unknown> {
  return {
    ...job,
    submitted_at: job.submitted_at ?? '(elsewhere)',
    search: job.request === null ? '(submitted elsewhere)' : quotedSearch(null, job.request),
    requested_limit: job.request?.limit ?? null,
    status: job.other_key ? `${job.status} (other key)` : job.status,
  };
}

function quotedSearch(
  label: string | null,
  { query, seed_domains: seeds = [] }: NonNullable<LedgerJob['request']>,
): string {
  const named = seeds.slice(0, 3).join(', ') + (seeds.length > 3 ? ` and ${seeds.length - 3} more` : '');
  return [label, named, oneLine(query ?? '', 80)].filter(Boolean).join(': ');
}

/** What the words of `search` are looked for in. */
function searched({ job_id, label, request }: LedgerJob): string {
  return [job_id, label, request?.query, ...(request?.seed_domains ?? [])].join(' ').toLowerCase();
}

function show(job: LedgerJob) {
  const { query, seed_domains, limit } = job.request ?? {};
  return {
    job_id: job.job_id,
    submitted_at: job.submitted_at,
    label: job.label === null ? null : oneLine(job.label, 100),
    query: query === undefined ? null : oneLine(query, MAX_QUERY),
    seed_domains: seed_domains ?? null,
    requested_limit: limit ?? null,
    status: job.status,
    terminal: job.terminal,
    processed: job.processed,
    checked_at: job.checked_at,
    other_key: job.other_key,
    from_elsewhere: job.request === null,
  };
}
