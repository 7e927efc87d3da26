import type { Random } from '../lib/clock.ts';

const BASE_MS = 250;
const CAP_MS = 4_000;

/**
 * Milliseconds to wait after the `attempt`th failure (from 1): exponential, capped, full jitter.
 */
export function backoffMs(attempt: number, random: Random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1)));
}
