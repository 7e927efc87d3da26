import type { JobPage } from '../openfunnel/wire.ts';
import type { JobState } from '../reading/state.ts';
import type { CollectedLists } from './collected.ts';
import type { Call, CollectedList } from './collected-list.ts';

/** In SQL: the row says which company it is about. */
export const HAS_COMPANY = 'COALESCE(name, domain, linkedin_url) IS NOT NULL';
/** In SQL: the row is about a company that is neither seed, duplicate nor on any of the user's own lists. */
export const NET_NEW = `(is_seed = 0 AND same_as IS NULL AND known_in = '[]' AND ${HAS_COMPANY})`;

async function netNew(list: CollectedList, call: Call): Promise<number> {
  const [row] = await list.rows(`SELECT COUNT(*) FROM companies WHERE ${NET_NEW}`, call);
  return Number(row?.[0] ?? 0);
}

/** Counts such companies of a running job at each look where there may be more. @param wanted How many are enough. */
export function countingNew(lists: CollectedLists, wanted: number) {
  /** As many as there were when they were counted last; null where they were not. */
  let count: number | null = null;
  let delivered = 0;
  let countedAt = -1;
  return {
    /** Whether there are enough by now. @param first The page with which the state came. */
    async enough(state: JobState, first: JobPage, call: Call): Promise<boolean> {
      const processed = state.processed ?? 0;
      // As many as are processed are not there yet where fewer are; pages are written behind them.
      const more = processed > countedAt || delivered < processed;
      if (state.processed !== null && (processed < wanted || !more)) return false;
      countedAt = processed;
      const list = await lists.get(state.job_id, { ...call, running: true, first });
      count = await netNew(list, call);
      delivered = Math.max(delivered, list.about.companies);
      return count >= wanted;
    },
    /** What came of it. @param list As it is told, so that what has come since it was counted counts too. */
    async outcome(state: JobState, list: CollectedList | null, call: Call) {
      const whole = list?.about.whole === true;
      const now = list && (whole || !state.terminal) ? await netNew(list, call) : null;
      const net_new = whole || count === null ? now : Math.max(count, now ?? 0);
      return { wanted, net_new, reached: !state.terminal && (net_new ?? 0) >= wanted };
    },
  };
}
