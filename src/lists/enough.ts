import type { JobPage } from '../openfunnel/wire.ts';
import type { JobState } from '../reading/state.ts';
import type { CollectedLists } from './collected.ts';
import type { Call, CollectedList } from './collected-list.ts';

/** In SQL: the company is neither seed, duplicate nor on any of the user's own lists. */
export const NET_NEW = "(is_seed = 0 AND same_as IS NULL AND known_in = '[]')";

/** How many companies of a list are. */
export async function netNew(list: CollectedList, call: Call): Promise<number> {
  const [row] = await list.rows(`SELECT COUNT(*) FROM companies WHERE ${NET_NEW}`, call);
  return Number(row?.[0] ?? 0);
}

/** Counts such companies of a running job at each look: the pages that are there are read where there may be more. */
export class NewCompanies {
  readonly #lists: CollectedLists;
  readonly #wanted: number;
  /** As many as there were when they were counted last; null where they were not. */
  #count: number | null = null;
  #delivered = 0;
  #countedAt = -1;

  /** @param wanted How many are enough. */
  constructor(lists: CollectedLists, wanted: number) {
    this.#lists = lists;
    this.#wanted = wanted;
  }

  /** Whether there are enough by now. @param first The page with which the state came. */
  async enough(state: JobState, first: JobPage, { signal }: Call): Promise<boolean> {
    const processed = state.processed ?? 0;
    // As many as are processed are not there yet where fewer are; pages are written behind them.
    const more = processed > this.#countedAt || this.#delivered < processed;
    if (state.processed !== null && (processed < this.#wanted || !more)) return false;
    this.#countedAt = processed;
    const list = await this.#lists.get(state.job_id, { signal, running: true, first });
    this.#count = await netNew(list, { signal });
    this.#delivered = Math.max(this.#delivered, list.about.companies);
    return this.#count >= this.#wanted;
  }

  /** What came of it. @param list As it is told, so that what has come since it was counted counts too. */
  async outcome({ state, list }: { state: JobState; list: CollectedList | null }, call: Call) {
    const whole = list?.about.whole === true;
    const now = list && (whole || !state.terminal) ? await netNew(list, call) : null;
    const net_new = whole || this.#count === null ? now : Math.max(this.#count, now ?? 0);
    const reached = !state.terminal && (net_new ?? 0) >= this.#wanted;
    return { wanted: this.#wanted, net_new, reached };
  }
}
