import type { Clock } from '../lib/clock.ts';

/** What SQLite may take for one question. Milliseconds. */
const TIME_LIMIT_MS = 5_000;

/** Counts the time of one question while SQLite is at work on it. */
export class Stopwatch {
  readonly #clock: Clock;
  #leftMs = TIME_LIMIT_MS;
  #running: { since: number; end: AbortController } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(onEnd: () => void): void {
    if (this.#running) return;
    const end = new AbortController();
    this.#running = { since: this.#clock.monotonic(), end };
    this.#clock.sleep(Math.max(0, this.#leftMs), end.signal).then(onEnd, () => {});
  }

  stop(): void {
    if (!this.#running) return;
    this.#leftMs -= this.#clock.monotonic() - this.#running.since;
    this.#running.end.abort();
    this.#running = null;
  }
}
