import type { Deadline } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted, oneLine } from '../lib/text.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { concernsOnePage } from '../openfunnel/retry.ts';
import { FIRST_PAGE, isTerminal, type JobPage, type Row } from '../openfunnel/wire.ts';
import { pageRange, pageWord, statusWord } from './job-words.ts';
import { pageName, pageNumber, pagesAhead } from './read-ahead.ts';
import { Repeats } from './repeats.ts';
import { promised } from './state.ts';

/** A page that was read and checked. */
export interface ReadPage {
  name: string;
  /** Number of its first row in the whole list, from 1. */
  firstRow: number;
  /** As they came: whoever makes a list of them cleans them. */
  rows: readonly Row[];
}

export interface ReadCall {
  source: PageSource;
  /** Pages that an earlier reading of the job has brought; those that this one brings join them. */
  held: Map<string, JobPage>;
  onPage: (page: ReadPage) => void;
  /** Pages that are not read by then are missing; none means the time that each read has anyhow. */
  deadline?: Deadline | undefined;
  signal: AbortSignal;
}

export interface MissingPage {
  page: string;
  reason: string;
}

export interface WalkEnd {
  pages: Array<{ name: string; first_row: number; rows: number }>;
  rows: number;
  /** Pages that disagree with themselves, each with how, in words. */
  oddities: string[];
  /** Pages of which some rows stood on earlier pages, and how many. */
  overlaps: Array<{ page: string; rows: number }>;
  /** How pages promise other totals than the first one, in words, or null. */
  contradiction: string | null;
  /** Pages that could not be read, in order; those behind where it stopped among them, as far as they are promised. */
  missing: MissingPage[];
  /** How upstream's answers contradict each other, where that is why it stopped. */
  broken: string | null;
  /** Why the first of the missing pages could not be fetched, or null. */
  failure: OpenFunnelError | null;
}

/** No job has more pages: 10,000 companies at one a page (contract, "submit"). */
const MAX_PAGES = 10_000;
/** Pages in a row that may fail before the walk gives up. */
const MAX_FAILURES = 2;

/**
 * Walks a job's pages by following cursors, first to last. What contradicts itself ends the walk as `broken`; a page
 * that can't be fetched is noted as missing and, where its name tells the next one's, passed over.
 * @param first The answer that told the job's state, with the first page. @throws as `readPages`.
 */
