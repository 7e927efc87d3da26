import type { ExportedFile } from '../files/row-export.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import type { KeptPages } from './kept-pages.ts';
import type { ProgressSink } from './progress.ts';
import { pageName, pageNumber } from './read-ahead.ts';
import { type ReadCall, readJob } from './read-job.ts';
import {
  type CollectedPage,
  type FileSink,
  OptionalSink,
  progressSink,
  SampleSink,
  SummarySink,
} from './row-sinks.ts';
import { describeProgress, type JobState, promised, toJobState } from './state.ts';
import type { Summary } from './summary.ts';
import type { PageSource, Waiter } from './wait.ts';
import type { MissingPage } from './walk.ts';

/** Pages that the next call does not have to read again; see `KeptPages`. */
const KEPT_MORE = (pages: number) =>
  `${pages === 1 ? '1 page that was read is' : `${pages} pages that were read are`} kept in this server, so the next call goes on where this one stopped.`;

/** A job waited for and, where it has ended, read to its end. */
export interface Collection {
  state: JobState;
  /** The job is final, and every page that it has and that its manifest promises was read and checked. */
  complete: boolean;
  waited_seconds: number;
  polls: number;
  summary: Summary | null;
  pages: CollectedPage[];
  missing_pages: MissingPage[];
  /** What the reader has to know beside the fields: disagreements, faults on the way. */
  notices: string[];
  /** What was said of the reading quotes upstream. */
  quotesUpstream: boolean;
  /** The file that was written, where one was asked for and the list is complete. */
  export: ExportedFile | null;
  /** What can be read of a job that has not ended: rows of its first page; null once it has. */
  provisional: { rows: number; more: boolean; sample: Row[] } | null;
  /** Companies asked for, where known. */
  requested: number | null;
  /** Whether row numbers are those of the whole list: pages are missing before some of them otherwise. */
  numbers: 'exact' | 'expected';
  /** Why the walk over the pages broke off, where upstream's answers contradict each other. */
  broken: string | null;
}

export interface CollectOptions {
  waiter: Waiter;
  source: PageSource;
  /** What keeps the rows on this machine as they are read. */
  keeping: ReadCall['keeping'];
  clock: Clock;
  random: Random;
  kept: KeptPages;
  jobId: string;
  maxWaitMs: number;
  /** Rows to keep of each page. */
  sampleRows: number;
  /** What to keep of such a row. */
  pick: (row: Row) => Row;
  /** Companies asked for, where known. */
  requestedLimit: number | null;
  signal: AbortSignal;
  progress: ProgressSink;
  /** Opens the file that the rows go to as well, once the job is final; its pages are read once for both. */
  openExport?: ((state: JobState) => Promise<FileSink>) | undefined;
}

/** Clients that give up do so after 60 s: a default wait and the reading after it stay below. Milliseconds. */
const USUAL_WAIT_MS = 45_000;
const READING_MS = 10_000;
/** Missing pages named one by one. */
const MAX_MISSING = 10_000;
/** Rows shown of a job that has not ended. */
const PROVISIONAL_ROWS = 10;

/**
 * Waits for a job's end and only then reads its pages, all of them (contract: the rule, and "Treat such
 * rows as provisional").
 *
 * @throws {OpenFunnelError} when not even the job's state could be read.
 * @throws the signal's reason when the caller has gone.
 */
export async function collect(options: CollectOptions): Promise<Collection> {
  const { clock, jobId, requestedLimit, progress, signal } = options;
  const startedAt = clock.monotonic();
  const { page, polls, lastFailure } = await options.waiter.wait({
    ...options,
    onPoll: (polled) => {
      const state = toJobState(jobId, polled);
      progress.waiting(state.processed, requestedLimit, describeProgress(state, requestedLimit));
    },
  });
  const state = toJobState(jobId, page);
  const waited = () => Math.round((clock.monotonic() - startedAt) / 100) / 10;
  const collection: Collection = {
    state,
    complete: false,
    waited_seconds: waited(),
    polls,
    summary: null,
    pages: [],
    missing_pages: [],
    notices: [],
    quotesUpstream: false,
    export: null,
    provisional: null,
    requested: requestedLimit,
    numbers: 'exact',
    broken: null,
  };
  if (lastFailure) {
    collection.notices.push(
      `The latest look at the job failed (${lastFailure.code}); this is the state before it.`,
    );
  }
  if (!state.terminal) {
    const sample = page.rows.slice(0, Math.min(options.sampleRows * 4, PROVISIONAL_ROWS)).map(options.pick);
    collection.provisional = { rows: page.rows.length, more: page.next_cursor !== null, sample };
    return collection;
  }

  const deadline = { at: startedAt + Math.max(options.maxWaitMs, USUAL_WAIT_MS) + READING_MS };
  await readPages(collection, page, deadline, options);
  signal.throwIfAborted();
  collection.waited_seconds = waited();
  return collection;
}

async function readPages(
  collection: Collection,
  first: JobPage,
  deadline: Deadline,
  { source, kept, keeping, jobId, sampleRows, pick, signal, progress, openExport }: CollectOptions,
): Promise<void> {
  const { state, missing_pages: missing, notices } = collection;
  const expectedRows = promised(state, 'count');
  const expectedPages = promised(state, 'pages');
  const summary = new SummarySink();
  const samples = new SampleSink(sampleRows, pick);
  const file = openExport && state.results_final ? new OptionalSink(() => openExport(state)) : undefined;
  progress.reading(0, expectedRows, `${state.status}: reading the pages`);
  const reported = progressSink(
    progress,
    expectedRows,
    (_, pages) => `reading pages: ${pages}${expectedPages === null ? '' : ` of ${expectedPages}`}`,
  );
  const sinks = [summary, ...(file ? [file] : []), samples, reported];
  const read = await readJob(jobId, first, sinks, { source, kept, keeping, signal, deadline });
  collection.summary = summary.summary();
  collection.pages = samples.pages;
  missing.push(...read.missing);
  collection.broken = read.broken;
  if (read.stoppedAt !== null) missing.push(...notReached(read.stoppedAt, expectedPages));
  notices.push(...read.notices);
  collection.quotesUpstream = read.quotesUpstream;
  const keptPages = kept.count(jobId);
  // The first page comes with the job's state, and is not among those kept.
  if (read.missing.length > 0 && keptPages > 0) notices.push(KEPT_MORE(Math.min(read.pages, keptPages + 1)));
  collection.complete = read.whole;
  collection.numbers = read.missing.length === 0 ? 'exact' : 'expected';
  collection.export = (await file?.sink())?.file ?? null;
  if (file?.failure) notices.push(`The export failed: ${file.failure}`);
  else if (file && !collection.complete) {
    notices.push(
      'Nothing was exported, because the list is not complete; export_bulk_results with allow_partial: true writes what can be read.',
    );
  }
}

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
