import { identityOf } from '../companies/identity.ts';
import type { Row } from '../openfunnel/wire.ts';

/** A page of so many rows is a repeat where nearly all of them stood on one earlier page. */
const NEARLY_FROM = 10;
const NEARLY = 0.9;
/** A page of so many rows is a repeat where half of them stood on earlier pages, whichever. */
const HALF_FROM = 20;
/** So few rows at the end of a list of longer pages may be companies that come twice. */
const FEW = 2;

/**
 * Tells pages that repeat what other pages had: not a company that comes twice, but the companies of a page once
 * more, be it with another field changed. (Contract, "Rows": every row has a LinkedIn page that is unique within
 * a search.)
 */
export class Repeats {
  /** Of each row's marks, the numbers of the pages that it stood on. */
  readonly #pagesOf = new Map<string, number[]>();
  readonly #pages: Array<{ name: string; rows: number }> = [];

  /**
   * The earlier page that has most of these rows, where they are those of earlier pages; else null, and they are
   * remembered under `page`. `overlap` is how many of them stood on earlier pages, unchanged.
   */
  of(rows: readonly Row[], page: string): { repeats: string | null; overlap: number } {
    if (rows.length === 0) return { repeats: null, overlap: 0 };
    const marked = rows.map(marksOf);
    const shared = new Map<number, number>();
    let repeated = 0;
    let unchanged = 0;
    for (const { whole, company, sure } of marked) {
      const same = this.#pagesOf.get(whole);
      const before =
        same ?? (sure || rows.length >= NEARLY_FROM ? this.#pagesOf.get(company ?? '') : undefined);
      if (before === undefined) continue;
      repeated += 1;
      if (same !== undefined) unchanged += 1;
      for (const number of before) shared.set(number, (shared.get(number) ?? 0) + 1);
    }
    const [number, most] = [...shared].reduce((best, next) => (next[1] > best[1] ? next : best), [-1, 0]);
    const earlier = this.#pages[number];
    if (earlier && !(rows.length <= FEW && earlier.rows > rows.length)) {
      const all = rows.length < NEARLY_FROM ? rows.length : rows.length * NEARLY;
      const half = rows.length >= HALF_FROM && repeated * 2 >= rows.length;
      if (most >= all || half || unchanged * 2 > rows.length)
        return { repeats: earlier.name, overlap: rows.length };
    }
    this.#remember(marked, page);
    return { repeats: null, overlap: unchanged };
  }

  #remember(marked: readonly Marks[], page: string): void {
    const number = this.#pages.push({ name: page, rows: marked.length }) - 1;
    for (const { whole, company } of marked) {
      for (const mark of company === null ? [whole] : [whole, company]) {
        const pages = this.#pagesOf.get(mark);
        if (pages === undefined) this.#pagesOf.set(mark, [number]);
        else if (pages.at(-1) !== number) pages.push(number);
      }
    }
  }
}

/** What a row is told again by: all its fields, and the company alone, where it names one. */
interface Marks {
  whole: string;
  company: string | null;
  /** The company has a LinkedIn page, which no other one has; names alone, even with a domain, do recur. */
  sure: boolean;
}

function marksOf(row: Row): Marks {
  const { domain, slug } = identityOf(row);
  const parts = [wordOf(row.name), domain ?? wordOf(row.domain), slug ?? wordOf(row.linkedin_url)];
  return {
    whole: digest(row),
    company: parts.every((each) => each === '') ? null : digest(parts),
    sure: parts[2] !== '',
  };
}

function wordOf(text: unknown): string {
  return typeof text === 'string' ? text.trim().toLowerCase() : '';
}

function digest(value: unknown): string {
  // Loaded here, at the first page, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha1').update(JSON.stringify(value)).digest('base64').slice(0, 16);
}
