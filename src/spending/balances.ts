import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';

export interface BalanceBefore {
  /** Credits left; null where that could not be read. */
  credits: number | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Reading the balance holds up what it is read for no longer than this. Milliseconds. */
const READ_MS = 2_000;

/** Credits left, for what is told beside something else; null where that can't be read just now. */
export async function creditsLeft(
  api: Pick<OpenFunnelClient, 'getBalance'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    return (await api.getBalance(signal, deadlineIn(clock, READ_MS))).credits_left;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OpenFunnelError)) throw error;
    return null;
  }
}

/**
 * The balance before a submit beside the one of now, in words, which prove nothing: OpenFunnel does not say how long
 * billing can lag behind. A balance that could not be read is null; `now` in milliseconds since the epoch.
 */
export function balanceSince({ credits, at }: BalanceBefore, left: number | null, now: number): string {
  const lag = 'How long billing can lag behind is unknown.';
  if (credits === null && left === null) return '';
  if (credits === null) return `The balance before it was not read; ${left} credits are left now. ${lag}`;
  const before = `The balance right before it was ${credits} credits`;
  if (left === null) return `${before}; what is left now could not be read. ${lag}`;
  const later = timeBetween(at, now);
  if (left === credits) return `${before} and is ${left} now, unchanged after ${later}. ${lag}`;
  const change = Math.round(Math.abs(credits - left) * 100) / 100;
  return left < credits
    ? `${before} and is ${left} now, ${change} less after ${later}, by this submit or others. ${lag}`
    : `${before} and is ${left} now, ${change} more after ${later}, so credits were added. ${lag}`;
}

/** What a failed job was charged, by the balance before and now (null where unknown), in words. */
export function chargedSince(before: number | null, left: number | null): string {
  if (left === null)
    return 'The balance could not be read just now, so whether anything was charged is not known.';
  if (before === null)
    return `The balance is ${left} credits now; what it was before the job is not known, so the OpenFunnel dashboard tells whether anything was charged.`;
  const said = `The balance was ${before} credits before the job and is ${left} now`;
  if (left >= before) return `${said}: nothing charged so far.`;
  return `${said}: ${Math.round((before - left) * 100) / 100} less, charged for this job or for others since.`;
}

/** How long ago something was, in words. Times in milliseconds since the epoch. */
function timeBetween(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  const [count, unit] =
    seconds < 90
      ? [seconds, 'second']
      : seconds < 5_400
        ? [seconds / 60, 'minute']
        : [seconds / 3600, 'hour'];
  const words = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return count.toLocaleString('en', words);
}
