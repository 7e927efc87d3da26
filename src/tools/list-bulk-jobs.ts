import * as z from 'zod';
import type { LedgerJob } from '../jobs/ledger.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { oneLine } from '../text.ts';
import { defineTool } from './define-tool.ts';
import { renderTable } from './render.ts';
import { success } from './result.ts';

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
  async handle({ limit, refresh }, { ledger, api }, { signal }) {
    let jobs = await ledger.list().catch((error: unknown) => {
      throw new OpenFunnelError(
        'not_found',
        'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
        { cause: error },
      );
    });
    const notices: string[] = [];
    if (refresh) {
      const open = jobs.slice(0, limit).filter(({ terminal }) => !terminal);
      await Promise.all(
        open.map(({ job_id }) =>
          api.getPage(job_id, undefined, signal).catch((error: unknown) => {
            signal.throwIfAborted();
            if (!(error instanceof OpenFunnelError)) throw error;
            notices.push(`${job_id} could not be refreshed (${error.code}); its last known status is shown.`);
          }),
        ),
      );
      if (open.length > 0) jobs = await ledger.list();
    }
    const total = jobs.length;
    const shown = jobs.slice(0, limit).map(show);
    const lines = [
      `${shown.length} of ${total} jobs, newest first${refresh ? '' : '; statuses as last seen'}:`,
    ];
    if (shown.length > 0) lines.push(renderTable(Object.keys(shown[0] ?? {}), shown));
    lines.push('Next: wait_and_collect with a job_id goes on with a job, or collects one that has ended.');
    return success({ jobs: shown }, lines.join('\n'), notices);
  },
});

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
