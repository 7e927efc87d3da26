import type { Clock, Random } from '../lib/clock.ts';
import { LATE, OpenFunnelError, orFailure } from '../lib/errors.ts';
import { type SharedCall, sharedCalls } from '../lib/shared-calls.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { askedMs, worthWaiting } from '../openfunnel/retry.ts';
import { isKnownStatus, isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { type FactSource, jittered, jobFacts, pollDelayMs } from './polling.ts';
import { toJobState } from './state.ts';

/** The first look gets this long even where the caller does not want to wait: a read's own retries fit in. Milliseconds. */
const FIRST_LOOK_MS = 10_000;
/** The last look, when the time is up, gets this long. Milliseconds. */
const LAST_LOOK_MS = 1_000;
/** A read that ends at its deadline reports its own failure within this time after it. Milliseconds. */
const LAST_MOMENT_MS = 200;
/** After so many polls in a row with an undocumented status, it is reported and the wait ends. */
const UNKNOWN_LOOKS = 3;
/** A state that another wait has read so recently is not read again. Milliseconds. */
const FRESH_MS = 500;

export interface WaiterParts {
  source: PageSource;
  ledger: FactSource;
  clock: Clock;
  random: Random;
}

export interface WaitRequest {
  jobId: string;
  maxWaitMs: number;
  signal: AbortSignal;
  /** Called after each poll that brought a state which is not terminal; true ends the wait. */
  onPoll?: (page: JobPage) => Promise<boolean>;
}

/** Polls that many waits on one job share. Times in milliseconds, on the monotonic clock. */
class Watch {
  waiters = 0;
  /** When the job began, and companies asked for, as far as is known. */
  since = 0;
  limit: number | null = null;
  polls = 0;
  page: JobPage | null = null;
  failure: OpenFunnelError | null = null;
  /** Looks in a row that brought a status which is not documented. */
  unknown = 0;
  nextAt = 0;
  notBefore = 0;
}

/** Waits for jobs to end. All waits on one job share its polls, so upstream's load does not grow with callers. */
export class Waiter {
  readonly #parts: WaiterParts;
  readonly #watches = new Map<string, Watch>();
  readonly #looks: ReturnType<typeof sharedCalls>;

  constructor(parts: WaiterParts) {
    this.#parts = parts;
    this.#looks = sharedCalls(parts.clock);
  }

  /**
   * Polls until the status is terminal, is one that nobody knows, or the time is up; never shorter than one look. Gives
   * what the last poll that succeeded brought, and the failure of the latest one where no later one made it good.
   * @throws {OpenFunnelError} a failure that waiting does not resolve, or that outlasts the wait without any state
   * being known, or a `rate_limited` that asks for a longer wait than is left; and the signal's reason.
   */
  async wait({ jobId, maxWaitMs, signal, onPoll }: WaitRequest) {
    const { clock } = this.#parts;
    const watch = this.#watches.get(jobId) ?? new Watch();
    this.#watches.set(jobId, watch);
    watch.waiters += 1;
    const deadline = clock.monotonic() + maxWaitMs;
    const firstDeadline = clock.monotonic() + Math.max(maxWaitMs, FIRST_LOOK_MS);
    let polls = 0;
    let seen = 0;
    try {
      for (;;) {
        const now = clock.monotonic();
        const due = polls === 0 || now >= Math.min(watch.nextAt, deadline);
        if (due && now >= watch.notBefore) {
          const until = watch.page === null ? firstDeadline : Math.max(deadline, now + LAST_LOOK_MS);
          // The read itself has the same deadline, and a moment to tell what it knows.
          const caller = { signal, deadline: { at: until + LAST_MOMENT_MS } };
          await this.#looks(jobId, caller, (shared) => this.#look(jobId, watch, shared)).catch(
            (error: unknown) => {
              if (error !== LATE) throw error;
              watch.failure ??= LATE;
            },
          );
        }
        if (polls === 0 || watch.polls !== seen) polls += 1;
        seen = watch.polls;
        const { page, failure } = watch;
        if (failure && !worthWaiting(failure, deadline - clock.monotonic())) throw failure;
        const over = page && (isTerminal(page.status) || watch.unknown >= UNKNOWN_LOOKS);
        if (page && !failure && (over || (await onPoll?.(page)))) return { page, polls, lastFailure: null };
        if (clock.monotonic() >= deadline) {
          if (page) return { page, polls, lastFailure: failure };
          throw failure ?? LATE;
        }
        await clock.sleep(Math.max(0, Math.min(watch.nextAt, deadline) - clock.monotonic()), signal);
      }
    } finally {
      watch.waiters -= 1;
      if (watch.waiters === 0) this.#watches.delete(jobId);
    }
  }

  /** Looks at the job and notes what came of it, for all waits on it. */
  async #look(jobId: string, watch: Watch, { signal, deadline }: SharedCall): Promise<void> {
    const { source, ledger, clock, random } = this.#parts;
    const until = {
      get at() {
        return deadline.at - LAST_MOMENT_MS;
      },
    };
    const page = await orFailure(source.getPage(jobId, undefined, signal, until), signal);
    watch.failure = page instanceof OpenFunnelError ? page : null;
    if (!(page instanceof OpenFunnelError)) {
      watch.page = page;
      watch.unknown = isKnownStatus(page.status) ? 0 : watch.unknown + 1;
    }
    if (watch.polls === 0) {
      const { ageMs, limit } = await jobFacts(ledger, clock, jobId);
      Object.assign(watch, { since: clock.monotonic() - ageMs, limit });
    }
    watch.polls += 1;
    const now = clock.monotonic();
    const asked = watch.failure && askedMs(watch.failure);
    const state = watch.page && toJobState(jobId, watch.page);
    const delay = pollDelayMs({ ageMs: now - watch.since, limit: watch.limit, state });
    watch.nextAt = now + Math.max(asked ?? 0, jittered(delay, random));
    watch.notBefore = now + Math.max(asked ?? 0, FRESH_MS);
  }
}
