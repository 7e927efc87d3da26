import type { Clock } from '../src/lib/clock.ts';

/** Timers that one promise may need. */
const MAX_TIMERS = 10_000;
/** Less than a test may take: what never settles is told as that. */
const GIVE_UP_MS = 20_000;

/** A clock that stands still until it is told to go on: waiting is tested without waiting. */
export class FakeClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #start = this.#now;
  readonly #timers = new Set<{ at: number; fire: () => void }>();

  #setBy = 0;

  now(): number {
    return this.#now + this.#setBy;
  }

  monotonic(): number {
    return this.elapsed;
  }

  /** Sets the system's clock, not the time that passes, forward or back. */
  setClockBy(ms: number): void {
    this.#setBy += ms;
  }

  /** Milliseconds since the clock was made. */
  get elapsed(): number {
    return this.#now - this.#start;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#timers.delete(timer);
        reject(signal?.reason);
      };
      const fire = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer = { at: this.#now + ms, fire };
      this.#timers.add(timer);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets everything run that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  }

  /** Moves time on, firing timers in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.settle();
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
    await this.settle();
  }

  /** Runs time on, timer by timer, until `promise` settles; then it is that promise. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    promise.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    // Where no timer runs, something is waited for that takes real time, such as a module that is loaded.
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (let fired = 0; fired < MAX_TIMERS; ) {
      await this.settle();
      if (done) return promise;
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next) {
        if (performance.now() > giveUpAt) break;
        continue;
      }
      fired += 1;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    throw new Error('the promise never settled');
  }
}

/** Noon of a Monday, and it stays that: nothing here may depend on how fast the machine is. */
const NOON = Date.UTC(2026, 0, 5, 12);
export const STANDING: Clock = {
  now: () => NOON,
  monotonic: () => 0,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
};
