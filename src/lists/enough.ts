import { ProgressSink } from '../reading/progress.ts';
import { describeProgress } from '../reading/state.ts';
import type { CollectCall, CollectParts } from './collect.ts';
import type { Call, CollectedList } from './collected-list.ts';

export type EnoughWait = Awaited<ReturnType<typeof waitForEnough>>;

/** Shortest pause between two looks at the job. Milliseconds. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Waits until a job has ended, `enough` companies have come that are neither seed, duplicate nor known, or the
 * time is up, whichever is first. While the job runs, the pages that are there are read and counted.
 *
 * @returns Whether there are as many as were wanted though the job goes on, how many there are (null where none were
 * counted), and how much of the wait is left (milliseconds).
 */
export async function waitForEnough(
  { lists, states, clock }: Pick<CollectParts, 'lists' | 'states' | 'clock'>,
  { jobId, enough, maxWaitMs }: { jobId: string; enough: number; maxWaitMs: number },
  { signal, report }: CollectCall,
) {
  const endsAt = clock.monotonic() + maxWaitMs;
  const progress = new ProgressSink(report);
  let counted: number | null = null;
  let delivered = 0;
  let countedAt = -1;
  for (;;) {
    const { state, pollAfterMs } = await states.now(jobId, { signal });
    const leftMs = Math.max(0, endsAt - clock.monotonic());
    const result = { net_new: counted, state, leftMs };
    if (state.terminal) return { ...result, reached: false };
    progress.waiting(state.processed, null, describeProgress(state, null));
    const processed = state.processed ?? 0;
    // As many as are processed are not there yet where fewer are; pages are written behind them.
    const more = processed > countedAt || delivered < processed;
    if (state.processed === null || (processed >= enough && more)) {
      countedAt = processed;
      const list = await lists.get(jobId, { signal, running: true });
      counted = await netNew(list, { signal });
      delivered = Math.max(delivered, list.about.companies);
      if (counted >= enough) return { ...result, net_new: counted, reached: true };
    }
    if (leftMs === 0) return { ...result, net_new: counted, reached: false };
    await clock.sleep(Math.min(leftMs, Math.max(SHORTEST_PAUSE_MS, pollAfterMs)), signal);
  }
}

/** In SQL: the company is neither seed, duplicate nor on any of the user's own lists. */
export const NET_NEW = "(is_seed = 0 AND same_as IS NULL AND known_in = '[]')";

/** How many companies of a list are. */
export async function netNew(list: CollectedList, call: Call): Promise<number> {
  const [row] = await list.rows(`SELECT COUNT(*) FROM companies WHERE ${NET_NEW}`, call);
  return Number(row?.[0] ?? 0);
}
