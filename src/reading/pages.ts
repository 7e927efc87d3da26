import type { Deadline } from '../lib/deadline.ts';
import { cleanRecord } from '../lib/text.ts';
import type { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import type { PageSource } from './page-source.ts';
import { pageNumber } from './read-ahead.ts';
import { type JobState, promised, toJobState } from './state.ts';
import { type MissingPage, oddityOf, walkPages } from './walk.ts';
import { judge } from './whole.ts';
import { quotesUpstream } from './words.ts';

/** A page that was read, and the number of its first row in the whole list, from 1. */
export interface ReadPage {
  name: string;
  firstRow: number;
  /** Cleaned: see `cleanRecord`. */
  rows: readonly Row[];
}

/** What became of reading a job. */
export interface Reading {
  state: JobState;
  /** The status is final, and every page that upstream promised was read and fits together with the others. */
  whole: boolean;
  /** The first reason why not, in words, or null. */
  why: string | null;
  /** What the reader has to know of the result, be it whole or not. */
  notices: string[];
  /** Any of that quotes upstream. */
  quotesUpstream: boolean;
  pages: Array<{ name: string; first_row: number; rows: number }>;
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

export interface ReadCall {
  source: PageSource;
  /** Pages that an earlier reading of the job has brought; those that this one brings join them. */
  held: Map<string, JobPage>;
  /** Takes each page over, in order. */
  onPage: (page: ReadPage) => void;
  /** Pages that are not read by then are missing; none means the time that each read has anyhow. */
  deadline?: Deadline | undefined;
  signal: AbortSignal;
}

/** What is kept of one text. As long as a cell of an export. Characters. */
const MAX_TEXT = 32_000;

/**
 * The one way to read a job that has ended (or what there is of one that has not): follows its pages and judges
 * what was read against all that upstream said of it.
 *
 * @param first The answer that told the job's state; its rows are those of the first page.
 * @throws the signal's reason when it aborts, and what `onPage` throws.
 */
export async function readPages(
  jobId: string,
  first: JobPage,
  { source, held, onPage, deadline, signal }: ReadCall,
): Promise<Reading> {
  const state = toJobState(jobId, first);
  const size = promised(state, 'page_size') ?? (first.next_cursor === null ? null : first.rows.length);
  const pages: Reading['pages'] = [];
  let rowsRead = 0;
  const holding: PageSource = {
    async getPage(id, cursor, by, until) {
      const known = cursor === undefined ? undefined : held.get(cursor);
      if (known) return known;
      const page = await source.getPage(id, cursor, by, until);
      if (cursor !== undefined && page.status === first.status && oddityOf(page) === null)
        held.set(cursor, page);
      return page;
    },
  };
  const end = await walkPages(
    holding,
    jobId,
    first,
    signal,
    ({ name, rows }) => {
      // Behind a page that could not be read, what is known of the place is the page's number.
      const number = pageNumber(name);
      const counted = pages.length === number || number === null || size === null;
      const firstRow = counted ? rowsRead + 1 : Math.max(rowsRead, number * size) + 1;
      pages.push({ name, first_row: firstRow, rows: rows.length });
      rowsRead += rows.length;
      onPage({ name, firstRow, rows: rows.map((row) => cleanRecord(row, MAX_TEXT)) });
    },
    { untilEnd: state.terminal, deadline },
  );
  signal.throwIfAborted();
  const { whole, why, notices } = judge(state, end);
  const { rows, missing, stoppedAt, broken, failure } = end;
  // What could not be read is all that the next reading has to ask for; what contradicts itself is read anew.
  if (missing.length === 0 || broken !== null) held.clear();
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
}
