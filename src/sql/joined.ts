import type { Database } from 'sql.js';
import { type Company, companyOf } from '../companies/company.ts';
import { groupsOf } from '../companies/groups.ts';
import { KnownList } from '../companies/known.ts';
import type { KnownLists } from '../disk/known-lists.ts';
import type { Marks } from '../disk/marks.ts';
import type { Ranks } from './columns.ts';
import { insertRows } from './inserter.ts';
import type { About, SqlValue } from './messages.ts';

// What joins the companies of a list beside their rows: judgements, the user's own lists, other lists.

export interface OpenList {
  version: string;
  db: Database;
  about: About;
  rules: number;
  /** Size of its image. */
  bytes: number;
}

/** Puts the judgements on the companies of these lists into `marks`. */
export async function fillMarks(db: Database, lists: readonly OpenList[], marks: Marks): Promise<void> {
  db.run('DELETE FROM marks');
  const rows: SqlValue[][] = [];
  for (const { about } of lists) {
    // A record that can't be read tells nothing here; whoever leaves companies out by it is told.
    const known = await marks.of(about.job_id).catch(() => new Map<number, never>());
    for (const [row, { verdict, role, score, reason, marked_at, by }] of known)
      rows.push([about.job_id, row, verdict, role, score, reason, marked_at, by]);
  }
  insertRows(db, 'marks', rows);
}

/** Which of the user's own lists have a company, or may have it: as columns, and as the function `known` of SQL. */
export class KnownJoin {
  #version: string | null = null;
  #lists = new Map<string, KnownList>();
  /** Lists that can't be read, and why. */
  #damaged: ReadonlyMap<string, string> = new Map();
  /** Lists that have a company, by each key that its rows at hand have. */
  readonly #found = new Map<string, string[]>();