export async function walkPages(
  jobId: string,
  first: JobPage,
  { source, held, onPage, deadline, signal }: ReadCall,
): Promise<WalkEnd> {
  const seen = new Set<string>();
  const repeats = new Repeats();
  const read = async (cursor: string, by: AbortSignal) => {
    const known = held.get(cursor);
    if (known) return known;
    const page = await source.getPage(jobId, cursor, by, deadline);
    if (page.status === first.status && oddityOf(page) === null) held.set(cursor, page);
    return page;
  };
  const ahead = pagesAhead(read, first);
  const nothing = { oddities: [], overlaps: [], contradiction: null, missing: [] };
  const end: WalkEnd = { pages: [], rows: 0, ...nothing, broken: null, failure: null };
  const promisedPages = promised(first, 'pages') ?? 0;
  const size = promised(first, 'page_size') ?? (first.next_cursor === null ? null : first.rows.length);
  const stop = (page: string, reason: string, broken: boolean): WalkEnd => {
    end.missing.push({ page: oneLine(page, 100), reason }, ...notReached(page, promisedPages));
    return { ...end, broken: broken ? `${pageWord(page)}: ${reason}` : null };
  };
  try {
    let name = first.page ?? FIRST_PAGE;
    let cursor = take(first, name);
    let failures = 0;
    while (cursor !== null) {
      const asked: string = cursor;
      if (seen.has(asked)) return stop(asked, 'the cursor came back to a page that was already read', true);
      if (seen.size >= MAX_PAGES) return stop(asked, 'there are more pages than any job can have', true);
      const page = await orFailure(ahead.getPage(asked, signal), signal);
      if (page instanceof OpenFunnelError) {
        const reason = `${page.code}: ${page.message}`;
        end.failure ??= page;
        failures += 1;
        const next = pageBehind(asked, promisedPages);
        const passable = concernsOnePage(page) && failures < MAX_FAILURES && next !== null;
        if (!passable) return stop(asked, reason, page.code === 'upstream_invalid_response');
        // Its cursor is lost with it, but its name tells the next page's: one bad page does not cost the rest.
        end.missing.push({ page: oneLine(asked, 100), reason });
        seen.add(asked);
        cursor = next;
        continue;
      }
      if (isTerminal(first.status) && page.status !== first.status) {
        const back = isTerminal(page.status) ? '' : ' back from an end to an earlier one';
        const change = `from ${statusWord(first.status)} to ${statusWord(page.status)}`;
        return stop(asked, `the status went${back} ${change}`, true);
      }
      // A cursor need not be its page's name.
      if (page.page !== null && page.page !== asked && seen.has(page.page))
        return stop(asked, 'it brought a page that was already read', true);
      seen.add(asked);
      contradicts(page, asked);
      failures = 0;
      name = page.page ?? asked;
      cursor = take(page, name);
    }
    return end;
  } finally {
    ahead.stop();
  }

  /** Hands a page on, and gives the cursor behind it. */
  function take(page: JobPage, name: string): string | null {
    seen.add(name);
    // A job without a single row has one empty first page, which is no page of results.
    if (page.rows.length > 0 || page.next_cursor !== null || seen.size > 1 || promisedPages > 0) {
      const shown = oneLine(name, 100);
      const { repeats: earlier, overlap } = repeats.of(page.rows, shown);
      if (earlier === null && overlap > 0) end.overlaps.push({ page: shown, rows: overlap });
      if (earlier !== null) {
        // Which of the two is the wrong one, nothing tells.
        held.clear();
        end.missing.push({ page: shown, reason: `its rows are those of ${pageWord(earlier)} once more` });
        return page.next_cursor;
      }
      const oddity = oddityOf(page);
      if (oddity !== null) end.oddities.push(`${pageWord(shown)}: ${oddity}`);
      // Behind a page that could not be read, what is known of the place is the page's number.
      const number = pageNumber(shown);
      const counted = end.pages.length === number || number === null || size === null;
      const firstRow = (counted ? end.rows : Math.max(end.rows, number * size)) + 1;
      end.pages.push({ name: shown, first_row: firstRow, rows: page.rows.length });
      end.rows += page.rows.length;
      onPage({ name: shown, firstRow, rows: page.rows });
    }
    return page.next_cursor;
  }

  /** Notes totals that are not those of the first page. */
  function contradicts(page: JobPage, name: string): void {
    for (const field of ['count', 'pages']) {
      const before = promised(first, field);
      const now = promised(page, field);
      if (before === null || now === null || before === now) continue;
      end.contradiction ??= `${pageWord(name)} promises ${field} ${now}, the first page ${before}`;
    }
    if (page.manifest?.partial === true && first.manifest?.partial !== true)
      end.contradiction ??= `${pageWord(name)} calls the result partial, the first page does not`;
  }
}

/** The page behind a numbered one that could not be read, where the manifest promises it. */
function pageBehind(cursor: string, pages: number): string | null {
  const number = pageNumber(cursor);
  return number === null || number + 1 >= pages ? null : pageName(number + 1);
}

/** The range of numbered pages behind the one at which the walk stopped, as far as the manifest promises them. */
function notReached(stoppedAt: string, pages: number): MissingPage[] {
  const behind = (pageNumber(stoppedAt) ?? pages) + 1;
  if (behind >= pages) return [];
  const page = pageRange(pageName(behind), pageName(pages - 1));
  return [{ page, reason: 'not reached: the walk stopped before it' }];
}

/** Where a page's own count and its rows disagree (contract: `count` is the rows in this page). */
export function oddityOf({ count, rows, malformed_rows }: JobPage): string | null {
  if (malformed_rows > 0) {
    const [are, were] = malformed_rows === 1 ? ['is no company', 'was'] : ['are no companies', 'were'];
    return `${malformed_rows} of its entries ${are} and ${were} left out`;
  }
  return count !== null && count !== rows.length
    ? `its count says ${count}, it has ${counted(rows.length, 'row')}`
    : null;
}
