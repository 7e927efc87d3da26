import * as z from 'zod';
import type { LedgerJob } from '../jobs/ledger.ts';
import { oneLine } from '../lib/text.ts';
import { FULL_BUDGET, largestFitting } from '../results/budget.ts';
import { renderTable } from '../results/render.ts';
import { success, type ToolResult } from '../results/result.ts';
import { defineTool } from './define-tool.ts';

const MAX_QUERY = 200;

export const listBulkJobs = defineTool({
  name: 'list_bulk_jobs',
  title: 'List the bulk jobs submitted from here',
  description:
    'Lists the jobs submitted from this machine with this API key, newest first, from a local ledger (OpenFunnel itself has no list). For picking up a job whose job_id was lost. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(20),
    refresh: z.boolean().default(false).describe('Ask OpenFunnel about the jobs that have not ended.'),
  }),
  output: z.object({
    jobs: z.array(
      z.object({
        job_id: z.string(),
        submitted_at: z.string(),
        query: z.string().nullable(),
        seed_domains: z.array(z.string()).nullable(),
        requested_limit: z.number(),
        status: z.string(),
        terminal: z.boolean(),
        processed: z.number().nullable(),
        checked_at: z.string(),
      }),
    ),
  }),
  async handle({ limit, refresh }, services, call) {
    const { jobs, lost, unread } = await services.jobs.list(refresh ? limit : 0, call);
    const notices = [
      ...lost
        .slice(-5)
        .map(
          ({ at, request }) =>
            `The answer to a submit of ${at} (${search(request)}, limit ${request.limit}) was lost: a job MAY exist that is in no list. The user can look on the OpenFunnel dashboard.`,
        ),
      ...unread.map(
        ({ job_id, code }) => `${job_id} could not be refreshed (${code}); its last known status is shown.`,
      ),
    ];
    const wanted = jobs.slice(0, limit);
    const { built } = largestFitting(wanted.length, FULL_BUDGET, (n) => {
      const left = wanted.length - n;
      const leftOut = `${left} older jobs were left out to fit; the resource lookalikes://jobs lists all.`;
      return render(wanted.slice(0, n), jobs.length, refresh, left > 0 ? [...notices, leftOut] : notices);
    });
    return built;
  },
});

function render(
  jobs: readonly LedgerJob[],
  total: number,
  refreshed: boolean,
  notices: readonly string[],
): ToolResult {
  const lines = [
    `${jobs.length} of ${total} jobs, newest first${refreshed ? '' : '; statuses as last seen'}:`,
  ];
  if (jobs.length > 0) lines.push(renderTable(COLUMNS, jobs.map(line)));
  lines.push('Next: wait_and_collect with a job_id goes on with a job, or collects one that has ended.');
  return success({ jobs: jobs.map(show) }, lines.join('\n'), notices);
}

const COLUMNS = ['job_id', 'submitted_at', 'search', 'requested_limit', 'status', 'processed'];

/** A job in the text: enough to tell it from the others. */
function line(job: LedgerJob): Record<string, unknown> {
  return { ...job, search: search(job.request), requested_limit: job.request.limit };
}

function search({ query, seed_domains: seeds = [] }: LedgerJob['request']): string {
  const named = seeds.slice(0, 3).join(', ') + (seeds.length > 3 ? ` and ${seeds.length - 3} more` : '');
  return [named, oneLine(query ?? '', 80)].filter(Boolean).join(': ');
}

function show(job: LedgerJob) {
  const { query, seed_domains, limit } = job.request;
  return {
    job_id: job.job_id,
    submitted_at: job.submitted_at,
    query: query === undefined ? null : oneLine(query, MAX_QUERY),
    seed_domains: seed_domains ?? null,
    requested_limit: limit,
    status: job.status,
    terminal: job.terminal,
    processed: job.processed,
    checked_at: job.checked_at,
  };
}
