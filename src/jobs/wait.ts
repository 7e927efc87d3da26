import type { Clock, Random } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { SharedCalls } from '../lib/shared-calls.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import type { KnownJobs } from './known-jobs.ts';
import { jittered, pollDelayMs } from './polling.ts';
import { isTerminal, toJobState } from './state.ts';

/** Reads a job's state and one page; the first without a cursor. Callers at the same time share a request. */
export interface PageSource {
  getPage(jobId: string, cursor?: string, signal?: AbortSignal, budgetMs?: number): Promise<JobPage>;
}

/** The first look gets this long even where the caller does not want to wait: a read's own retries fit in. Milliseconds. */
const FIRST_LOOK_MS = 10_000;
/** A read that keeps to its budget reports its own failure within this time after it. Milliseconds. */
const LAST_MOMENT_MS = 200;
/** A state that another wait has read so recently is not read again. Milliseconds. */
const FRESH_MS = 500;

export interface WaitOptions {
  source: PageSource;
  clock: Clock;
  random: Random;
  jobId: string;
  maxWaitMs: number;
  signal: AbortSignal;
  /** Called after each poll that brought a state which is not terminal. */
  onPoll: (page: JobPage) => void;
}

export interface WaitOutcome {
  /** What the last successful poll brought: the state, and the first page's rows. */
  page: JobPage;
  polls: number;
  /** The failure of the latest poll, where it was not made good by a later one. */
  lastFailure: OpenFunnelError | null;
}

/** Polls that many waits on one job share: when it was last looked at, and when the next look is due. */
interface Watch {
  waiters: number;
  polls: number;
  page: JobPage | null;
  failure: OpenFunnelError | null;
  polledAt: number;
  nextAt: number;
  /** Upstream asked for no look before this time. */
  notBefore: number;
}

/** Waits for jobs to end. All waits on one job share its polls, so upstream's load does not grow with callers. */
export class Waiter {
  readonly #watches = new Map<string, Watch>();
  readonly #looks = new SharedCalls();
  readonly #known: Pick<KnownJobs, 'facts'>;

  constructor(known: Pick<KnownJobs, 'facts'>) {
    this.#known = known;
  }

  /**
   * Polls until the status is terminal or the time is up; never shorter than one look.
   *
   * @throws {OpenFunnelError} a failure that waiting does not mend, one that outlasts the wait without any
   * state being known, or a `rate_limited` that asks for a longer wait than is left.
   * @throws the signal's reason when it aborts; the upstream job is left alone.
   */
  async wait(options: WaitOptions): Promise<WaitOutcome> {
    const { clock, jobId, signal, maxWaitMs } = options;
    const watch = this.#watches.get(jobId) ?? newWatch();
    this.#watches.set(jobId, watch);
    watch.waiters += 1;
    const deadline = clock.now() + maxWaitMs;
    const firstDeadline = clock.now() + Math.max(maxWaitMs, FIRST_LOOK_MS);
    let polls = 0;
    let seen = 0;
    try {
      for (;;) {
        const now = clock.now();
        const due = polls === 0 || now >= Math.min(watch.nextAt, deadline);
        const fresh = watch.polls > 0 && now - watch.polledAt < FRESH_MS;
        if (due && !fresh && now >= watch.notBefore) {
          const until = watch.page === null ? firstDeadline : Math.max(deadline, now + 1_000);
          await this.#look(watch, options, until);
        }
        if (polls === 0 || watch.polls !== seen) polls += 1;
        seen = watch.polls;
        const { page, failure } = watch;
        if (failure && !waitable(failure, deadline - clock.now())) throw failure;
        if (page && isTerminal(page.status) && !failure) return { page, polls, lastFailure: null };
        if (page && !failure) options.onPoll(page);
        if (clock.now() >= deadline) {
          if (page) return { page, polls, lastFailure: failure };
          throw failure ?? LATE;
        }
        await clock.sleep(Math.max(0, Math.min(watch.nextAt, deadline) - clock.now()), signal);
      }
    } finally {
      watch.waiters -= 1;
      if (watch.waiters === 0) this.#watches.delete(jobId);
    }
  }

  /** One look at the job, which waits that look at the same time share; given up by each at its own time. */
  async #look(watch: Watch, options: WaitOptions, until: number): Promise<void> {
    const { clock, jobId, signal } = options;
    const leftMs = Math.max(0, until - clock.now()) + LAST_MOMENT_MS;
    try {
      await withDeadline(clock, leftMs, signal, LATE, (either) =>
        this.#looks.call(jobId, either, (shared) => look(watch, this.#known, options, shared, until)),
      );
    } catch (error) {
      if (error !== LATE) throw error;
      watch.failure ??= LATE;
    }
  }
}

const LATE = new OpenFunnelError(
  'timeout',
  'OpenFunnel did not answer within the time of this call. It can be tried again.',
  { retryable: true },
);

/** Looks at the job and notes what came of it, for all waits on it. */
async function look(
  watch: Watch,
  known: Pick<KnownJobs, 'facts'>,
  { source, clock, random, jobId }: WaitOptions,
  signal: AbortSignal,
  until: number,
): Promise<void> {
  try {
    watch.page = await source.getPage(jobId, undefined, signal, until - clock.now());
    watch.failure = null;
  } catch (error) {
    if (!(error instanceof OpenFunnelError)) throw error;
    watch.failure = error;
  }
  const { limit, since } = await known.facts(jobId);
  watch.polls += 1;
  watch.polledAt = clock.now();
  watch.notBefore = watch.polledAt + (watch.failure?.retryAfterSeconds ?? 0) * 1000;
  const state = watch.page && toJobState(jobId, watch.page);
  const delay = pollDelayMs({ ageMs: watch.polledAt - since, limit, state });
  watch.nextAt = Math.max(watch.notBefore, watch.polledAt + jittered(delay, random));
}

function newWatch(): Watch {
  return { waiters: 0, polls: 0, page: null, failure: null, polledAt: 0, nextAt: 0, notBefore: 0 };
}

/** Whether a failure may pass while we wait: it is of that kind, and upstream asks for no longer than is left. */
function waitable({ retryable, retryAfterSeconds }: OpenFunnelError, leftMs: number): boolean {
  return retryable && (retryAfterSeconds === null || retryAfterSeconds * 1000 <= leftMs);
}
