import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';

/** Requests in flight toward upstream at the most, over all calls of this process. */
export const MAX_IN_FLIGHT = 8;
const MAX_PER_SECOND = 100;

/**
 * Bounds the load on upstream: at most `limit` requests at once and `MAX_PER_SECOND` a second, first come first served. A
 * 429 halves the limit (once for all that were in flight then); successes open it again, little by little.
 */
export class Gate {
  /** Nothing is let in before: upstream asked for it. Milliseconds, monotonic clock. */
  pausedUntil = 0;
  limit = MAX_IN_FLIGHT;
  readonly #clock: Clock;
  #inFlight = 0;
  #halvedAt = Number.NEGATIVE_INFINITY;
  /** When the latest of them began; ms on the monotonic clock. */
  #starts: number[] = [];
  readonly #queue = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when a request may start, with what ends it. Rejects with the signal's reason when it aborts while waiting. */
  async enter(signal: AbortSignal): Promise<(outcome: 'ok' | 'throttled' | 'other') => void> {
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
    this.#starts = [...this.#starts.slice(1 - MAX_PER_SECOND), enteredAt];
    let released = false;
    return (outcome) => {
      if (released) return;
      released = true;
      if (outcome === 'ok') this.limit = Math.min(MAX_IN_FLIGHT, this.limit + 1 / (2 * this.limit));
      if (outcome === 'throttled' && enteredAt > this.#halvedAt) {
        this.#halvedAt = this.#clock.monotonic();
        this.limit = Math.max(1, this.limit / 2);
      }
      this.#leave();
    };
  }

  /** Milliseconds until the next request may start: the pause that upstream asked for, or the rate. */
  #waitMs(): number {
    const rateAllows = 1000 + (this.#starts.at(-MAX_PER_SECOND) ?? Number.NEGATIVE_INFINITY);
    return Math.ceil(Math.max(this.pausedUntil, rateAllows) - this.#clock.monotonic());
  }

  #leave(): void {
    this.#inFlight -= 1;
    this.#admit();
  }

  #admit(): void {
    for (const enter of this.#queue) {
      if (this.#inFlight + 1 > this.limit) return;
      this.#queue.delete(enter);
      this.#inFlight += 1;
      enter();
    }
  }
}
