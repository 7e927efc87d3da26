import { join } from 'node:path';
import type { Jobs } from '../jobs/jobs.ts';
import type { ProgressReport } from '../jobs/progress.ts';
import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { KNOWN_FOLDER, KnownLists } from '../store/known-lists.ts';
import { MARKS_FOLDER, type Mark, type Marking, Marks } from '../store/marks.ts';
import { type EnoughWait, NetNew, waitForEnough } from './enough.ts';
import { type AskWithOthers, type Excluded, type Exclusion, excludedFrom } from './exclusions.ts';
import { type Imported, type ImportRequest, importCompanies } from './known-import.ts';
import { checkSeeds, type Found, type Lookup, lookUp } from './lookup.ts';
import { type Marked, markCompanies, readMarks, type WhereMarking } from './marking.ts';
import { nextForReview, type ReviewBatch } from './review.ts';
import type { AskCompanies } from './table/company-table.ts';

/** What the work on lists rests on. */
export interface ListsParts {
  api: Lookup;
  clock: Clock;
  jobs: Pick<Jobs, 'state' | 'read' | 'origin'>;
  /** Folder of this machine's own records. */
  stateDirectory: string;
  /** Folder that lists are imported from. */
  exportDirectory: string;
  /** The companies of final jobs. */
  companies: { ask: AskCompanies; askBeside: AskWithOthers };
  /** Jobs of this machine that have ended, with when they were submitted (ISO 8601), where that is known. */
  finished: () => Promise<Array<{ job_id: string; submitted_at: string | null }>>;
}

/** What belongs to one call, as far as lists are concerned. */
export interface ListCall {
  signal: AbortSignal;
}

/** Everything that can be done with lists of companies: look-ups, known companies, judgements. */
export class Lists {
  readonly #parts: ListsParts;
  readonly #marks: Marks;
  readonly #known: KnownLists;
  readonly #ask: AskCompanies;

  constructor(parts: ListsParts) {
    const { stateDirectory, clock, companies } = parts;
    this.#parts = parts;
    this.#ask = (question, call) => companies.ask(question, call);
    this.#marks = new Marks({ directory: join(stateDirectory, MARKS_FOLDER), now: () => clock.now() });
    this.#known = new KnownLists({ directory: join(stateDirectory, KNOWN_FOLDER), now: () => clock.now() });
  }

  /** Looks companies up by name, domain or LinkedIn URL: see `lookUp`. */
  lookUp(companies: readonly string[], { signal }: ListCall): Promise<Found[]> {
    return lookUp(this.#parts.api, companies, signal);
  }

  /** Looks the seeds of a submit up before it: see `checkSeeds`. */
  checkSeeds(
    seeds: readonly string[],
    options: { hasQuery: boolean; allowed: boolean },
    { signal }: ListCall,
  ): Promise<string[]> {
    return checkSeeds(this.#parts.api, this.#parts.clock, seeds, { ...options, signal });
  }

  /** Changes a list of companies that the user has: see `importCompanies`. */
  import(request: ImportRequest, { signal }: ListCall): Promise<Imported> {
    return importCompanies(this.#known, this.#parts.exportDirectory, request, signal);
  }

  /** Judges companies of a final job: see `markCompanies`. */
  mark(jobId: string, marks: readonly Marking[] | WhereMarking, call: ListCall): Promise<Marked> {
    return markCompanies(this.#marks, this.#ask, jobId, marks, call);
  }

  /** The next companies of a final job that nobody has judged: see `nextForReview`. */
  review(jobId: string, size: number, call: ListCall): Promise<ReviewBatch> {
    return nextForReview(this.#ask, jobId, size, call);
  }

  /**
   * Which companies of a final job are left out: see `excludedFrom`.
   *
   * @throws {OpenFunnelError} `invalid_input` for a list that is not there.
   */
  async excluded(jobId: string, exclusions: readonly Exclusion[], call: ListCall): Promise<Excluded> {
    const { companies, finished } = this.#parts;
    for (const exclusion of exclusions) {
      if (exclusion.kind !== 'known') continue;
      const lists = await this.#known.all();
      if (lists.some(({ list }) => list === exclusion.list)) continue;
      const there = lists.map(({ list }) => JSON.stringify(list)).join(', ') || 'none';
      throw new OpenFunnelError(
        'invalid_input',
        `exclude: there is no list ${JSON.stringify(exclusion.list)}; the lists are: ${there}. import_companies makes one.`,
      );
    }
    const earlier = exclusions.some(({ kind }) => kind === 'earlier_jobs')
      ? earlierThan(jobId, await finished())
      : [];
    return excludedFrom(
      (question, by) => companies.askBeside(question, by),
      jobId,
      exclusions,
      earlier,
      call,
    );
  }

  /** Waits until a job has ended or has brought enough: see `waitForEnough`. */
  async waitForEnough(
    request: { jobId: string; enough: number; maxWaitMs: number },
    call: ListCall & { report: (report: ProgressReport) => void },
  ): Promise<EnoughWait> {
    const { jobs, clock } = this.#parts;
    // They bring the list of public suffixes with them.
    const [{ SeedMatcher }, { readKnownLists }] = await Promise.all([
      import('./seeds.ts'),
      import('./known.ts'),
    ]);
    const { request: search } = await jobs.origin(request.jobId);
    const domains: unknown = search?.seed_domains;
    const seeds = Array.isArray(domains) ? domains.filter((domain) => typeof domain === 'string') : [];
    const lists = [...(await readKnownLists(this.#known)).values()];
    const counter = () => new NetNew(new SeedMatcher(seeds.map((domain) => ({ domain }))), lists);
    return waitForEnough(jobs, clock, counter, request, call);
  }

  /** The marks on a job by row. @throws {OpenFunnelError} where they can't be read. */
  marks(jobId: string): Promise<ReadonlyMap<number, Mark>> {
    return readMarks(this.#marks, jobId);
  }

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async version(jobId: string): Promise<string> {
    return `${await this.#marks.version(jobId)} ${await this.#known.version()}`;
  }

  /** Deletes the marks on jobs from this machine; resolves with how many bytes that freed. */
  forgetMarks(jobIds: readonly string[] | 'all'): Promise<number> {
    return this.#marks.forget(jobIds);
  }
}

/** Jobs submitted before this one; where it is not known when one was, it counts as earlier. */
function earlierThan(
  jobId: string,
  jobs: ReadonlyArray<{ job_id: string; submitted_at: string | null }>,
): string[] {
  const own = jobs.find(({ job_id }) => job_id.toLowerCase() === jobId.toLowerCase())?.submitted_at ?? null;
  return jobs.flatMap(({ job_id, submitted_at }) => {
    if (job_id.toLowerCase() === jobId.toLowerCase()) return [];
    return own === null || submitted_at === null || submitted_at < own ? [job_id] : [];
  });
}
