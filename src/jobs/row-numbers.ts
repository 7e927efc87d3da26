import type { JobPage } from '../openfunnel/wire.ts';
import { pageNumber } from './read-ahead.ts';
import { isFinal, promised } from './state.ts';
import type { PageSource } from './wait.ts';

/** Where a page's rows stand in the whole list. */
export interface PagePlace {
  /** Number of its first row, from 1. */
  firstRow: number;
  /** Exact once the pages before it have been read; before that page number × page size. */
  numbers: 'exact' | 'expected';
}

interface Chain {
  /** Name of the first page. */
  first: string;
  /** Rows of each page that was read, and the page behind it. */
  pages: Map<string, { rows: number; next: string | null }>;
}

/** Jobs kept in mind. */
const MAX_JOBS = 50;
/** Rows a page where nothing else is known (contract, "status and one page"). */
const PAGE_SIZE = 100;

/** Knows from the pages of final jobs that were read which numbers their rows have in the whole list. */
export class RowNumbers {
  readonly #jobs = new Map<string, Chain>();

  /** The same source; what it brings is noted. */
  noting(source: PageSource): PageSource {
    return {
      getPage: async (jobId, cursor, signal, deadline) => {
        const page = await source.getPage(jobId, cursor, signal, deadline);
        this.note(jobId, cursor, page);
        return page;
      },
    };
  }

  note(jobId: string, cursor: string | undefined, page: JobPage): void {
    const before = this.#jobs.get(jobId);
    this.#jobs.delete(jobId);
    if (!isFinal(page.status)) return;
    const name = page.page ?? cursor ?? 'page_0000';
    const chain = before ?? { first: 'page_0000', pages: new Map() };
    if (cursor === undefined) chain.first = name;
    chain.pages.set(name, { rows: page.rows.length, next: page.next_cursor });
    this.#jobs.set(jobId, chain);
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(oldest);
    }
  }

  /** Where a page stands. */
  of(jobId: string, cursor: string | undefined, page: JobPage): PagePlace {
    const name = page.page ?? cursor ?? 'page_0000';
    if (cursor === undefined) return { firstRow: 1, numbers: isFinal(page.status) ? 'exact' : 'expected' };
    const chain = this.#jobs.get(jobId);
    let firstRow = 1;
    const passed = new Set<string>();
    for (let at: string | null = chain?.first ?? null; chain && at !== null && !passed.has(at); ) {
      if (at === name) return { firstRow, numbers: 'exact' };
      passed.add(at);
      const read = chain.pages.get(at);
      if (!read) break;
      firstRow += read.rows;
      at = read.next;
    }
    const size = promised(page, 'page_size') ?? chain?.pages.get(chain.first)?.rows ?? PAGE_SIZE;
    return { firstRow: (pageNumber(name) ?? 0) * size + 1, numbers: 'expected' };
  }
}
