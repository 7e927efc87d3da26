import type { Clock } from './clock.ts';

/**
 * Runs `run` with a signal that aborts when `signal` does, and after `ms` milliseconds with `late`. No timer
 * and no listener is left behind.
 *
 * @throws the signal's reason or `late`, whichever came, in place of what `run` makes of the abort; otherwise
 * what `run` throws.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  late: Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = new AbortController();
  clock.sleep(ms, timer.signal).then(
    () => stop.abort(late),
    () => {},
  );
  try {
    return await run(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    timer.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}
