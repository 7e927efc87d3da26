import { linkedinSlug, normalDomain } from '../companies/identity.ts';
import type { Row } from '../openfunnel/wire.ts';

/** A page of so many rows is a repeat where nearly all of them stood on one earlier page. */
const NEARLY_FROM = 10;
const NEARLY = 0.9;
/** A page of so many rows is a repeat where half of them stood on earlier pages, whichever. */
const HALF_FROM = 20;
/** So few rows at the end of a list of longer pages may be companies that come twice. */
const FEW = 2;

/**
 * Tells pages that repeat what other pages had: not a company that comes twice, but the companies of a page once more,
 * be it with another field changed. (Contract, "Rows": every row has a LinkedIn page that is unique within a search.)
 */
export class Repeats {
  /** Numbers of the pages that had a company, by its mark, and its rows that are not among `#rows` yet. */
  readonly #companies = new Map<string, { pages: Set<number>; rows: Array<{ row: Row; page: number }> }>();
  /** Numbers of the pages that had a row, by its digest: made of companies alone that come again. */
  readonly #rows = new Map<string, Set<number>>();
  readonly #pages: Array<{ name: string; rows: number }> = [];

  /**
   * The earlier page that has most of these rows, where they are those of earlier pages; else null, and they are
   * remembered under `page`. `overlap` is how many of them stood on earlier pages, unchanged.
   */
  of(rows: readonly Row[], page: string): { repeats: string | null; overlap: number } {
    if (rows.length === 0) return { repeats: null, overlap: 0 };
    const marked = rows.map((row) => ({ row, ...markOf(row) }));
    const shared = new Map<number, number>();
    let repeated = 0;
    let unchanged = 0;
    for (const { row, mark, sure } of marked) {
      const same = this.#pagesWith(row, mark);
      const isCompany = sure || rows.length >= NEARLY_FROM;
      const before = same ?? (isCompany ? this.#companies.get(mark)?.pages : undefined);
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
    const own = this.#pages.push({ name: page, rows: rows.length }) - 1;
    for (const { row, mark } of marked) {
      const company = this.#companies.get(mark) ?? { pages: new Set(), rows: [] };
      company.pages.add(own);
      company.rows.push({ row, page: own });
      this.#companies.set(mark, company);
    }
    return { repeats: null, overlap: unchanged };
  }

  /** Numbers of the pages that had the same row. */
  #pagesWith(row: Row, mark: string): ReadonlySet<number> | undefined {
    const company = this.#companies.get(mark);
    if (!company) return undefined;
    for (const each of company.rows.splice(0)) {
      const key = digest(each.row);
      this.#rows.set(key, (this.#rows.get(key) ?? new Set()).add(each.page));
    }
    return this.#rows.get(digest(row));
  }
}

/**
 * What a row's company is told again by, or the row itself where it names none. `sure`: the company has a LinkedIn page,
 * which no other one has; names alone, even with a domain, do recur.
 */
function markOf(row: Row) {
  const page = linkedinSlug(row.linkedin_url) ?? (wordOf(row.linkedin_slug) || wordOf(row.linkedin_url));
  const parts = [wordOf(row.name), normalDomain(row.domain) ?? wordOf(row.domain), page];
  const mark = parts.some((each) => each !== '') ? JSON.stringify(parts) : digest(row);
  return { mark, sure: page !== '' };
}

function wordOf(text: unknown): string {
  return typeof text === 'string' ? text.trim().toLowerCase() : '';
}

function digest(value: unknown): string {
  // Loaded here, at the first page, and not at every start.
  const { hash } = process.getBuiltinModule('node:crypto');
  return hash('sha1', JSON.stringify(value), 'base64').slice(0, 16);
}
