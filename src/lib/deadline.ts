import { type Clock, nextTurn } from './clock.ts';

/** Until when a call may take. Of calls that share work it is the latest of theirs, and moves on as others join. */
export interface Deadline {
  /** On the monotonic clock. Milliseconds. */
  readonly at: number;
}

export function deadlineIn(clock: Clock, ms: number): Deadline {
  return { at: clock.monotonic() + ms };
}

/** A timer that is later than this was held up by a process that stood still. Milliseconds. */
const STOOD_STILL_MS = 250;
/** Then what has arrived meanwhile gets this long to be read. Milliseconds. */
const CATCH_UP_MS = 1_000;

/**
 * Resolves after `ms` milliseconds, when what has arrived by then was read: after a suspend, timers run before sockets and
 * files are looked at. Throws the signal's reason as soon as it aborts.
 */
export async function timeUp(
  clock: Pick<Clock, 'monotonic' | 'sleep'>,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const due = clock.monotonic() + ms;
  await clock.sleep(ms, signal);
  if (clock.monotonic() - due > STOOD_STILL_MS) await clock.sleep(CATCH_UP_MS, signal);
  else await nextTurn();
  signal.throwIfAborted();
}

/**
 * Runs `run` with a signal that aborts when `signal` does, and at the deadline with what `late` gives; that reason is
 * thrown in place of what `run` makes of the abort.
 */
export async function within<T>(
  clock: Clock,
  deadline: Deadline,
  signal: AbortSignal | undefined,
  late: () => Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = new AbortController();
  const expire = async () => {
    // The deadline may move on, and a timer fire a moment early; one that can't be set so far ahead (24 days) is set again.
    for (let left = deadline.at - clock.monotonic(); left > 0; left = deadline.at - clock.monotonic())
      await timeUp(clock, Math.min(Math.ceil(left), 2 ** 31 - 1), timer.signal);
    stop.abort(late());
  };
  try {
    const running = run(stop.signal);
    expire().catch(() => {});
    return await running;
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    timer.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** `promise`, or the signal's reason as soon as it aborts; what the promise becomes then is dropped. */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
