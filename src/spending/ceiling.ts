import type { Clock } from '../lib/clock.ts';
import { type CeilingNow, overCeiling } from './ceiling-words.ts';
import type { Ledger, Submission } from './ledger.ts';
import { ceilingUnknown, damageIn } from './refusals.ts';
import { isRecent, mayBeRecent, SAME_FOR_MS } from './same-search.ts';

/** The user's ceiling: the limits of all submits within a day together stay within it. */
export class Ceiling {
  readonly #ledger: Pick<Ledger, 'view'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #credits: number | null;

  /** @param credits Null for no ceiling. */
  constructor(ledger: Pick<Ledger, 'view'>, clock: Pick<Clock, 'now'>, credits: number | null) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#credits = credits;
  }

  /**
   * Counts the limits of the last day's submits; of two intents at the same time, only the second counts both.
   *
   * @param own The intent of this submit, once it is noted.
   * @throws {OpenFunnelError} `forbidden` where `limit` does not fit under the ceiling any more, or where what was
   * submitted can't be told.
   */
  async check(limit: number, own?: { key: string; written: boolean }): Promise<void> {
    if (this.#credits === null) return;
    const { submissions, readable, damage } = await this.#ledger.view();
    if (!readable || own?.written === false)
      throw ceilingUnknown("the ledger of submits can't be read or written");
    if (damage && mayBeRecent(damage, this.#clock.now())) throw ceilingUnknown(damageIn(damage));
    const end = submissions.findIndex(({ key }) => key === own?.key);
    const now = this.#count(this.#credits, end === -1 ? submissions : submissions.slice(0, end));
    if (now.spent + limit > now.ceiling) throw overCeiling(now, limit);
  }

  /** Where it stands now; null where there is none, or the ledger can't be read. */
  async now(): Promise<CeilingNow | null> {
    if (this.#credits === null) return null;
    const { submissions, readable } = await this.#ledger.view();
    return readable ? this.#count(this.#credits, submissions) : null;
  }

  #count(ceiling: number, submissions: readonly Submission[]): CeilingNow {
    const now = this.#clock.now();
    const counted = submissions.filter(({ outcome, at }) => outcome !== 'refused' && isRecent(at, now));
    const sum = (some: readonly Submission[]) => some.reduce((all, { request }) => all + request.limit, 0);
    return {
      ceiling,
      spent: sum(counted),
      future: sum(counted.filter(({ at }) => at > now)),
      frees: counted
        .sort((a, b) => a.at - b.at)
        .map(({ at, request }) => ({
          at: new Date(at + SAME_FOR_MS).toISOString(),
          credits: request.limit,
        })),
    };
  }
}
