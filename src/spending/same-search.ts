import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { type OpenFunnelClient, POST_MS } from '../openfunnel/client.ts';
import { isTerminal } from '../openfunnel/wire.ts';
import { balanceSince, creditsLeft } from './balances.ts';
import type { Ledger, LedgerDamage, LedgerJob, Submission } from './ledger.ts';
import { type KeptLists, lostSubmits } from './lost-submits.ts';
import { ledgerDamaged, ledgerGone, listOfSame, listUnread, outcomeUnknown } from './refusals.ts';
import { searchKey } from './search-key.ts';

/** A search counts as the same one for this time after its submit, or after its job completed. Milliseconds. */
export const SAME_FOR_MS = 24 * 60 * 60 * 1000;
/** Upstream's word that it knows no such job counts only once it was repeated over this time. Milliseconds. */
const GONE_AFTER_MS = 5 * 60 * 1000;
/** The look at an earlier job gets this long; one that can't be read counts. Milliseconds. */
const LOOK_MS = 10_000;
/** A submit that is under way elsewhere is waited for until its POST has surely ended. Milliseconds. */
const OUTCOME_MS = POST_MS + 1_000;
const LOOK_EVERY_MS = 200;

/**
 * How the job is known that stands for a search: `seen` at upstream just now, by its list `kept` on this machine, or
 * by what was seen of it before, while upstream `denied` that it knows it or it could not be `unread` now.
 */
export type Sight = 'seen' | 'kept' | 'denied' | 'unread';

export interface Standing {
  job: LedgerJob;
  sight: Sight;
}

/** Whether what happened then is less than a day ago. A time that has not come yet was given by a clock that was ahead. */
export function isRecent(at: number, now: number): boolean {
  return now - at < SAME_FOR_MS;
}

/** Whether lines that can't be read may tell of what still counts: a job counts for up to a day after it was last seen. */
export function mayBeRecent({ until }: LedgerDamage, now: number): boolean {
  return isRecent(until, now - SAME_FOR_MS);
}

/** Whether upstream has said for long enough that it knows no such job; once or twice proves nothing. */
export function isGone({ missing_since }: LedgerJob, now: number): boolean {
  return missing_since !== null && now - Date.parse(missing_since) >= GONE_AFTER_MS;
}

export interface SameSearchParts {
  api: Pick<OpenFunnelClient, 'getPage' | 'getBalance'>;
  ledger: Pick<Ledger, 'view' | 'noteStatus' | 'noteMissing'>;
  clock: Clock;
  kept: KeptLists;
}

/**
 * Looks for a job that answers a search: one that runs, or that completed within `SAME_FOR_MS`. What this machine has
 * seen of a job outlives what upstream forgets: that it is not found, or can't be asked about, proves nothing. A submit
 * that is under way is waited for.
 * @throws {OpenFunnelError} `submit_outcome_unknown` where an earlier submit's outcome is not known, or hidden by damage or the loss of the ledger.
 */
export async function findSame(
  parts: SameSearchParts,
  key: string,
  signal: AbortSignal,
): Promise<Standing | { dismissed: ReadonlySet<string> }> {
  const { ledger, clock } = parts;
  for (;;) {
    const { jobs, submissions, damage } = await ledger.view();
    const same = submissions.filter(({ request }) => searchKey(request) === key);
    for (const { job_id, outcome } of [...same].reverse()) {
      const job = outcome === 'job' && jobs.find((each) => each.job_id === job_id);
      const sight = job && (await standing(parts, job, signal));
      if (sight) return sight;
    }
    const open = same.find(
      ({ outcome, at }) => ['open', 'lost'].includes(outcome) && isRecent(at, clock.now()),
    );
    if (open) await outcomeNoted(parts, open, signal);
    else if (damage && mayBeRecent(damage, clock.now())) throw ledgerDamaged(damage);
    else {
      // Anew, as the look at earlier jobs takes a while.
      const lost = await lostSubmits(parts.kept, (await ledger.view()).jobs);
      // The list of a job that was cancelled is no full answer to its search.
      const again = lost.submits.find(
        ({ request, status, at, keptAt }) =>
          status === 'completed' && searchKey(request) === key && isRecent(Math.max(at, keptAt), clock.now()),
      );
      if (again) throw listOfSame(again.job_id);
      if (lost.unread !== null) throw listUnread(lost.unread);
      // Until another submit is in the ledger, it may lack any that came after the last one that it has.
      if (lost.submits.some(({ at }) => submissions.every((each) => each.at < at))) throw ledgerGone(lost);
      return { dismissed: new Set(same.map((each) => each.key)) };
    }
  }
}

