import type { Random } from '../clock.ts';

const FIRST_MS = 1_000;
const GROWTH = 1.2;
const CAP_MS = 10_000;

/**
 * Milliseconds until the next poll, after `polls` polls (from 1): exponential, capped, with equal jitter,
 * so that no two waits beat in step. Polling is free (contract, "status and one page").
 */
export function pollDelayMs(polls: number, random: Random): number {
  const ceiling = Math.min(CAP_MS, FIRST_MS * GROWTH ** (polls - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** Seconds that an agent which polls by itself should let pass, or null when there is nothing to wait for. */
export function pollAfterSeconds(state: {
  terminal: boolean;
  status: string;
  processed: number | null;
}): number | null {
  if (state.terminal) return null;
  return state.status === 'cancelling' ? 2 : state.processed === null ? 5 : 8;
}
