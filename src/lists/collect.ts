import type { Clock, Random } from '../lib/clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import type { KnownJobs } from '../reading/known-jobs.ts';
import type { PageSource } from '../reading/page-source.ts';
import { type ProgressReport, ProgressSink } from '../reading/progress.ts';
import { pageName, pageNumber } from '../reading/read-ahead.ts';
import { describeProgress, type JobState, promised, toJobState } from '../reading/state.ts';
import type { Waiter } from '../reading/wait.ts';
import type { MissingPage } from '../reading/walk.ts';
import { quotesUpstream } from '../reading/words.ts';
import type { CollectedLists } from './collected.ts';
import type { CollectedList } from './collected-list.ts';
import type { JobStates } from './job-states.ts';
import { fieldsOf, rowsOfList } from './selecting/fields.ts';
import { type Overlaps, overlapsOf } from './selecting/overlaps.ts';
import {
  type CollectedPage,
  type SampleRow,
  sampleNumbers,
  sampleSize,
  spread,
  stretchesOf,
} from './selecting/samples.ts';
import { industriesAlong, type PageIndustries, type Summary, summarize } from './summary.ts';

/** A job waited for and, where it has ended, read to its end. */
export interface Collection {
  state: JobState;
  /** Its list; null as long as it runs. */
  list: CollectedList | null;
  /** The job is final, and every page that it has and that its manifest promises was read and checked. */
  complete: boolean;
  waited_seconds: number;
  polls: number;
  summary: Summary | null;
  /** How many of its companies are in the other kept lists; null where there is no summary. */
  overlaps: Overlaps | null;
  pages: CollectedPage[];
  /** The commonest industries along the list. */
  industries: PageIndustries[];
  /** Some companies of each page, the first ones of all pages before the second ones. */
  samples: SampleRow[];
  missing_pages: MissingPage[];
  /** What the reader has to know beside the fields: disagreements, faults on the way. */
  notices: string[];
  /** What was said of the reading quotes upstream. */
  quotesUpstream: boolean;
  /** Companies that can be read of a job that has not ended, and the list of them, where it was read; null once it has. */
  provisional: { rows: number; list: CollectedList | null } | null;
  /** Companies asked for, where known. */
  requested: number | null;
  /** Whether row numbers are those of the whole list: pages are missing before some of them otherwise. */
  numbers: 'exact' | 'expected';
  /** Why the walk over the pages broke off, where upstream's answers contradict each other. */
  broken: string | null;
}

export interface CollectParts {
  source: PageSource;
  lists: CollectedLists;
  states: JobStates;
  waiter: Waiter;
  known: KnownJobs;
  clock: Clock;
  random: Random;
}

export interface CollectRequest {
  jobId: string;
  /** How long to wait for the job's end. Milliseconds. */
  maxWaitMs: number;
  /** Companies to show of each page; undefined for as many as are useful. */
  sampleRows?: number | undefined;
}

export interface CollectCall {
  signal: AbortSignal;
  report: (report: ProgressReport) => void;
}

/** Clients that give up do so after 60 s: a default wait and the reading after it stay below. Milliseconds. */
const USUAL_WAIT_MS = 45_000;
const READING_MS = 10_000;
/** Missing pages named one by one. */
const MAX_MISSING = 10_000;
/** The pages that there are of a job that has not ended are read within this time. Milliseconds. */
const SO_FAR_MS = 5_000;

/** Waits for jobs to end, and collects them. */
export class Collector {
  readonly #parts: CollectParts;

  constructor(parts: CollectParts) {
    this.#parts = parts;
  }

  /**
   * Waits for a job's end and only then reads its pages, all of them (contract: the rule, and "Treat such
   * rows as provisional"). A list that is kept already is not waited for.
   *
   * @throws {OpenFunnelError} when not even the job's state could be read.
   * @throws the signal's reason when the caller has gone.
   */
  async collect(request: CollectRequest, call: CollectCall): Promise<Collection> {
    const { lists, clock, states, known } = this.#parts;
    const { jobId, maxWaitMs, sampleRows } = request;
    const { signal } = call;
    const progress = new ProgressSink(call.report);
    const startedAt = clock.monotonic();
    const waited = () => Math.round((clock.monotonic() - startedAt) / 100) / 10;
    const requested = (await known.facts(jobId)).limit;
    const kept = await lists.isKept(jobId);
    const wait = kept ? null : await this.#wait(request, requested, progress, signal);
    const base = {
      waited_seconds: waited(),
      polls: wait?.polls ?? 0,
      requested,
      notices:
        wait?.lastFailure == null
          ? []
          : [`The latest look at the job failed (${wait.lastFailure.code}); this is the state before it.`],
    };
    if (wait && !wait.state.terminal) {
      const { state, page } = wait;
      const told = await this.#soFar(jobId, page, sampleRows, signal);
      return {
        ...NOTHING_READ,
        ...told,
        ...base,
        state,
        waited_seconds: waited(),
        notices: [...base.notices, ...told.notices, ...(await states.aboutStatus(state))],
      };
    }
    const total = wait ? promised(wait.state, 'count') : null;
    let read = 0;
    let pages = 0;
    if (wait) progress.reading(0, total, `${wait.state.status}: reading the pages`);
    const list = await lists.get(jobId, {
      signal,
      first: wait?.page,
      deadline: { at: startedAt + Math.max(maxWaitMs, USUAL_WAIT_MS) + READING_MS },
      onPage: ({ rows }) => {
        read += rows.length;
        pages += 1;
        progress.reading(read, total, `reading pages: ${pages}`);
      },
    });
    signal.throwIfAborted();
    const told = await this.tell(list, sampleRows, { signal });
    return {
      ...told,
      ...base,
      waited_seconds: waited(),
      notices: [...base.notices, ...told.notices, ...(await states.aboutStatus(list.state))],
    };
  }

