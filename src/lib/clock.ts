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
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};

/** A number in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

/** Resolves when what is due by now, sockets included, was attended to. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
