import type { ExportedFile, RowExport } from '../files/row-export.ts';
import type { Clock, Random } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { cleanRecord } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import type { ProgressSink } from './progress.ts';
import { pageName, pageNumber } from './read-ahead.ts';
import { describeProgress, type JobState, promised, toJobState } from './state.ts';
import { Summarizer, type Summary } from './summary.ts';
import { judge } from './verdict.ts';
import type { PageSource, Waiter } from './wait.ts';
import { type MissingPage, walkPages } from './walk.ts';

export interface CollectedPage {
  page: string;
  rows: number;
  /** Numbers of the page's first and last row in the whole list, from 1; null on a page without rows. */
  first_row: number | null;
  last_row: number | null;
  /** Its first rows, with every field, cleaned. */
  sample: Row[];
}

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
  /** The file that was written, where one was asked for and the list is complete. */
  export: ExportedFile | null;
  /** Why the walk over the pages broke off, where upstream's answers contradict each other. */
  broken: string | null;
}

export interface CollectOptions {
  waiter: Waiter;
  source: PageSource;
  clock: Clock;
  random: Random;
  jobId: string;
  maxWaitMs: number;
  /** Rows to keep of each page. */
  sampleRows: number;
  /** Companies asked for, where known. */
  requestedLimit: number | null;
  signal: AbortSignal;
  progress: ProgressSink;
  /** Opens the file that the rows go to as well, once the job is final; its pages are read once for both. */
  openExport?: () => Promise<RowExport>;
}

/** Clients that give up do so after 60 s: a default wait and the reading after it stay below. Milliseconds. */
const USUAL_WAIT_MS = 45_000;
const READING_MS = 10_000;
/** Longest text of a sampled field. Characters. */
const MAX_SAMPLED = 4_000;
/** Missing pages named one by one. */
const MAX_MISSING = 50;

/**
 * Waits for a job's end and only then reads its pages, all of them (contract: the rule, and "Treat such
 * rows as provisional").
 *
 * @throws {OpenFunnelError} when not even the job's state could be read.
 * @throws the signal's reason when the caller has gone.
 */
export async function collect(options: CollectOptions): Promise<Collection> {
  const { clock, jobId, requestedLimit, progress, signal } = options;
  const startedAt = clock.now();
  const { page, polls, lastFailure } = await options.waiter.wait({
    ...options,
    onPoll: (polled) => {
      const state = toJobState(jobId, polled);
      progress.waiting(state.processed, requestedLimit, describeProgress(state, requestedLimit));
    },
  });
  const state = toJobState(jobId, page);
  const waited = () => Math.round((clock.now() - startedAt) / 100) / 10;
  const collection: Collection = {
    state,
    complete: false,
    waited_seconds: waited(),
    polls,
    summary: null,
    pages: [],
    missing_pages: [],
    notices: [],
    export: null,
    broken: null,
  };
  if (lastFailure) {
    collection.notices.push(
      `The latest look at the job failed (${lastFailure.code}); this is the state before it.`,
    );
  }
  if (!state.terminal) return collection;

  const endsAt = startedAt + Math.max(options.maxWaitMs, USUAL_WAIT_MS) + READING_MS;
  const source = boundedBy(endsAt, options.source, clock);
  const file = new OptionalExport(state.results_final ? options.openExport : undefined);
  try {
    await readPages(collection, page, source, file, options);
  } finally {
    await file.abandon();
  }
  signal.throwIfAborted();
  collection.waited_seconds = waited();
  return collection;
}

async function readPages(
  collection: Collection,
  first: JobPage,
  source: PageSource,
  file: OptionalExport,
  { jobId, sampleRows, signal, progress, openExport }: CollectOptions,
): Promise<void> {
  const { state, pages, missing_pages: missing, notices } = collection;
  const summarizer = new Summarizer();
  const expectedRows = promised(state, 'count');
  const expectedPages = promised(state, 'pages');
  let rowsRead = 0;
  progress.reading(0, expectedRows, `${state.status}: reading the pages`);
  const end = await walkPages(source, jobId, first, signal, async ({ name, rows }) => {
    for (const row of rows) summarizer.add(row);
    await file.take(rows);
    pages.push({
      page: name,
      rows: rows.length,
      first_row: rows.length === 0 ? null : rowsRead + 1,
      last_row: rows.length === 0 ? null : rowsRead + rows.length,
      sample: rows.slice(0, sampleRows).map((row) => cleanRecord(row, MAX_SAMPLED)),
    });
    rowsRead += rows.length;
    progress.reading(
      rowsRead,
      expectedRows,
      `reading pages: ${pages.length}${expectedPages === null ? '' : ` of ${expectedPages}`}`,
    );
  });
  collection.summary = summarizer.summary();
  missing.push(...end.missing);
  collection.broken = end.broken;
  if (end.stoppedAt !== null) missing.push(...notReached(end.stoppedAt, expectedPages));
  const verdict = judge(state, end);
  notices.push(...verdict.notices);
  collection.complete = verdict.whole;
  signal.throwIfAborted();
  collection.export = await file.finish(collection.complete);
  if (file.failure) notices.push(`The export failed: ${file.failure}`);
  else if (openExport && state.results_final && !collection.complete) {
    notices.push(
      'Nothing was exported, because the list is not complete; export_bulk_results with allow_partial: true writes what can be read.',
    );
  }
}

/** An export beside the collecting: its failure costs the file, never the collection. */
class OptionalExport {
  failure: string | null = null;
  readonly #opening: Promise<RowExport | null>;

  constructor(open: (() => Promise<RowExport>) | undefined) {
    this.#opening = open ? open().catch((error: unknown) => this.#fail(error)) : Promise.resolve(null);
  }

  async take(rows: readonly Row[]): Promise<void> {
    const file = await this.#opening;
    if (!file || this.failure !== null) return;
    for (const row of rows) file.add(row);
    await file.drain().catch((error: unknown) => this.#fail(error));
  }

  /** Puts the file in place if it is whole. */
  async finish(whole: boolean): Promise<ExportedFile | null> {
    const file = await this.#opening;
    try {
      return file && whole && this.failure === null ? await file.finish() : null;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Leaves no temporary file behind, whatever happened. */
  async abandon(): Promise<void> {
    await (await this.#opening)?.abandon();
  }

  #fail(error: unknown): null {
    if (!(error instanceof OpenFunnelError)) throw error;
    this.failure = error.message;
    return null;
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

/** The same source, whose reads end with `timeout` at `endsAt`. */
function boundedBy(endsAt: number, source: PageSource, clock: Clock): PageSource {
  return {
    getPage: (jobId, cursor, signal) =>
      withDeadline(clock, Math.max(0, endsAt - clock.now()), signal, OUT_OF_TIME, (either) =>
        source.getPage(jobId, cursor, either),
      ),
  };
}

const OUT_OF_TIME = new OpenFunnelError('timeout', 'the time of this call ran out before it was read', {
  retryable: true,
});
