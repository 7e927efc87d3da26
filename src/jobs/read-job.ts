import type { Deadline } from '../lib/deadline.ts';
import type { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import type { KeptWriter } from '../store/kept-rows.ts';
import type { KeptPages } from './kept-pages.ts';
import { pageNumber } from './read-ahead.ts';
import { type JobState, promised, toJobState } from './state.ts';
import { judge } from './verdict.ts';
import type { PageSource } from './wait.ts';
import { type MissingPage, walkPages } from './walk.ts';
import { quotesUpstream } from './words.ts';

/** Where the rows of a job go as they are read: a summary, samples, a file, the store. */
export interface RowSink {
  /**
   * Takes over the rows of a page, in delivered order; the next page is handed over when it has resolved. What
   * it throws ends the reading.
   *
   * @param page Its name, cleaned, and the number of its first row in the whole list, from 1.
   */
  take(rows: readonly Row[], page: { name: string; firstRow: number }): void | Promise<void>;
  /** All that can be read has been handed over; `whole` is whether that is the whole result. */
  finish?(whole: boolean): Promise<void>;
  /** Called last in any case, also after a failure or where the caller has gone: leaves nothing half-done behind. */
  abandon?(): Promise<void>;
}

/** What became of reading a job. */
export interface ReadJob {
  state: JobState;
  /** The status is final, and every page that upstream promised was read and fits together with the others. */
  whole: boolean;
  /** The first reason why not, in words, or null. */
  why: string | null;
  /** What the reader has to know of the result, be it whole or not. */
  notices: string[];
  /** Any of that quotes upstream. */
  quotesUpstream: boolean;
  pages: number;
  rows: number;
  /** Pages that could not be read, in order. */
  missing: MissingPage[];
  /** The page at which the walk stopped before the chain of cursors ended by itself, or null. */
  stoppedAt: string | null;
  /** How upstream's answers contradict each other, where that is why the walk stopped. */
  broken: string | null;
  /** Why the first of the missing pages could not be fetched, or null. */
  failure: OpenFunnelError | null;
}

/** What one reading works with. */
export interface ReadCall {
  /** Where pages come from: upstream, or what was kept of it. */
  source: PageSource;
  signal: AbortSignal;
  /** Keeps pages for the next call while the result is not whole; none where nothing is to be kept. */
  kept?: KeptPages | undefined;
  /** What keeps the rows of this job on the machine; null where nothing is to be kept. */
  keeping?: ((jobId: string, first: JobPage) => Promise<KeptWriter | null>) | undefined;
  /** Pages that are not read by then are missing; none means the time that each read has anyhow. */
  deadline?: Deadline | undefined;
}

/**
 * The one way to read a job that has ended (or what there is of one that has not): follows its pages, hands
 * their rows to each sink in turn, and judges what was read against all that upstream said of it. Memory is
 * what the sinks keep.
 *
 * @param first The answer that told the job's state; its rows are those of the first page.
 * @throws the signal's reason when it aborts, and what a sink throws.
 */
export async function readJob(
  jobId: string,
  first: JobPage,
  given: readonly RowSink[],
  { source, signal, deadline, kept, keeping }: ReadCall,
): Promise<ReadJob> {
  const state = toJobState(jobId, first);
  const keeper = (await keeping?.(jobId, first)) ?? null;
  const sinks = keeper ? [...given, keeper] : given;
  let rowsRead = 0;
  let pagesRead = 0;
  const size = promised(state, 'page_size') ?? (first.next_cursor === null ? null : first.rows.length);
  try {
    const end = await walkPages(
      kept?.before(source, jobId, first) ?? source,
      jobId,
      first,
      signal,
      async ({ name, rows }) => {
        // Behind a page that could not be read, what is known of the place is the page's number.
        const number = pageNumber(name);
        const counted = pagesRead === number || number === null || size === null;
        const page = { name, firstRow: counted ? rowsRead + 1 : Math.max(rowsRead, number * size) + 1 };
        pagesRead += 1;
        rowsRead += rows.length;
        for (const sink of sinks) await sink.take(rows, page);
      },
      { untilEnd: state.terminal, deadline },
    );
    signal.throwIfAborted();
    const { whole, why, notices } = judge(state, end);
    if (whole) kept?.forget(jobId);
    for (const sink of sinks) await sink.finish?.(whole);
    if (whole && keeper?.failure) {
      notices.push(
        `The rows could not be kept on this machine: ${keeper.failure}. Nothing else is lost by that.`,
      );
    }
    const { pages, rows, missing, stoppedAt, broken, failure } = end;
    const quotes = quotesUpstream([why, ...notices, ...missing.map(({ reason }) => reason)]);
    return {
      state,
      whole,
      why,
      notices,
      quotesUpstream: quotes,
      pages,
      rows,
      missing,
      stoppedAt,
      broken,
      failure,
    };
  } finally {
    for (const sink of sinks) await sink.abandon?.();
  }
}
