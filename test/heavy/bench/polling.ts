import { jobPage } from '../../../src/openfunnel/wire.ts';
import { Waiter } from '../../../src/reading/wait.ts';
import { randomOf } from '../../../src/sandbox/companies.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type SimulatedJob, type Spread, simulatedJob } from './jobs-mix.ts';
import { percent, quantile } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

/** How late a job's end was noticed, and by how many polls. */
interface Noticed {
  lateMs: number;
  polls: number;
}
type Policy = (job: SimulatedJob, seed: number) => Promise<Noticed>;

const JOBS = 1_000;
const SEED = 20_261_123;
const LONG_ENOUGH_MS = 2 * 60 * 60_000;

/** Polls of a loop that knows nothing but how often it has polled. */
const blind =
  (delayMs: (polls: number) => number): Policy =>
  async (job) => {
    let now = 0;
    for (let polls = 1; ; polls += 1) {
      if (now >= job.lengthMs) return { lateMs: now - job.lengthMs, polls };
      now += delayMs(polls);
    }
  };
const fixed = blind(() => 4_000);
const exponential = blind((polls) => Math.min(30_000, 1_000 * 2 ** (polls - 1)));

/** The server's own waiting, on a fake clock, for a job of which so much is known. */
const ours =
  (known: 'all' | 'no limit' | 'status alone'): Policy =>
  async (job, seed) => {
    const clock = new FakeClock();
    const submitted_at = new Date(clock.now()).toISOString();
    const find = async () =>
      known === 'all' ? { ...UNSEEN, submitted_at, request: { limit: job.limit } } : undefined;
    const hidden = known === 'status alone' ? { processed: null, progress_message: null } : {};
    const getPage = async () => jobPage.parse({ rows: [], ...job.at(clock.elapsed), ...hidden });
    const random = randomOf(seed, 0, 0);
    const waiter = new Waiter({ source: { getPage }, ledger: { find }, clock, random });
    const { polls } = await clock.run(
      waiter.wait({
        jobId: 'job',
        maxWaitMs: LONG_ENOUGH_MS,
        signal: new AbortController().signal,
      }),
    );
    return { lateMs: clock.elapsed - job.lengthMs, polls };
  };
const UNSEEN = { job_id: 'job', status: 'pending', terminal: false, processed: null, checked_at: '' };

/** Polls per job, and how late the end is noticed as a share of the job's length, over the same jobs a policy. */
export async function benchPolling({ short }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const spread of ['log-uniform', 'uniform'] satisfies Spread[]) {
    const jobs = Array.from({ length: short ? 40 : JOBS }, (_, index) =>
      simulatedJob(randomOf(SEED, index, spread.length), spread),
    );
    const everyFour = await overAll(jobs, fixed);
    const doubling = await overAll(jobs, exponential);
    const mine = await overAll(jobs, ours('all'));
    const unknown = await overAll(jobs, ours('no limit'));
    const blindfolded = await overAll(jobs, ours('status alone'));
    const mix = `2 s–30 min, ${spread}`;
    const target = `p95 ≤ ${percent(everyFour.p95)}, polls ≤ ${(everyFour.polls / 3).toFixed(1)}`;
    const line = (what: string, policy: Overall, baseline: Overall): Figure => ({
      area: 'polling',
      what: `${mix}: ${what}`,
      ours: describe(policy),
      baseline: describe(baseline),
      ratio: `late ×${(policy.p95 / baseline.p95).toFixed(2)}, polls ×${(policy.polls / baseline.polls).toFixed(2)}`,
      target: baseline === everyFour ? target : '',
      met: baseline === everyFour ? policy.p95 <= everyFour.p95 && policy.polls <= everyFour.polls / 3 : null,
    });
    figures.push(
      line('vs every 4 s', mine, everyFour),
      line('vs doubling to 30 s', mine, doubling),
      line('limit unknown, vs every 4 s', unknown, everyFour),
      line('no limit, stage or processed, vs doubling to 30 s', blindfolded, doubling),
    );
  }
  return figures;
}

/** `median` and `p95` are lateness as a share of the job's length; `polls` is the mean. */
interface Overall {
  median: number;
  p95: number;
  polls: number;
}

async function overAll(jobs: SimulatedJob[], policy: Policy): Promise<Overall> {
  const late: number[] = [];
  let polls = 0;
  for (const [index, job] of jobs.entries()) {
    const noticed = await policy(job, index);
    late.push(noticed.lateMs / job.lengthMs);
    polls += noticed.polls;
  }
  return { median: quantile(late, 0.5), p95: quantile(late, 0.95), polls: polls / jobs.length };
}

function describe({ median, p95, polls }: Overall): string {
  return `late ${percent(median)} / ${percent(p95)}, ${polls.toFixed(1)} polls`;
}
