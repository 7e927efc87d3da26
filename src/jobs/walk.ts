import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import { oneLine } from '../text.ts';
import { isTerminal } from './state.ts';
import type { PageSource } from './wait.ts';

/** A page that the walk has read and checked. */
export interface WalkedPage {
  name: string;
  rows: readonly Row[];
  /** What is odd about the page itself, in words, or null. */
  oddity: string | null;
}

/** Where the walk ended, and why, when it did not reach the last page. */
export interface WalkEnd {
  /** Null when the chain of cursors ended by itself, on a job that has ended. */
  stopped: { page: string; reason: string; broken: boolean } | null;
}

/** No job has more pages: 10,000 companies at one a page (contract, "submit"). */
const MAX_PAGES = 10_000;

/**
 * Walks an ended job's pages by following cursors, first to last, handing each to `onPage` in order.
 * A cursor that comes back, a page that is not the one asked for and a status that goes backwards end the
 * walk: `broken` then tells them from a page that could not be fetched.
 *
 * @param first The answer that said that the job has ended; its rows are those of the first page.
 * @param untilEnd False for a job that still runs: then the pages that there are now are walked.
 * @throws the signal's reason when it aborts.
 */
export async function walkPages(
  source: PageSource,
  jobId: string,
  first: JobPage,
  signal: AbortSignal,
  onPage: (page: WalkedPage) => void | Promise<void>,
  { untilEnd = true }: { untilEnd?: boolean } = {},
): Promise<WalkEnd> {
  const seen = new Set<string>();
  let page = first;
  let name = page.page ?? 'page_0000';
  for (;;) {
    seen.add(name);
    // A job without a single row has one empty first page, which is no page of results.
    if (page.rows.length > 0 || page.next_cursor !== null || seen.size > 1)
      await onPage({ name: oneLine(name, 100), rows: page.rows, oddity: oddityOf(page) });
    const cursor = page.next_cursor;
    if (cursor === null) return { stopped: null };
    if (seen.has(cursor)) return stop(cursor, 'the cursor came back to a page that was already read', true);
    if (seen.size >= MAX_PAGES) return stop(cursor, 'there are more pages than any job can have', true);
    try {
      page = await source.getPage(jobId, cursor, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
      return stop(cursor, `${error.code}: ${error.message}`, error.code === 'upstream_invalid_response');
    }
    if (untilEnd && !isTerminal(page.status))
      return stop(cursor, 'the status went back from an end to an earlier one', true);
    name = page.page ?? cursor;
  }
}

/** Where a page's own count and its rows disagree (contract: `count` is the rows in this page). */
export function oddityOf({ count, rows, malformed_rows }: JobPage): string | null {
  if (malformed_rows > 0) return `${malformed_rows} of its entries are no companies and were left out`;
  return count !== null && count !== rows.length
    ? `its count says ${count}, it has ${rows.length} rows`
    : null;
}

function stop(page: string, reason: string, broken: boolean): WalkEnd {
  return { stopped: { page: oneLine(page, 100), reason, broken } };
}
