import type { Clock, Random } from '../clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { pollDelayMs } from './polling.ts';
import { isTerminal } from './state.ts';

/** Reads a job's state and one page; the first without a cursor. Callers at the same time share a request. */
export interface PageSource {
  getPage(jobId: string, cursor?: string, signal?: AbortSignal): Promise<JobPage>;
}

/** The first look gets this long even where the caller does not want to wait. Milliseconds. */
const FIRST_LOOK_MS = 10_000;

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
}

/** Waits for jobs to end. All waits on one job share its polls, so upstream's load does not grow with callers. */
export class Waiter {
  readonly #watches = new Map<string, Watch>();

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
    try {
      for (;;) {
        if (polls === 0 || clock.now() >= Math.min(watch.nextAt, deadline)) {
          await this.#look(
            watch,
            options,
            watch.page === null ? firstDeadline : Math.max(deadline, clock.now() + 1_000),
          );
        }
        polls += 1;
        const { page, failure } = watch;
        if (failure && !waitable(failure, firstDeadline - clock.now(), page !== null)) throw failure;
        if (page && isTerminal(page.status) && !failure) return { page, polls, lastFailure: null };
        if (page && !failure) options.onPoll(page);
        const now = clock.now();
        if (now >= deadline) {
          if (page) return { page, polls, lastFailure: failure };
          throw (
            failure ??
            new OpenFunnelError('timeout', 'OpenFunnel did not answer in time.', { retryable: true })
          );
        }
        await clock.sleep(Math.max(0, Math.min(watch.nextAt, deadline) - now), signal);
      }
    } finally {
      watch.waiters -= 1;
      if (watch.waiters === 0) this.#watches.delete(jobId);
    }
  }

  /** One look at the job, unless another wait has just taken it. */
  async #look(watch: Watch, options: WaitOptions, until: number): Promise<void> {
    const { source, clock, random, jobId, signal } = options;
    const startedAt = clock.now();
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = new AbortController();
    let late = false;
    clock.sleep(Math.max(0, until - startedAt), timer.signal).then(
      () => {
        late = true;
        stop.abort();
      },
      () => {},
    );
    try {
      const page = await source.getPage(jobId, undefined, stop.signal);
      // Waits that shared this request come here in turn; the first one notes it for all.
      if (watch.page === page) return;
      watch.page = page;
      watch.failure = null;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = late
        ? new OpenFunnelError(
            'timeout',
            'OpenFunnel did not answer within the time of this call. It can be tried again.',
            {
              retryable: true,
            },
          )
        : error;
      if (!(failure instanceof OpenFunnelError)) throw failure;
      if (watch.failure === failure) return;
      watch.failure = failure;
    } finally {
      timer.abort();
      signal.removeEventListener('abort', onAbort);
    }
    watch.polls += 1;
    watch.polledAt = clock.now();
    const asked = (watch.failure?.retryAfterSeconds ?? 0) * 1000;
    watch.nextAt = watch.polledAt + (asked > 0 ? asked : pollDelayMs(watch.polls, random));
  }
}

function newWatch(): Watch {
  return { waiters: 0, polls: 0, page: null, failure: null, polledAt: 0, nextAt: 0 };
}

/** Whether a failure may pass while we wait: it is of that kind, and upstream asks for no longer than is left. */
function waitable(failure: OpenFunnelError, leftMs: number, stateKnown: boolean): boolean {
  if (!failure.retryable) return false;
  if (failure.retryAfterSeconds !== null && failure.retryAfterSeconds * 1000 > leftMs) return false;
  return stateKnown || leftMs > 0;
}