  /**
   * Fills `known_rows`; what is known for sure of one row of a company is known of all its rows, in whichever list.
   *
   * @param version Differs when `store` does.
   */
  async fill(db: Database, lists: readonly OpenList[], store: KnownLists, version: string): Promise<void> {
    if (version !== this.#version) {
      this.#lists = new Map();
      // What can't be read is told by whoever leaves companies out by it.
      const { damaged } = await store.checked((list, entries) =>
        this.#lists.set(list, new KnownList(entries)),
      );
      this.#damaged = new Map(damaged.map(({ list, why }) => [list, why]));
      this.#version = version;
    }
    this.#found.clear();
    db.run('DELETE FROM known_rows');
    if (this.#lists.size === 0) return;
    const { companies, firsts } = companiesIn(lists);
    const sureOf = new Map<number | undefined, Set<string>>();
    for (const [at, { keys }] of companies.entries()) {
      const sure = sureOf.get(firsts[at]) ?? new Set();
      for (const [name, entries] of this.#lists) if (entries.has(keys)) sure.add(name);
      sureOf.set(firsts[at], sure);
    }
    const known = companies.flatMap((company, at) => {
      const found = this.#of(company, sureOf.get(firsts[at]) ?? new Set());
      return found === null ? [] : company.rows.map((row) => [company.list.about.job_id, row, ...found]);
    });
    insertRows(db, 'known_rows', known);
  }

  /** @param known Lists that surely have it. */
  #of(company: ListedCompany, known: ReadonlySet<string>): string[] | null {
    const sure: string[] = [];
    const maybe: string[] = [];
    const like: string[] = [];
    for (const [name, entries] of this.#lists) {
      if (known.has(name)) {
        sure.push(name);
        continue;
      }
      const near = entries.mayHave(company);
      if (near === null) continue;
      maybe.push(name);
      like.push(`${name}: ${near.entry.name ?? near.entry.keys[0] ?? ''}, ${near.why}`);
    }
    if (sure.length + maybe.length === 0) return null;
    if (sure.length > 0) for (const key of company.keys) this.#found.set(key, sure);
    return [sure, maybe, like].map((each) => JSON.stringify(each));
  }

  /**
   * 1 where the list ("*" for any) surely has the company, else 0, as `known_in` says it; the name alone says nothing
   * for sure. Takes four arguments, as SQLite counts them: list, company_key, name, domain.
   */
  readonly call = (list: unknown, key: unknown, _name: unknown, domain: unknown): number => {
    const name = typeof list === 'string' ? list.trim().toLowerCase() : '';
    const why = this.#damaged.get(name);
    if (why !== undefined) throw new Error(`known: the list '${name}' can't be read completely (${why})`);
    if (name !== '*' && !this.#lists.has(name))
      throw new Error(
        `known: there is no list '${String(list)}' (${[...this.#lists.keys()].join(', ') || 'none'})`,
      );
    const given = [key, domain].filter((each) => typeof each === 'string');
    const keys = [...given, ...given.flatMap((each) => companyOf({ domain: each }).keys)];
    const isIn = (each: string) =>
      keys.some((one) => this.#found.get(one)?.includes(each)) || this.#lists.get(each)?.has(keys) === true;
    return Number((name === '*' ? [...this.#lists.keys()] : [name]).some(isIn));
  };
}

/** A company of one list, with all keys of its rows and the name of its first. */
interface ListedCompany extends Pick<Company, 'keys' | 'name'> {
  list: OpenList;
  rows: number[];
}

/** The companies of these lists, list by list, and for each the index of the first that is the same company. */
function companiesIn(lists: readonly OpenList[]): { companies: ListedCompany[]; firsts: number[] } {
  const companies = lists.flatMap(companiesOf);
  // In one list they are told apart already.
  const firsts =
    lists.length > 1 ? groupsOf(companies.map(({ keys }) => keys)) : companies.map((_, at) => at);
  return { companies, firsts };
}

function companiesOf(list: OpenList): ListedCompany[] {
  // A JSON array a column: each crossing from WebAssembly costs. Keys are arrays already, which SQLite need not read.
  const [answer] = list.db.exec(`SELECT json_group_array("row"), json_group_array(COALESCE(same_as, "row")),
    json_group_array(name), '[' || COALESCE(group_concat(identity_keys), '') || ']'
    FROM (SELECT * FROM derived ORDER BY "row")`);
  const columns = (answer?.values[0] ?? []).map((json): unknown => JSON.parse(String(json)));
  const [rows, firsts, names, keysByRow] = columns as [number[], number[], Array<string | null>, string[][]];
  const companies = new Map<number, ListedCompany>();
  for (const [at, row] of rows.entries()) {
    const company = companies.get(firsts[at] ?? row);
    const keys = keysByRow[at] ?? [];
    company?.rows.push(row);
    company?.keys.push(...keys);
    if (!company) companies.set(row, { list, rows: [row], keys, name: names[at] ?? null });
  }
  return [...companies.values()];
}

/**
 * Puts companies that stand in more than one of these lists into `shared_rows`, with one key and the other lists.
 *
 * @param ranks The rows of each list that count; null for all.
 */
export function fillShared(db: Database, lists: readonly OpenList[], ranks: Ranks | null): void {
  const counts = (row: number) => ranks === null || ranks.some(({ from, to }) => row >= from && row <= to);
  const { companies, firsts } = companiesIn(lists);
  /** Lists of each company, by the index of its first. */
  const listsOf = new Map<number, OpenList[]>();
  for (const [at, { list, rows }] of companies.entries()) {
    if (!rows.some(counts)) continue;
    const first = firsts[at] ?? at;
    const having = listsOf.get(first);
    if (!having) listsOf.set(first, [list]);
    else if (having.at(-1) !== list) having.push(list);
  }
  const shared = companies.flatMap(({ list, rows }, at) => {
    const first = firsts[at] ?? at;
    const others = (listsOf.get(first) ?? []).filter((other) => other !== list);
    if (others.length === 0) return [];
    const ids = JSON.stringify(others.map(({ about }) => about.job_id));
    const labels = JSON.stringify(others.map(({ about }) => about.label ?? about.job_id));
    const key = companies[first]?.keys[0] ?? null;
    return rows.filter(counts).map((row) => [list.about.job_id, row, key, ids, labels]);
  });
  insertRows(db, 'shared_rows', shared);
}