  /** What there is to tell of a list. */
  async tell(
    list: CollectedList,
    sampleRows: number | undefined,
    call: { signal: AbortSignal },
  ): Promise<Omit<Collection, 'waited_seconds' | 'polls' | 'requested'>> {
    const { lists } = this.#parts;
    const { about, reading, state } = list;
    const missing = [...(reading?.missing ?? [])];
    if (reading?.stoppedAt != null) missing.push(...notReached(reading.stoppedAt, promised(state, 'pages')));
    const notices = [...list.notices];
    if (missing.length > 0 && about.pages.length > 0) notices.push(HELD(about.pages.length));
    const { stretches, ...read } = await this.#pages(list, sampleRows, call);
    return {
      state,
      list,
      complete: about.whole,
      ...(await summarize(lists, list, stretches, call)),
      overlaps: await overlapsOf(lists, list, call),
      ...read,
      missing_pages: missing,
      notices,
      quotesUpstream: reading?.quotesUpstream === true || quotesUpstream(notices),
      provisional: null,
      numbers: missing.length === 0 ? 'exact' : 'expected',
      broken: reading?.broken ?? null,
    };
  }

  /** The pages of a list, with what is on each. */
  async #pages(list: CollectedList, sampleRows: number | undefined, call: { signal: AbortSignal }) {
    const { lists } = this.#parts;
    const pages = list.about.pages.map(({ name, first_row, rows }) => ({
      page: name,
      rows,
      first_row: rows === 0 ? null : first_row,
      last_row: rows === 0 ? null : first_row + rows - 1,
    }));
    const perPage = sampleSize(pages.length, sampleRows, list.state.terminal);
    return {
      pages,
      stretches: stretchesOf(pages),
      samples: spread(await rowsOfList(lists, list, sampleNumbers(pages, perPage), call), pages),
    };
  }

  /** What there is of a job that has not ended: all pages that can be read, or where that fails, the first one. */
  async #soFar(jobId: string, first: JobPage, sampleRows: number | undefined, signal: AbortSignal) {
    const { lists, clock } = this.#parts;
    const rows = first.rows.length;
    if (rows === 0) return { provisional: { rows, list: null }, notices: [] };
    try {
      const deadline = { at: clock.monotonic() + SO_FAR_MS };
      const list = await lists.provisional(jobId, { signal, first, deadline });
      const { stretches, ...read } = await this.#pages(list, sampleRows, { signal });
      return {
        ...read,
        industries: await industriesAlong(lists, list, stretches, { signal }),
        provisional: { rows: list.about.companies, list },
        notices: (list.reading?.missing.length ?? 0) > 0 ? [...list.notices, NOT_ALL] : list.notices,
        quotesUpstream: quotesUpstream(list.notices),
        numbers: 'expected' as const,
      };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
      const pages = [{ page: pageName(0), rows, first_row: 1, last_row: rows }];
      const samples = sampleNumbers(pages, sampleSize(1, sampleRows, false)).flatMap((row) => {
        const company = first.rows[row - 1];
        return company === undefined ? [] : [{ row, company: fieldsOf(company) }];
      });
      return {
        pages,
        samples,
        provisional: { rows, list: null },
        notices: [`Only the first page could be read just now (${error.code}).`],
        numbers: 'expected' as const,
      };
    }
  }

  async #wait(
    { jobId, maxWaitMs }: CollectRequest,
    requested: number | null,
    progress: ProgressSink,
    signal: AbortSignal,
  ) {
    const { waiter, source, clock, random } = this.#parts;
    const outcome = await waiter.wait({
      source,
      clock,
      random,
      jobId,
      maxWaitMs,
      signal,
      onPoll: (page) => {
        const state = toJobState(jobId, page);
        progress.waiting(state.processed, requested, describeProgress(state, requested));
      },
    });
    return { ...outcome, state: toJobState(jobId, outcome.page) };
  }
}

/** Pages that the next call does not have to read again. */
const HELD = (pages: number) =>
  `${pages === 1 ? '1 page that was read is' : `${pages} pages that were read are`} kept in this server, so the next call goes on where this one stopped.`;

const NOT_ALL = 'Not all pages that are there could be read now.';

const NOTHING_READ = {
  list: null,
  complete: false,
  summary: null,
  overlaps: null,
  pages: [],
  industries: [],
  samples: [],
  missing_pages: [],
  quotesUpstream: false,
  numbers: 'exact' as const,
  broken: null,
};

/** The numbered pages behind the one at which the walk stopped, as far as the manifest promises them. */
function notReached(stoppedAt: string, expected: number | null): MissingPage[] {
  const number = pageNumber(stoppedAt);
  if (expected === null || number === null) return [];
  const missing: MissingPage[] = [];
  for (let index = number + 1; index < Math.min(expected, number + MAX_MISSING); index += 1) {
    missing.push({ page: pageName(index), reason: 'not reached: the walk stopped before it' });
  }
  return missing;
}
