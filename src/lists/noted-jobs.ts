import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Ledger, LedgerView, Submission } from '../spending/ledger.ts';

/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** What the ledger says. @throws {OpenFunnelError} `not_found` where it can't be read and this process remembers nothing. */
export async function notedJobs(ledger: Pick<Ledger, 'view'>): Promise<LedgerView> {
  const view = await ledger.view();
  if (view.readable || view.submissions.length + view.jobs.length > 0) return view;
  throw new OpenFunnelError(
    'not_found',
    'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
  );
}

/** Submits of late whose outcome nobody noted, oldest first: jobs that may exist and are in no list. */
export function unsettledOf({ submissions }: LedgerView, clock: Clock): Submission[] {
  const since = clock.now() - UNSETTLED_FOR_MS;
  return submissions.filter(({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= since);
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
