import type { Clock } from '../lib/clock.ts';

/** Requests in flight toward upstream at the most, over all calls of this process. */
export const MAX_IN_FLIGHT = 8;
/** Requests a second toward upstream at the most, over all calls of this process. */
export const MAX_PER_SECOND = 100;

/** Returned by `enter`; called once, when the request has ended, to let in the next one. */
export type Release = (outcome: 'ok' | 'throttled' | 'other') => void;

/**
 * Bounds the load on upstream: at most `MAX_IN_FLIGHT` requests at once and `MAX_PER_SECOND` a second, first
 * come first served. A 429 halves the concurrency (once for all that were in flight then); a run of
 * successes opens it again, one by one.
 */
export class Gate {
  readonly #clock: Clock;
  #limit = MAX_IN_FLIGHT;
  #inFlight = 0;
  #successes = 0;
  #halvedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;
  #tokens = MAX_PER_SECOND;
  #refilledAt: number;
  readonly #queue: Array<() => void> = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledAt = clock.monotonic();
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return this.#limit;
  }

  /** Until when nothing is let in; ms on the monotonic clock. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** Lets nothing in before `time` (ms on the monotonic clock): upstream asked for it. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }

  /** Resolves when a request may start. Rejects with the signal's reason when it aborts while waiting. */
  async enter(signal: AbortSignal): Promise<Release> {
    await this.#slot(signal);
    try {
      for (let wait = this.#waitMs(); wait > 0; wait = this.#waitMs()) await this.#clock.sleep(wait, signal);
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#tokens -= 1;
    const enteredAt = this.#clock.monotonic();
    let released = false;
    return (outcome) => {
      if (released) return;
      released = true;
      if (outcome === 'throttled') this.#halve(enteredAt);
      if (outcome === 'ok') this.#widen();
      this.#release();
    };
  }

  #slot(signal: AbortSignal): Promise<void> | void {
    signal.throwIfAborted();
    if (this.#inFlight < this.#limit) {
      this.#inFlight += 1;
      return;
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', onAbort);
        this.#inFlight += 1;
        resolve();
      };
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#queue.push(enter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #release(): void {
    this.#inFlight -= 1;
    while (this.#inFlight < this.#limit) {
      const next = this.#queue.shift();
      if (!next) return;
      next();
    }
  }

  /** Milliseconds until the next request may start: the pause that upstream asked for, or the rate. */
  #waitMs(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(
      MAX_PER_SECOND,
      this.#tokens + ((now - this.#refilledAt) * MAX_PER_SECOND) / 1000,
    );
    this.#refilledAt = now;
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / MAX_PER_SECOND);
  }

  #halve(enteredAt: number): void {
    this.#successes = 0;
    if (enteredAt <= this.#halvedAt) return;
    this.#halvedAt = this.#clock.monotonic();
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
  }

  #widen(): void {
    this.#successes += 1;
    if (this.#limit >= MAX_IN_FLIGHT || this.#successes < this.#limit * 2) return;
    this.#successes = 0;
    this.#limit += 1;
  }
}
