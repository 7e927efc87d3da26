import type { Marks } from '../disk/marks.ts';
import type { Clock } from '../lib/clock.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { OpenFunnelError, orFailure } from '../openfunnel/errors.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { promised, toJobState } from '../reading/state.ts';
import type { Ledger, LedgerJob, LedgerView, Submission } from '../spending/ledger.ts';
import type { CollectedLists } from './collected.ts';
import type { Call } from './collected-list.ts';
import type { JobStates } from './job-states.ts';
import { countMarks } from './marking.ts';

// The jobs that this machine has noted.

/** What this machine has of a job beside its entry. */
export type HereOfJob = Awaited<ReturnType<typeof hereOfJob>>;

/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;
/** A status that was seen so recently needs no other look. Milliseconds. */
const FRESH_MS = 60_000;
/** Jobs that are looked at quickly, and how long that may take. Milliseconds. */
const FEW = 5;
const QUICK_MS = 3_000;

/**
 * The jobs submitted or looked at from this machine, newest first, as last seen.
 *
 * @throws {OpenFunnelError} `not_found` where the ledger can't be read and this process remembers nothing.
 */
export async function notedJobs(ledger: Pick<Ledger, 'view'>): Promise<LedgerView> {
  const view = await ledger.view();
  if (view.readable || view.submissions.length + view.jobs.length > 0) return view;
  throw new OpenFunnelError(
    'not_found',
    'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
  );
}

/**
 * The same, after asking upstream about some of those that had not ended.
 *
 * @param choose Chooses these among all jobs.
 * @param quickly Asks about those alone whose status is old, the newest few of them, and for a short time.
 */
export async function lookedAtJobs(
  parts: { ledger: Ledger; clock: Clock; source: PageSource; states: JobStates },
  choose: (jobs: readonly LedgerJob[]) => readonly LedgerJob[],
  quickly: boolean,
  { signal }: Call,
): Promise<LedgerView & { notices: string[] }> {
  const { ledger, clock, source, states } = parts;
  const view = await notedJobs(ledger);
  const running = choose(view.jobs).filter(({ terminal }) => !terminal);
  const old = running.filter((job) => !job.other_key && isOld(job, clock));
  const asked = quickly ? old.slice(0, FEW) : running;
  const deadline = quickly ? { at: clock.monotonic() + QUICK_MS } : undefined;
  const notices: string[] = [];
  const seen = new Map<string, Partial<LedgerJob>>();
  const lookAt = async ({ job_id }: LedgerJob) => {
    const page = await orFailure(source.getPage(job_id, undefined, signal, deadline), signal);
    if (page instanceof OpenFunnelError) {
      notices.push(`${job_id} could not be refreshed (${page.code}); its last known status is shown.`);
      return;
    }
    const state = toJobState(job_id, page);
    const { status, processed } = state;
    if (isKnownStatus(status)) return;
    seen.set(job_id, { status, processed, checked_at: new Date(clock.now()).toISOString() });
    notices.push(...(await states.aboutStatus(state)).map((said) => `${job_id}: ${said}`));
  };
  await Promise.all(asked.map(lookAt));
  const { jobs } = asked.length > 0 ? await ledger.view() : view;
  return { ...view, jobs: jobs.map((job) => ({ ...job, ...seen.get(job.job_id) })), notices };
}

/** Submits of late whose outcome nobody noted, oldest first: jobs that may exist and are in no list. */
export function unsettledOf({ submissions }: LedgerView, clock: Clock): Submission[] {
  const since = clock.now() - UNSETTLED_FOR_MS;
  return submissions.filter(({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= since);
}

/** Whether a job had not ended when it was last seen, some time ago. */
export function isOld({ terminal, checked_at }: LedgerJob, clock: Clock): boolean {
  return !terminal && clock.now() - Date.parse(checked_at) >= FRESH_MS;
}

/** What this machine has of a job: what it cost, whether it is kept, how it is judged; null where that is not known. */
export async function hereOfJob(
  { lists, marks }: { lists: CollectedLists; marks: Marks },
  { job_id, credits }: LedgerJob,
  { signal }: Call,
) {
  const list = await lists.kept(job_id, signal).catch(() => null);
  const marked = (await marks.version(job_id)) === null ? null : await marks.of(job_id).catch(() => null);
  return {
    credits: credits ?? (list && promised(list.state, 'credits_consumed')),
    kept: list !== null,
    marks: marked && marked.size > 0 ? countMarks(marked, list?.about.companies ?? marked.size) : null,
  };
}

/**
 * The job submitted last from this machine.
 *
 * @throws {OpenFunnelError} `not_found` where there is none.
 */
export async function newestJob(ledger: Pick<Ledger, 'view'>): Promise<string> {
  const job = (await notedJobs(ledger)).jobs.find(({ hidden }) => !hidden);
  if (job) return job.job_id;
  throw new OpenFunnelError(
    'not_found',
    'No job was submitted from this machine yet, so there are no companies to show. Give a job_id, or start a search with submit_lookalikes_bulk.',
  );
}
