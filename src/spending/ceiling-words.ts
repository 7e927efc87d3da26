import { OpenFunnelError } from '../openfunnel/errors.ts';

/** Where the user's ceiling stands. Credits. */
export interface CeilingNow {
  ceiling: number;
  /** Limits of the submits that count. */
  spent: number;
  /** Of them those whose submits are dated in the future. */
  future: number;
  /** What of it becomes free when, soonest first; ISO 8601, UTC. */
  frees: Array<{ at: string; credits: number }>;
}

/** A search does not fit under the ceiling. @param limit Its limit. */
export function overCeiling(now: CeilingNow, limit: number): OpenFunnelError {
  const { ceiling, spent, future } = now;
  const left = Math.max(0, ceiling - spent);
  const ahead =
    future === 0
      ? ''
      : ` (${future} of them are dated in the future, because this machine's clock was ahead)`;
  return new OpenFunnelError(
    'forbidden',
    `The user's daily ceiling allows no search of ${limit} credits now: ${left} of ${ceiling} credits are left for the last 24 hours, in which searches for up to ${spent} were submitted${ahead}. Nothing was submitted. ` +
      `${left > 0 ? `A limit of at most ${left} fits now. ` : ''}${freesInWords(now, limit)} Only the user can change the ceiling, in this server's configuration (OPENFUNNEL_DAILY_CREDITS); no argument can.`,
  );
}

/** Times that are told one by one. */
const MOST_TIMES = 3;

/** When how much of the ceiling becomes free, in words. @param limit What is to fit; null where nothing is. */
export function freesInWords({ ceiling, spent, frees }: CeilingNow, limit: number | null): string {
  const told = frees.slice(0, MOST_TIMES).map(({ at, credits }) => `${credits} at ${at}`);
  const more = frees.length - told.length;
  const said =
    told.length === 0 ? '' : `Free again: ${told.join(', ')}${more > 0 ? `, and ${more} more later` : ''}.`;
  if (limit === null) return said;
  if (limit > ceiling) return `${said} A limit of ${limit} never fits.`;
  let free = ceiling - spent;
  const fitting = frees.find(({ credits }) => {
    free += credits;
    return free >= limit;
  });
  return fitting === undefined ? said : `${said} A limit of ${limit} fits from ${fitting.at} on.`;
}

/** Where the ceiling stands, in words. */
export function ceilingInWords(now: CeilingNow): string {
  const { ceiling, spent } = now;
  const frees = freesInWords(now, null);
  return `Daily ceiling of the user: ${Math.max(0, ceiling - spent)} of ${ceiling} credits are left to submit within 24 hours.${frees === '' ? '' : ` ${frees}`}`;
}
