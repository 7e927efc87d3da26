import type { Clock } from '../lib/clock.ts';
import type { Ledger } from './ledger.ts';
import { ceilingUnknown, damageIn, overCeiling } from './refusals.ts';
import { isRecent, mayBeRecent } from './same-search.ts';

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
    const now = this.#clock.now();
    if (damage && mayBeRecent(damage, now)) throw ceilingUnknown(damageIn(damage));
    let [spent, future] = [0, 0];
    for (const { key, outcome, at, request } of submissions) {
      if (key === own?.key) break;
      if (outcome === 'refused' || !isRecent(at, now)) continue;
      spent += request.limit;
      if (at > now) future += request.limit;
    }
    if (spent + limit > this.#credits) throw overCeiling(this.#credits, spent, limit, future);
  }
}
