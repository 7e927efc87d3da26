import { setTimeout } from 'node:timers/promises';

/** Time as the rest of the program sees it: passed in, so that waiting is tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch: only for what is stored or shown, since the system's clock can be set back. */
  now(): number;
  /** Milliseconds since some moment, never going back: for durations and deadlines. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it aborts; leaves no timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    setTimeout(ms, undefined, { signal }).catch(() => {
      throw signal?.reason;
    }),
};

/** A number in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

/** Resolves when what is due by now, sockets included, was attended to. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
