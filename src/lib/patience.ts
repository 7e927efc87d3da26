import type { Clock } from './clock.ts';
import { timeUp } from './deadline.ts';

/** Work that took longer than its limit, or that was not started because earlier work still does. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

/** The system's code of an error, such as ENOSPC; "unknown" for none. */
export function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
}

/** Why a folder could not be read or written, in words. */
export function whyUnusable(folder: string, error: unknown): string {
  const code = errnoOf(error);
  if (error instanceof Stuck) return `${folder} does not answer`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return `${folder} can't be written or read (${code})`;
}

/**
 * Bounds the waiting for a folder that may have gone away (a network home): each stuck operation holds one of the few
 * threads of the process, so nothing else is begun as long as one has not ended.
 */
export function patience(clock: Pick<Clock, 'monotonic' | 'sleep'>, limitMs: number) {
  let stuck = 0;
  /** @throws {Stuck} and what the work throws. */
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (stuck > 0) throw new Stuck('earlier work is stuck');
    const running = work();
    const timer = new AbortController();
    const late = timeUp(clock, limitMs, timer.signal).then(() => {
      stuck += 1;
      const ended = () => {
        stuck -= 1;
      };
      running.then(ended, ended);
      throw new Stuck(`longer than ${limitMs} ms`);
    });
    late.catch(() => {});
    return Promise.race([running, late]).finally(() => timer.abort());
  };
}
