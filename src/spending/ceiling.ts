import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { Ledger, Submission } from './ledger.ts';
import { type KeptLists, type Lost, lostSubmits } from './lost-submits.ts';
import { damageIn, unreadIn } from './refusals.ts';
import { isRecent, mayBeRecent, SAME_FOR_MS } from './same-search.ts';

/** What the ceiling is counted from; in `Services`. */
export interface CeilingParts {
  ledger: Pick<Ledger, 'view'>;
  kept: KeptLists;
  clock: Pick<Clock, 'now'>;
  /** The limits of all submits within a day together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
}

/** Where the user's ceiling stands, in credits; `frees`: what becomes free when (ISO 8601, UTC), soonest first. */
type CeilingNow = ReturnType<typeof countOf>;

const MOST_TIMES = 3;

/**
 * Counts the limits of the last day's submits; with its own intent given, those before it alone.
 * @throws {OpenFunnelError} `forbidden` where `limit` does not fit any more, or what was submitted can't be told.
 */
export async function checkCeiling(
  { ledger, kept, clock, dailyCredits }: CeilingParts,
  limit: number,
  own?: { key: string; written: boolean },
): Promise<void> {
  if (dailyCredits === null) return;
  const { jobs, submissions, readable, damage } = await ledger.view();
  if (!readable || own?.written === false)
    throw ceilingUnknown("the ledger of submits can't be read or written");
  if (damage && mayBeRecent(damage, clock.now())) throw ceilingUnknown(damageIn(damage));
  const lost = await lostSubmits(kept, jobs);
  if (lost.unread !== null) throw ceilingUnknown(unreadIn(lost.unread));
  const end = submissions.findIndex(({ key }) => key === own?.key);
  const before = end === -1 ? submissions : submissions.slice(0, end);
  const now = countOf(dailyCredits, before, lost, clock.now());
  if (limit > now.left) throw overCeiling(now, limit);
}

/** Where it stands now; null where there is none, or the ledger can't be read. */
export async function ceilingNow(parts: CeilingParts): Promise<CeilingNow | null> {
  const { ledger, kept, clock, dailyCredits } = parts;
  if (dailyCredits === null) return null;
  const { jobs, submissions, readable } = await ledger.view();
  return readable ? countOf(dailyCredits, submissions, await lostSubmits(kept, jobs), clock.now()) : null;
}

/** The same in words; none for null. */
export async function ceilingTold(parts: CeilingParts): Promise<string[]> {
  const now = await ceilingNow(parts);
  if (now === null) return [];
  return [ceilingInWords(now), ...(now.incomplete ? [INCOMPLETE] : [])];
}

function countOf(credits: number, submissions: readonly Submission[], lost: Lost, now: number) {
  const recent = ({ at }: { at: number }) => isRecent(at, now);
  const noted = submissions.filter(({ outcome }) => outcome !== 'refused');
  const counted = [...noted, ...lost.submits].filter(recent).sort((a, b) => a.at - b.at);
  const sum = (some: typeof counted) => some.reduce((all, { request }) => all + request.limit, 0);
  const spent = sum(counted);
  return {
    credits,
    left: Math.max(0, credits - spent),
    frees: counted.map(({ at, request }) => ({
      at: new Date(at + SAME_FOR_MS).toISOString(),
      credits: request.limit,
    })),
    /** Whether the ledger was lost, so that there may have been submits within the day that nothing tells of. */
    incomplete: lost.submits.some(recent) || (lost.submits.length > 0 && submissions.every(recent)),
    /** Limits of the submits that count, and of those among them that are dated in the future. */
    spent,
    future: sum(counted.filter(({ at }) => at > now)),
  };
}

export const INCOMPLETE =
  'Fewer credits may be left under the daily ceiling: the ledger of submits was lost, and searches of which no list is stored here are not counted.';

export function ceilingInWords({ credits, left, frees }: CeilingNow): string {
  return `Daily ceiling of the user: ${left} of ${counted(credits, 'credit', 'are')} left to submit within 24 hours.${freesInWords(frees)}`;
}

function freesInWords(frees: CeilingNow['frees']): string {
  if (frees.length === 0) return '';
  const told = frees.slice(0, MOST_TIMES).map(({ at, credits }) => `${credits} at ${at}`);
  const more = frees.length - told.length;
  return ` Free again: ${told.join(', ')}${more > 0 ? `, and ${more} more later` : ''}.`;
}

/** From when a limit that does not fit now does, in words. */
function fitsInWords({ credits, spent, frees }: CeilingNow, limit: number): string {
  if (limit > credits) return ` A limit of ${limit} never fits.`;
  let free = credits - spent;
  const fitting = frees.find((each) => {
    free += each.credits;
    return free >= limit;
  });
  return fitting === undefined ? '' : ` A limit of ${limit} fits from ${fitting.at} on.`;
}

function overCeiling(now: CeilingNow, limit: number): OpenFunnelError {
  const { credits, left, spent, future, frees } = now;
  const why = "dated in the future, because this machine's clock was ahead";
  const ahead = future === 0 ? '' : ` (${future} of them are ${why})`;
  return new OpenFunnelError(
    'forbidden',
    `The user's daily ceiling allows no search of ${counted(limit, 'credit')} now: ${left} of ${counted(credits, 'credit', 'are')} left for the last 24 hours, in which searches for up to ${spent} were submitted${ahead}. Nothing was submitted.` +
      `${left > 0 ? ` A limit of at most ${left} fits now.` : ''}${freesInWords(frees)}${fitsInWords(now, limit)} Only the user can change the ceiling, in this server's configuration (OPENFUNNEL_DAILY_CREDITS); no argument can.`,
  );
}

function ceilingUnknown(why: string): OpenFunnelError {
  return new OpenFunnelError(
    'forbidden',
    `The user's daily ceiling (OPENFUNNEL_DAILY_CREDITS) can't be enforced, because ${why}. Nothing was submitted. Ask the user to check OPENFUNNEL_STATE_DIR; no argument overrides it.`,
  );
}
