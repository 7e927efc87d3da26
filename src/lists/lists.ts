import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { KNOWN_FOLDER, KnownLists } from '../store/known-lists.ts';
import { MARKS_FOLDER, type Marking, Marks } from '../store/marks.ts';
import { type Imported, type ImportRequest, importCompanies } from './known-import.ts';
import { checkSeeds, type Found, type Lookup, lookUp } from './lookup.ts';
import { type Marked, markCompanies, type WhereMarking } from './marking.ts';
import { nextForReview, type ReviewBatch } from './review.ts';
import type { AskCompanies } from './table/company-table.ts';

/** What the work on lists rests on. */
export interface ListsParts {
  api: Lookup;
  clock: Clock;
  /** Folder of this machine's own records. */
  stateDirectory: string;
  /** Folder that lists are imported from. */
  exportDirectory: string;
  /** The companies of final jobs. */
  companies: { ask: AskCompanies };
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

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async version(jobId: string): Promise<string> {
    return `${await this.#marks.version(jobId)} ${await this.#known.version()}`;
  }

  /** Deletes the marks on jobs from this machine; resolves with how many bytes that freed. */
  forgetMarks(jobIds: readonly string[] | 'all'): Promise<number> {
    return this.#marks.forget(jobIds);
  }
}
