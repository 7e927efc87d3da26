import type { Jobs } from '../jobs/jobs.ts';
import { type ProgressReport, ProgressSink } from '../jobs/progress.ts';
import { describeProgress, type JobState } from '../jobs/state.ts';
import type { Clock } from '../lib/clock.ts';
import type { Row } from '../openfunnel/wire.ts';
import { IdentityIndex, identityOf } from './identity.ts';
import type { KnownList } from './known.ts';
import type { SeedMatcher } from './seeds.ts';

/** Where waiting for enough companies has ended. */
export interface EnoughWait {
  /** Whether there are as many as were wanted, though the job goes on. */
  reached: boolean;
  /** Companies so far that are neither seed, duplicate nor known; null where none were counted. */
  net_new: number | null;
  /** Companies delivered so far: what cancelling now costs at the least. */
  delivered: number;
  state: JobState;
  /** Milliseconds of the wait that are left. */
  leftMs: number;
}

/** Shortest pause between two looks at the job. Milliseconds. */
const SHORTEST_PAUSE_MS = 1_000;

/** Counts companies that are neither a seed, a duplicate nor on a list. */
export class NetNew {
  readonly #seeds: SeedMatcher;
  readonly #lists: readonly KnownList[];
  readonly #seen = new IdentityIndex<true>();
  count = 0;
  rows = 0;

  constructor(seeds: SeedMatcher, lists: readonly KnownList[]) {
    this.#seeds = seeds;
    this.#lists = lists;
  }

  take(rows: readonly Row[]): void {
    for (const row of rows) this.#seeds.learn(row);
    for (const row of rows) {
      this.rows += 1;
      const who = identityOf(row);
      const repeated = this.#seen.add(who, true) !== undefined;
      if (repeated || this.#seeds.isSeed(row, who) || this.#lists.some((list) => list.has(who))) continue;
      this.count += 1;
    }
  }
}

/**
 * Waits until a job has ended, `enough` companies have come that are neither seed, duplicate nor known, or the
 * time is up, whichever is first. While the job runs, the pages that are there are read and counted.
 */
export async function waitForEnough(
  jobs: Pick<Jobs, 'state' | 'read'>,
  clock: Clock,
  counter: () => NetNew,
  { jobId, enough, maxWaitMs }: { jobId: string; enough: number; maxWaitMs: number },
  { signal, report }: { signal: AbortSignal; report: (report: ProgressReport) => void },
): Promise<EnoughWait> {
  const endsAt = clock.monotonic() + maxWaitMs;
  const progress = new ProgressSink(report);
  let counted: number | null = null;
  let delivered = 0;
  let countedAt = -1;
  for (;;) {
    const { state, pollAfterMs } = await jobs.state(jobId, { signal });
    const leftMs = Math.max(0, endsAt - clock.monotonic());
    const result = { net_new: counted, delivered, state, leftMs };
    if (state.terminal) return { ...result, reached: false };
    progress.waiting(state.processed, null, describeProgress(state, null));
    const processed = state.processed ?? 0;
    // As many as are processed are not there yet where fewer are.
    if (state.processed === null || (processed >= enough && processed > countedAt)) {
      countedAt = processed;
      const netNew = counter();
      await jobs.read(jobId, () => [netNew], { signal });
      counted = netNew.count;
      delivered = Math.max(delivered, netNew.rows);
      if (counted >= enough) return { ...result, net_new: counted, delivered, reached: true };
    }
    if (leftMs === 0) return { ...result, net_new: counted, delivered, reached: false };
    await clock.sleep(Math.min(leftMs, Math.max(SHORTEST_PAUSE_MS, pollAfterMs)), signal);
  }
}
