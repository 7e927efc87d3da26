import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import type { Ledger, Submission } from './ledger.ts';

/** Reading the balance holds up what it is read for no longer than this. Milliseconds. */
const READ_MS = 2_000;

type Account = Pick<OpenFunnelClient, 'getBalance'>;

/** Credits left, for what is told beside something else; null where that can't be read just now. */
export async function creditsLeft(api: Account, clock: Clock, signal: AbortSignal): Promise<number | null> {
  const balance = await orFailure(api.getBalance(signal, deadlineIn(clock, READ_MS)), signal);
  return balance instanceof OpenFunnelError ? null : balance.credits_left;
}

/**
 * The balance before a submit beside the one `left` at `now` (ms since the epoch), in words; '' where neither was read,
 * or another key sent it. It proves nothing: OpenFunnel does not say how long billing can lag behind.
 */
export function balanceSince(
  { at, other_key, credits_before: credits }: Pick<Submission, 'at' | 'other_key' | 'credits_before'>,
  left: number | null,
  now: number,
): string {
  const lag = 'How long billing can lag behind is unknown.';
  if (other_key) return '';
  if (credits === null)
    return left === null
      ? ''
      : `The balance before it was not read; ${counted(left, 'credit', 'are')} left now. ${lag}`;
  const before = `The balance right before it was ${counted(credits, 'credit')}`;
  if (left === null) return `${before}; what is left now could not be read. ${lag}`;
  const seconds = Math.max(0, (now - at) / 1000);
  const minutes = seconds / 60;
  const [count, unit] =
    minutes < 2 ? [seconds, 'second'] : minutes < 90 ? [minutes, 'minute'] : [minutes / 60, 'hour'];
  const words = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  const later = count.toLocaleString('en', words);
  if (left === credits) return `${before} and is ${left} now, unchanged after ${later}. ${lag}`;
  const [change, why] =
    left < credits ? ['less', ', by this submit or others'] : ['more', ', so credits were added'];
  return `${before} and is ${left} now, ${creditsBetween(left, credits)} ${change} after ${later}${why}. ${lag}`;
}

/** What a failed job was charged, by the balance before its submit and now, in words. */
export async function chargedFor(
  { ledger, api, clock }: { ledger: Pick<Ledger, 'find'>; api: Account; clock: Clock },
  jobId: string,
  signal: AbortSignal,
): Promise<string> {
  const job = await ledger.find(jobId);
  const before = job?.other_key === false ? job.credits_before : null;
  const left = await creditsLeft(api, clock, signal);
  if (left === null)
    return 'The balance could not be read just now, so whether anything was charged is not known.';
  if (before === null)
    return `The balance is ${counted(left, 'credit')} now; what it was before the job is not known, so the OpenFunnel dashboard tells whether anything was charged.`;
  const said = `The balance was ${counted(before, 'credit')} before the job and is ${left} now`;
  if (left >= before) return `${said}: nothing charged so far.`;
  return `${said}: ${creditsBetween(left, before)} less, charged for this job or for others since.`;
}

function creditsBetween(a: number, b: number): number {
  return Math.round(Math.abs(a - b) * 100) / 100;
}
