import type { Clock } from './clock.ts';
import { type Deadline, unlessAborted, within } from './deadline.ts';
import { LATE } from './errors.ts';

export interface SharedCall {
  /** Aborts when every caller has gone. */
  signal: AbortSignal;
  /** The latest deadline of its callers. */
  deadline: Deadline;
  /** What has gone wrong so far; told to a caller whose time is up before the call has ended. */
  failure: Error | undefined;
}

interface Flight<T> extends SharedCall {
  promise: Promise<T>;
  abort: (reason: unknown) => void;
  callers: Map<symbol, Deadline>;
}

/**
 * Lets callers that ask for the same thing at the same time share one call, each with its own time and signal: it lasts as
 * long as the last of them waits, and is aborted only when all have gone.
 */
export function sharedCalls(clock: Clock) {
  const flights = new Map<string, Flight<unknown>>();

  const land = (key: string, flight: Flight<unknown>) => flights.get(key) === flight && flights.delete(key);

  function start<T>(key: string, callers: Flight<T>['callers'], run: (call: SharedCall) => Promise<T>) {
    const ending = new AbortController();
    const deadline = {
      get at() {
        return Math.max(...[...callers.values()].map(({ at }) => at));
      },
    };
    const shared: SharedCall = { signal: ending.signal, deadline, failure: undefined };
    const abort = (reason: unknown) => ending.abort(reason);
    const flight: Flight<T> = Object.assign(shared, { promise: run(shared), abort, callers });
    flights.set(key, flight);
    const landed = () => void land(key, flight);
    // Also keeps a call that everybody left from ending as an unhandled rejection.
    flight.promise.then(landed, landed);
    return flight;
  }

  /** Joins the call under way for `key`, or starts `run`. Rejects as it does, and with `LATE` when the caller's time is up. */
  return async <T>(
    key: string,
    { signal, deadline }: { signal: AbortSignal | undefined; deadline: Deadline },
    run: (call: SharedCall) => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const own = Symbol();
    const joined = flights.get(key) as Flight<T> | undefined;
    joined?.callers.set(own, deadline);
    const flight = joined ?? start(key, new Map([[own, deadline]]), run);
    const failed = () => flight.failure ?? LATE;
    const wait = (bounded: AbortSignal) => unlessAborted(bounded, flight.promise);
    try {
      return await within(clock, deadline, signal, failed, wait);
    } finally {
      flight.callers.delete(own);
      if (flight.callers.size === 0 && land(key, flight)) flight.abort(signal?.reason ?? LATE);
    }
  };
}
