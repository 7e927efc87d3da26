import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { POST_MS } from '../openfunnel/client.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import { type BulkApi, JUST_SUBMITTED_MS } from './bulk-api.ts';
import type { Ledger, LedgerJob, Submission } from './ledger.ts';
import { isTerminal, shownStatus } from './state.ts';

/** A search counts as the same one for this time after its submit, or after its job completed. Milliseconds. */
export const SAME_FOR_MS = 24 * 60 * 60 * 1000;
/** The look at an earlier job gets this long; one that can't be read counts. Milliseconds. */
const LOOK_MS = 10_000;
/** A submit that is under way elsewhere is waited for until its POST has surely ended. Milliseconds. */
const OUTCOME_MS = POST_MS + 1_000;
const LOOK_EVERY_MS = 200;

/** What there is of the same search: a job to answer with, or the submissions that were found not to count. */
export type Found = { job: LedgerJob } | { dismissed: ReadonlySet<string> };

/** The same text for the same search, however its fields, lists and blanks were given. */
export function searchKey(body: SubmitBody): string {
  const { query, seed_domains, search_type = 'semantic', ...rest } = body;
  const normal = {
    ...rest,
    search_type,
    query: query?.normalize('NFC').replace(/\s+/g, ' ').trim() || undefined,
    seed_domains: seed_domains?.map((seed) => seed.trim().toLowerCase()),
  };
  return JSON.stringify(
    Object.entries(normal)
      .filter(
        ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
      )
      .map(([key, value]) => [key, Array.isArray(value) ? [...new Set(value)].sort() : value])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
}

/** Whether a submission is recent enough to stand for its search. A clock that was set back by a day is believed. */
export function isRecent(at: number, now: number): boolean {
  return Math.abs(now - at) < SAME_FOR_MS;
}

/** Finds out whether a search was submitted before, so that nobody pays for it twice. */
export class SameSearch {
  readonly #api: Pick<BulkApi, 'getPage'>;
  readonly #ledger: Pick<Ledger, 'view'>;
  readonly #clock: Clock;

  constructor(api: Pick<BulkApi, 'getPage'>, ledger: Pick<Ledger, 'view'>, clock: Clock) {
    this.#api = api;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /**
   * Looks for a job that answers the search: one that runs, or that completed within `SAME_FOR_MS`. A submit
   * that is under way in another process is waited for.
   *
   * @param key As `searchKey` makes it.
   * @throws {OpenFunnelError} `submit_outcome_unknown` where an earlier submit's outcome is not known.
   */
  async find(key: string, signal: AbortSignal): Promise<Found> {
    for (;;) {
      const { jobs, submissions } = await this.#ledger.view();
      const same = submissions.filter(({ request }) => searchKey(request) === key);
      const dismissed = new Set<string>();
      for (const { key: submission, job_id, outcome } of [...same].reverse()) {
        const job = outcome === 'job' && jobs.find((each) => each.job_id === job_id);
        const counting = job && (await this.#counting(job, signal));
        if (counting) return { job: counting };
        dismissed.add(submission);
      }
      const open = same.find(
        ({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && isRecent(at, this.#clock.now()),
      );
      if (!open) return { dismissed };
      await this.#outcome(open, signal);
    }
  }

  /** The job as upstream says now, or undefined where it does not stand for its search any more. */
  async #counting(job: LedgerJob, signal: AbortSignal): Promise<LedgerJob | undefined> {
    const now = this.#clock.now();
    const submittedAt = Date.parse(job.submitted_at ?? job.noted_at);
    const since = job.ended_at === null ? submittedAt : Date.parse(job.ended_at);
    if (job.terminal && (job.status !== 'completed' || !isRecent(since, now))) return undefined;
    // When a job ended that nobody looked at is not known: it may have been a moment ago.
    if (!job.terminal && now - submittedAt >= 2 * SAME_FOR_MS) return undefined;
    try {
      const page = await this.#api.getPage(job.job_id, undefined, signal, deadlineIn(this.#clock, LOOK_MS));
      const status = shownStatus(page.status);
      if (status === 'failed' || status === 'cancelled' || status === 'cancelling') return undefined;
      return { ...job, status, terminal: isTerminal(status) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError) || error.code === 'missing_api_key') throw error;
      // Where its state can't be read, a job that may be there is worth more than a second bill.
      if (error.code !== 'not_found') return isRecent(since, now) ? job : undefined;
      if (job.doubtful && isRecent(since, now)) throw outcomeUnknown(submittedAt, job.other_key);
      const unknownFor = job.other_key ? SAME_FOR_MS : JUST_SUBMITTED_MS;
      return Math.abs(now - since) < unknownFor ? job : undefined;
    }
  }

  /** Resolves when the submit's outcome is noted; throws when it is not noted in time. */
  async #outcome(open: Submission, signal: AbortSignal): Promise<void> {
    const until = this.#clock.now() + Math.min(OUTCOME_MS, open.at + OUTCOME_MS - this.#clock.now());
    for (let looks = 0; open.outcome === 'open'; looks += 1) {
      const { submissions } = await this.#ledger.view();
      const now = submissions.find(({ key }) => key === open.key);
      if (now === undefined || now.outcome === 'job' || now.outcome === 'refused') return;
      const late = this.#clock.now() >= until || looks * LOOK_EVERY_MS >= OUTCOME_MS;
      if (now.outcome === 'lost' || late) break;
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
    }
    throw outcomeUnknown(open.at, open.other_key);
  }
}

function outcomeUnknown(at: number, otherKey: boolean): OpenFunnelError {
  const when = new Date(at).toISOString();
  return new OpenFunnelError(
    'submit_outcome_unknown',
    `The same search was sent once before, at ${when}${otherKey ? ' with another API key' : ''}, and what became of it is ` +
      'not known: no answer to it was noted. A job MAY exist, and if so it runs and will be billed. Nothing was ' +
      'sent by this call. Tell the user to look at the OpenFunnel dashboard for a job of that time or for spent ' +
      'credits (a job_id found there can be read with wait_and_collect). Only if the user then wants it sent ' +
      'again, at the risk of paying twice, call with allow_duplicate: true.',
    { submitted: 'unknown' },
  );
}
