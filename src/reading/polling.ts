import type { Clock, Random } from '../lib/clock.ts';
import type { JobState } from './state.ts';

/** What the time until the next poll is worked out from. */
export interface PollFacts {
  /** Time since the submit, or since the job was first seen from here. Milliseconds. */
  ageMs: number;
  limit: number | null;
  state: Pick<JobState, 'status' | 'processed' | 'stage'> | null;
}

type NotedPace = { submitted_at: string | null; noted_at?: string; request: { limit: number } | null };
/** Where the facts come from: the ledger. */
export interface FactSource {
  find(jobId: string): Promise<NotedPace | undefined>;
}

/** What the ledger knows of a job's pace; an age of 0 where it does not know the job. */
export async function jobFacts(
  ledger: FactSource,
  clock: Pick<Clock, 'now'>,
  jobId: string,
): Promise<Pick<PollFacts, 'ageMs' | 'limit'>> {
  const job = await ledger.find(jobId);
  const ageMs = clock.now() - Date.parse(job?.submitted_at ?? job?.noted_at ?? '');
  return { ageMs: Math.max(0, ageMs || 0), limit: job?.request?.limit ?? null };
}

const MIN_MS = 1_000;
/** Seldom enough for the longest job, often enough for a person who watches. */
const MAX_MS = 30_000;
/** The next poll comes when this share of the time that is likely left has passed. */
const SHARE = 0.3;
/** Either way of the advice, so that no two waits beat in step. */
const JITTER = 0.1;

/** What is likely left, in ages of the job. Chosen on the mix of jobs in test/heavy/bench/polling.ts. */
const LEFT = { early: 2.5, unknown: 0.7, most: 2, near: 0.07 };
const LAST_STAGES: ReadonlySet<string> = new Set(['reranking_companies', 'completed', 'cancelled']);

/**
 * Milliseconds until the next poll, so that polls gather where the job likely ends. What is likely left is told in ages
 * of the job, which keeps a wrong guess in proportion: much where the stage or `processed` toward the limit says so,
 * little in the last stage (contract, "status and one page").
 */
export function pollDelayMs(facts: PollFacts): number {
  const left = facts.ageMs * agesLeft(facts);
  return Math.min(MAX_MS, Math.max(MIN_MS, Math.round(left * SHARE)));
}

/** The same with jitter, for polls that no person or model spaces. Milliseconds. */
export function jittered(delayMs: number, random: Random): number {
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * random()));
}

function agesLeft({ limit, state }: PollFacts): number {
  if (state === null) return LEFT.unknown;
  const { status, processed, stage } = state;
  if (status === 'cancelling' || (stage !== null && LAST_STAGES.has(stage))) return LEFT.near;
  if (processed !== null && processed > 0) {
    // The rate over the whole life of the job: bursts even out, and the slow start errs to the far side.
    return limit === null
      ? LEFT.unknown
      : Math.min(LEFT.most, Math.max(LEFT.near, (limit - processed) / processed));
  }
  const early = status === 'pending' || stage === 'retrieving_companies';
  return early ? LEFT.early : LEFT.unknown;
}
