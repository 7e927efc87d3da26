import type { Deadline } from '../lib/deadline.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import type { PageSource } from './page-source.ts';
import { pageNumber } from './read-ahead.ts';
import { type JobState, promised, toJobState } from './state.ts';
import { oddityOf, type WalkEnd, walkPages } from './walk.ts';
import { type Completeness, judge } from './whole.ts';
import { quotesUpstream } from './words.ts';

/** A page that was read, and the number of its first row in the whole list, from 1. */
export interface ReadPage {
  name: string;
  firstRow: number;
  /** As they came: whoever makes a list of them cleans them. */
  rows: readonly Row[];
}

/** What became of reading a job. */
export interface Reading
  extends Completeness,
    Pick<WalkEnd, 'rows' | 'missing' | 'stoppedAt' | 'broken' | 'failure'> {
  state: JobState;
  /** Any of it quotes upstream. */
  quotesUpstream: boolean;
  pages: Array<{ name: string; first_row: number; rows: number }>;
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
      onPage({ name, firstRow, rows });
    },
    { untilEnd: state.terminal, deadline },
  );
  signal.throwIfAborted();
  const judged = judge(state, end);
  const { rows, missing, stoppedAt, broken, failure } = end;
  // What could not be read is all that the next reading has to ask for; what contradicts itself is read anew.
  if (missing.length === 0 || broken !== null) held.clear();
  const said = [judged.why, ...judged.notices, ...missing.map(({ reason }) => reason)];
  const quotes = quotesUpstream(said);
  return { state, ...judged, quotesUpstream: quotes, pages, rows, missing, stoppedAt, broken, failure };
}