/** The job where it stands for its search, or undefined where it does not any more. */
async function standing(
  parts: SameSearchParts,
  job: LedgerJob,
  signal: AbortSignal,
): Promise<Standing | undefined> {
  const { api, ledger, clock, kept } = parts;
  const { job_id } = job;
  const now = clock.now();
  const submittedAt = Date.parse(job.submitted_at ?? job.noted_at);
  const endedAt = job.ended_at === null ? submittedAt : Date.parse(job.ended_at);
  if (job.terminal && !(job.status === 'completed' && isRecent(endedAt, now))) return undefined;
  if ((await kept.about(job_id))?.status === 'completed')
    return { job: { ...job, status: 'completed', terminal: true }, sight: 'kept' };
  const seenAt = Math.max(submittedAt, Date.parse(job.checked_at));
  // When a job ended that nobody looked at is not known: it may have been a day after its submit.
  const mayCount = job.terminal || isRecent(Math.max(submittedAt + SAME_FOR_MS, seenAt), now);
  const look = deadlineIn(clock, LOOK_MS);
  const page = await orFailure(api.getPage(job_id, undefined, signal, look), signal);
  if (!(page instanceof OpenFunnelError)) {
    const { status } = page;
    await ledger.noteStatus(job_id, page);
    if (job.terminal) return { job, sight: 'seen' };
    const terminal = isTerminal(status);
    if (['failed', 'cancelled', 'cancelling'].includes(status) || (terminal && !mayCount)) return undefined;
    return { job: { ...job, status, terminal }, sight: 'seen' };
  }
  if (page.code === 'missing_api_key') throw page;
  const stands = (sight: Sight) => (mayCount ? { job, sight } : undefined);
  if (page.code !== 'not_found') return stands('unread');
  // An id that was read out of an answer of an odd shape may have been something else.
  if (job.doubtful && isRecent(seenAt, now))
    throw await unknownOutcome(parts, { ...job, at: submittedAt }, signal);
  const missing = (await ledger.noteMissing(job_id)) ?? job;
  return isRecent(seenAt, now) || !isGone(missing, now) ? stands('denied') : undefined;
}

/** Resolves when the submit's outcome is noted; throws when it is not noted in time. */
async function outcomeNoted(parts: SameSearchParts, open: Submission, signal: AbortSignal): Promise<void> {
  const { ledger, clock } = parts;
  const until = clock.monotonic() + Math.min(OUTCOME_MS, open.at + OUTCOME_MS - clock.now());
  for (let outcome = open.outcome; outcome === 'open'; await clock.sleep(LOOK_EVERY_MS, signal)) {
    outcome = (await ledger.view()).submissions.find(({ key }) => key === open.key)?.outcome ?? 'refused';
    if (outcome === 'job' || outcome === 'refused') return;
    if (outcome === 'lost' || clock.monotonic() >= until) break;
  }
  throw await unknownOutcome(parts, open, signal);
}

/** The refusal because of an earlier submit, with what the balance tells of it. */
async function unknownOutcome(
  { api, clock }: SameSearchParts,
  submit: Pick<Submission, 'at' | 'other_key' | 'credits_before' | 'job_id'>,
  signal: AbortSignal,
): Promise<OpenFunnelError> {
  const { at, other_key, job_id } = submit;
  const left = other_key ? null : await creditsLeft(api, clock, signal);
  const key = other_key ? ' with another API key' : '';
  return outcomeUnknown(
    `The same search was sent once before, at ${new Date(at).toISOString()}${key}, and what became of it is not known: ${job_id === null ? 'no answer to it was noted' : `its answer broke off; it named ${JSON.stringify(job_id)}, which get_bulk_status looks for`}. A job MAY exist, and if so it runs and will be billed. Nothing was sent by this call. ${balanceSince(submit, left, clock.now())}`.trim(),
  );
}
