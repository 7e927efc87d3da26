import { OpenFunnelError } from '../lib/errors.ts';
import type { Ledger } from '../spending/ledger.ts';

/** What the ledger says. @throws {OpenFunnelError} `not_found` where it can't be read and this process remembers nothing. */
export async function notedJobs(ledger: Pick<Ledger, 'view'>) {
  const view = await ledger.view();
  if (view.readable || view.submissions.length + view.jobs.length > 0) return view;
  throw new OpenFunnelError(
    'not_found',
    'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
  );
}

/** The job submitted last from this machine. @throws {OpenFunnelError} `not_found` where there is none. */
export async function newestJob(ledger: Pick<Ledger, 'view'>): Promise<string> {
  const job = (await notedJobs(ledger)).jobs.find(({ hidden }) => !hidden);
  if (job) return job.job_id;
  throw new OpenFunnelError(
    'not_found',
    'No job was submitted from this machine yet, so there are no companies to show. Give a job_id, or start a search with submit_lookalikes_bulk.',
  );
}
