interface Flight<T> {
  promise: Promise<T>;
  controller: AbortController;
  callers: number;
}

/**
 * Lets callers that ask for the same thing at the same time share one call. The call is aborted only when
 * every caller has gone; a caller that goes gets its own signal's reason at once.
 */
export class SharedCalls {
  readonly #flights = new Map<string, Flight<unknown>>();

  /** Joins the call in flight under `key`, or starts `run`. Rejects as `run` does, or when `signal` aborts. */
  async call<T>(
    key: string,
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const flight = (this.#flights.get(key) as Flight<T> | undefined) ?? this.#start(key, run);
    flight.callers += 1;
    let leave: (() => void) | undefined;
    try {
      if (!signal) return await flight.promise;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal.reason);
        signal.addEventListener('abort', leave, { once: true });
      });
      return await Promise.race([flight.promise, left]);
    } finally {
      if (leave) signal?.removeEventListener('abort', leave);
      flight.callers -= 1;
      if (flight.callers === 0 && this.#flights.get(key) === flight) {
        this.#flights.delete(key);
        flight.controller.abort(signal?.reason);
      }
    }
  }

  #start<T>(key: string, run: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = {
      promise: run(controller.signal),
      controller,
      callers: 0,
    };
    this.#flights.set(key, flight);
    const land = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    // Also keeps a call that everybody left from ending as an unhandled rejection.
    flight.promise.then(land, land);
    return flight;
  }
}
