import type { Clock } from '../lib/clock.ts';

/** What SQLite may take for one question. Milliseconds. */
const TIME_LIMIT_MS = 5_000;

/** Counts the time of one question while SQLite is at work on it. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #leftMs = TIME_LIMIT_MS;
  #running: { since: number; end: AbortController } | null = null;

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  start(): void {
    const end = new AbortController();
    this.#running = { since: this.#clock.monotonic(), end };
    this.#clock.sleep(Math.max(0, this.#leftMs), end.signal).then(this.#onEnd, () => {});
  }

  stop(): void {
    if (!this.#running) return;
    this.#leftMs -= this.#clock.monotonic() - this.#running.since;
    this.#running.end.abort();
    this.#running = null;
  }
}
