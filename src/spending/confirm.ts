import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import { type CeilingParts, ceilingTold } from './ceiling.ts';

/** What became of a form: `unanswered` brought neither yes nor no, `unavailable` is a client that has no forms. */
export type Answered = 'yes' | 'no' | 'unanswered' | 'unavailable';

const REFUSED = {
  no: 'The user did not agree to the cost, so nothing was submitted and nothing is billed. Ask them what to change, such as a lower limit; do not submit the same again.',
  unanswered:
    'The user was asked about the cost in a form and did not answer yes, so nothing was submitted and nothing is billed. Ask them whether they want the search; if so, call again, and the form is shown again (confirm_credits does not take its place).',
} as const;

/**
 * Resolves when there is the user's yes to what a submit over `confirmAbove` credits can cost: by a form where the client has
 * one, else by `confirmed` (the limit), which never takes the place of a form that was shown. `advice` is said before
 * the question. A yes to less than the limit is refused at any size.
 * @throws {OpenFunnelError} `invalid_input` where the yes is missing or too small, `forbidden` where a form brought none.
 */
export async function confirmCost(
  parts: CeilingParts & { api: Pick<OpenFunnelClient, 'getBalance'>; confirmAbove: number | null },
  { limit, confirmed, advice }: { limit: number; confirmed: number | undefined; advice: readonly string[] },
  ask: (question: string) => Promise<Answered>,
  signal: AbortSignal,
): Promise<void> {
  const { api, confirmAbove } = parts;
  if (confirmAbove === null || limit <= confirmAbove) {
    if (confirmed === undefined || confirmed >= limit) return;
    throw new OpenFunnelError(
      'invalid_input',
      `Nothing was sent: confirm_credits is ${confirmed}, but this search can cost ${counted(limit, 'credit')} (its limit). Call again with limit: ${confirmed}, or, if the user agrees to ${counted(limit, 'credit')}, without confirm_credits.`,
    );
  }
  const known = [...advice, ...(await ceilingTold(parts))];
  const balance = await orFailure(api.getBalance(signal), signal);
  const unread = balance instanceof OpenFunnelError;
  // Without a key, or with a wrong one, there is nothing to ask about.
  if (unread && ['missing_api_key', 'unauthorized'].includes(balance.code)) throw balance;
  const left = unread
    ? 'the number of credits left could not be read'
    : `${counted(balance.credits_left, 'credit', 'are')} left`;
  const cost = `up to ${counted(limit, 'company')} for at most ${counted(limit, 'credit')} (1 per company delivered); ${left}`;
  const answer = await ask([...known, `Start a bulk lookalike search for ${cost}?`].join(' '));
  if (answer === 'no' || answer === 'unanswered') throw new OpenFunnelError('forbidden', REFUSED[answer]);
  if (answer === 'yes' || confirmed === limit) return;
  const wrong = confirmed === undefined ? '' : ` (confirm_credits was ${confirmed}, which is not the limit.)`;
  throw new OpenFunnelError(
    'invalid_input',
    `Nothing was sent: this search needs the user's yes first, ${[`${cost}.`, ...known].join(' ')} Tell the user exactly that; only if they agree, call again with the same arguments and confirm_credits: ${limit}.${wrong}`,
  );
}
