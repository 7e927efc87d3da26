import type { Clock } from '../lib/clock.ts';

/** What is known of a job beside what upstream says of it. */
export interface JobFacts {
  /** Companies asked for, or null for a job that was not submitted from here. */
  limit: number | null;
  /** When it was submitted, or first asked about where that is not known. Milliseconds, monotonic clock. */
  since: number;
}

/** Where the facts come from: the ledger. */
export interface FactSource {
  find(
    jobId: string,
  ): Promise<
    { submitted_at: string | null; noted_at?: string; request: { limit: number } | null } | undefined
  >;
}

/** Jobs kept in mind; the one asked about longest ago is forgotten first. */
const MAX_JOBS = 1_000;

/** Remembers the ledger's facts of jobs, so that not every poll reads the ledger. */
export class KnownJobs {
  readonly #ledger: FactSource;
  readonly #clock: Clock;
  readonly #jobs = new Map<string, JobFacts>();

  constructor(ledger: FactSource, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Never rejects: a ledger that can't be read knows nothing. */
  async facts(jobId: string): Promise<JobFacts> {
    const facts = this.#jobs.get(jobId) ?? (await this.#look(jobId));
    this.#jobs.delete(jobId);
    this.#jobs.set(jobId, facts);
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(oldest);
    }
    return facts;
  }

  async #look(jobId: string): Promise<JobFacts> {
    const now = this.#clock.monotonic();
    const job = await this.#ledger.find(jobId).catch(() => undefined);
    const submittedAt = Date.parse(job?.submitted_at ?? job?.noted_at ?? '');
    return {
      limit: job?.request?.limit ?? null,
      since: Number.isFinite(submittedAt) ? now - Math.max(0, this.#clock.now() - submittedAt) : now,
    };
  }
}
