import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';

/** Requests in flight toward upstream at the most, over all calls of this process. */
export const MAX_IN_FLIGHT = 8;
const MAX_PER_SECOND = 100;

export type Release = (outcome: 'ok' | 'throttled' | 'other') => void;

/**
 * Bounds the load on upstream: at most `MAX_IN_FLIGHT` requests at once and `MAX_PER_SECOND` a second, first
 * come first served. A 429 halves the concurrency (once for all that were in flight then); a run of
 * successes opens it again, one by one.
 */
export class Gate {
  /** Nothing is let in before: upstream asked for it. Milliseconds, monotonic clock. */
  pausedUntil = 0;
  /** How many may be in flight by now. */
  limit = MAX_IN_FLIGHT;
  readonly #clock: Clock;
  #inFlight = 0;
  #successes = 0;
  #halvedAt = Number.NEGATIVE_INFINITY;
  /** When those of the last second began; ms on the monotonic clock. */
  #starts: number[] = [];
  readonly #queue = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when a request may start. Rejects with the signal's reason when it aborts while waiting. */
  async enter(signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    let enter = () => {};
    const turn = new Promise<void>((resolve) => {
      enter = resolve;
    });
    this.#queue.add(enter);
    this.#admit();
    try {
      await unlessAborted(signal, turn);
      for (let wait = this.#waitMs(); wait > 0; wait = this.#waitMs()) await this.#clock.sleep(wait, signal);
    } catch (error) {
      // Its turn may have come before, or in the same moment.
      if (!this.#queue.delete(enter)) this.#leave();
      throw error;
    }
    const enteredAt = this.#clock.monotonic();
    this.#starts.push(enteredAt);
    let released = false;
    return (outcome) => {
      if (released) return;
      released = true;
      if (outcome === 'throttled') this.#halve(enteredAt);
      if (outcome === 'ok') this.#widen();
      this.#leave();
    };
  }

  #leave(): void {
    this.#inFlight -= 1;
    this.#admit();
  }

  #admit(): void {
    for (const enter of this.#queue) {
      if (this.#inFlight >= this.limit) return;
      this.#queue.delete(enter);
      this.#inFlight += 1;
      enter();
    }
  }

  /** Milliseconds until the next request may start: the pause that upstream asked for, or the rate. */
  #waitMs(): number {
    const now = this.#clock.monotonic();
    this.#starts = this.#starts.filter((at) => at > now - 1000);
    const [oldest = now] = this.#starts;
    const rate = this.#starts.length < MAX_PER_SECOND ? 0 : oldest + 1000 - now;
    return Math.max(this.pausedUntil - now, Math.ceil(rate));
  }

  #halve(enteredAt: number): void {
    this.#successes = 0;
    if (enteredAt <= this.#halvedAt) return;
    this.#halvedAt = this.#clock.monotonic();
    this.limit = Math.max(1, Math.floor(this.limit / 2));
  }

  #widen(): void {
    this.#successes += 1;
    if (this.limit >= MAX_IN_FLIGHT || this.#successes < this.limit * 2) return;
    this.#successes = 0;
    this.limit += 1;
  }
}
