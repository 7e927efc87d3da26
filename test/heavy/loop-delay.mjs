import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A histogram of the event loop's delay, not started yet. */
export const loopDelay = monitorEventLoopDelay({ resolution: 1 });

/** What it has seen. Milliseconds. */
export function seenDelay() {
  const ms = (nanoseconds) => nanoseconds / 1e6;
  return { p50: ms(loopDelay.percentile(50)), p99: ms(loopDelay.percentile(99)), max: ms(loopDelay.max) };
}
