import type { Clock } from './clock.ts';
import { type Deadline, unlessAborted, within } from './deadline.ts';

/** A call under way that several callers share. */
export interface SharedCall {
  /** Aborts when every caller has gone. */
  signal: AbortSignal;
  /** The latest deadline of its callers. */
  deadline: Deadline;
  /** What has gone wrong so far; told to a caller whose time is up before the call has ended. */
  failure: Error | undefined;
}

/** Until when, and how, one caller waits for a shared call. */
export interface Caller {
  signal: AbortSignal | undefined;
  deadline: Deadline;
  /** What the caller gets when its time is up and nothing is known to have gone wrong. */
  late: Error;
}

interface Flight<T> extends SharedCall {
  promise: Promise<T>;
  controller: AbortController;
  callers: Set<Deadline>;
}

/**
 * Lets callers that ask for the same thing at the same time share one call. Each keeps its own time and its own
 * signal: the call lasts as long as the last of them waits for it, and is aborted only when all have gone.
 */
export class SharedCalls {
  readonly #clock: Clock;
  readonly #flights = new Map<string, Flight<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Joins the call in flight under `key`, or starts `run`. Rejects as `run` does, and when the caller's time is up. */
  async call<T>(
    key: string,
    { signal, deadline, late }: Caller,
    run: (call: SharedCall) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const joined = this.#flights.get(key) as Flight<T> | undefined;
    // A deadline object of its own, so that one that two callers share is counted twice.
    const own: Deadline = {
      get at() {
        return deadline.at;
      },
    };
    const flight = joined ?? this.#start(key, own, run);
    flight.callers.add(own);
    try {
      return await within(
        this.#clock,
        own,
        signal,
        () => flight.failure ?? late,
        (bounded) => unlessAborted(bounded, flight.promise),
      );
    } finally {
      flight.callers.delete(own);
      if (flight.callers.size === 0 && this.#flights.get(key) === flight) {
        this.#flights.delete(key);
        flight.controller.abort(signal?.reason ?? late);
      }
    }
  }

  #start<T>(key: string, first: Deadline, run: (call: SharedCall) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const callers = new Set<Deadline>([first]);
    const shared: SharedCall = {
      signal: controller.signal,
      deadline: {
        get at() {
          return Math.max(...[...callers].map(({ at }) => at));
        },
      },
      failure: undefined,
    };
    const flight: Flight<T> = Object.assign(shared, { promise: run(shared), controller, callers });
    this.#flights.set(key, flight);
    const land = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    // Also keeps a call that everybody left from ending as an unhandled rejection.
    flight.promise.then(land, land);
    return flight;
  }
}
