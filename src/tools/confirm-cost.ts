import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { CreditBalance } from '../openfunnel/wire.ts';
import { invalidInput } from '../results/result.ts';
import type { ToolCall } from './define-tool.ts';

/** What asking for the yes works with. */
export interface CostParts {
  balance: (signal: AbortSignal) => Promise<CreditBalance>;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
}

/**
 * Gets the user's yes to a submit whose worst case is above the threshold: by a form where the client has
 * one, else by `confirm_credits`, which a form that was shown is never replaced by. Resolves when there is a yes,
 * or none is needed.
 *
 * @param limit Companies asked for: the worst case in credits (contract: 1 per company delivered).
 * @throws {OpenFunnelError} `invalid_input` where the yes is missing, `forbidden` where the user said no or did not answer.
 */
export async function confirmCost(
  limit: number,
  confirmed: number | undefined,
  { balance, confirmAbove }: CostParts,
  { ask, signal }: ToolCall,
): Promise<void> {
  if (confirmAbove === null || limit <= confirmAbove) return;
  const left = await balance(signal).then(
    ({ credits_left }) => `${credits_left} credits are left`,
    (error: unknown) => {
      // Without a key, or with a wrong one, there is nothing to ask about.
      if (error instanceof OpenFunnelError && ['missing_api_key', 'unauthorized'].includes(error.code))
        throw error;
      signal.throwIfAborted();
      return 'how many credits are left could not be read';
    },
  );
  const cost = `up to ${limit} companies for at most ${limit} credits (1 per company delivered); ${left}`;
  const answer = await ask(`Start a bulk lookalike search for ${cost}?`);
  if (answer === 'yes') return;
  if (answer === 'no') {
    throw new OpenFunnelError(
      'forbidden',
      'The user did not agree to the cost, so nothing was submitted and nothing is billed. Ask them what to change, such as a lower limit; do not submit the same again.',
    );
  }
  if (answer === 'unanswered') {
    throw new OpenFunnelError(
      'forbidden',
      'The user was asked about the cost in a form and gave no answer that is a yes, so nothing was submitted and nothing is billed. Ask them whether they want the search; if so, call again, and the form is shown again (confirm_credits does not take its place).',
    );
  }
  if (confirmed === limit) return;
  throw invalidInput(
    `This search needs the user's yes first: ${cost}. Tell the user exactly that; only if they agree, call again with the same arguments and confirm_credits: ${limit}.${
      confirmed === undefined ? '' : ` (confirm_credits was ${confirmed}, which is not the limit.)`
    }`,
  );
}
