import type { OpenFunnelClient } from '../openfunnel/client.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Ceiling } from './ceiling.ts';

/** What became of a form: `unanswered` brought neither yes nor no, `unavailable` is a client that has no forms. */
export type Answered = 'yes' | 'no' | 'unanswered' | 'unavailable';

const REFUSED = {
  no: 'The user did not agree to the cost, so nothing was submitted and nothing is billed. Ask them what to change, such as a lower limit; do not submit the same again.',
  unanswered:
    'The user was asked about the cost in a form and did not answer yes, so nothing was submitted and nothing is billed. Ask them whether they want the search; if so, call again, and the form is shown again (confirm_credits does not take its place).',
} as const;

export class CostConfirmation {
  readonly #account: Pick<OpenFunnelClient, 'getBalance'>;
  readonly #ceiling: Ceiling;
  readonly #above: number | null;

  /** @param above Submits with a higher limit need the user's yes; null asks never. Credits. */
  constructor(account: Pick<OpenFunnelClient, 'getBalance'>, ceiling: Ceiling, above: number | null) {
    this.#account = account;
    this.#ceiling = ceiling;
    this.#above = above;
  }

  /**
   * Resolves when there is a yes, or none is needed: by a form where the client has one, else by `confirmed` (the
   * limit, in credits), which never takes the place of a form that was shown.
   *
   * @param advice What the user has to know before the question, in sentences; where the ceiling stands is added.
   * @throws {OpenFunnelError} `invalid_input` where the yes is missing, `forbidden` where a form brought none.
   */
  async get(
    limit: number,
    confirmed: number | undefined,
    ask: (question: string) => Promise<Answered>,
    advice: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#above === null || limit <= this.#above) return;
    const known = [...advice, ...(await this.#ceiling.inWords())];
    const cost = `up to ${limit} companies for at most ${limit} credits (1 per company delivered); ${await this.#left(signal)}`;
    const answer = await ask([...known, `Start a bulk lookalike search for ${cost}?`].join(' '));
    if (answer === 'no' || answer === 'unanswered') throw new OpenFunnelError('forbidden', REFUSED[answer]);
    if (answer === 'yes' || confirmed === limit) return;
    throw new OpenFunnelError(
      'invalid_input',
      `Nothing was sent: this search needs the user's yes first, ${[`${cost}.`, ...known].join(' ')} Tell the user exactly that; only if they agree, call again with the same arguments and confirm_credits: ${limit}.${
        confirmed === undefined ? '' : ` (confirm_credits was ${confirmed}, which is not the limit.)`
      }`,
    );
  }

  /** How many credits are left, in words. Without a key, or with a wrong one, there is nothing to ask about. */
  async #left(signal: AbortSignal): Promise<string> {
    try {
      return `${(await this.#account.getBalance(signal)).credits_left} credits are left`;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OpenFunnelError && ['missing_api_key', 'unauthorized'].includes(error.code))
        throw error;
      return 'the number of credits left could not be read';
    }
  }
}
