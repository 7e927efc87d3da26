import { stat } from 'node:fs/promises';
import type { Database } from 'sql.js';
import { type Company, companyOf } from '../companies/company.ts';
import { groupsOf } from '../companies/groups.ts';
import { KnownList } from '../companies/known.ts';
import type { KnownLists } from '../disk/known-lists.ts';
import type { Marks } from '../disk/marks.ts';
import { systemClock } from '../lib/clock.ts';
import { isAmong, type Ranks } from './columns.ts';
import { Inserter } from './inserter.ts';
import type { About, RecordFolders, SqlValue } from './messages.ts';

// What joins the companies of a list beside their rows: judgements, the user's own lists, other lists.

export interface OpenList {
  version: string;
  db: Database;
  about: About;
  rules: number;
  /** Size of its image. */
  bytes: number;
}

/** The records in these folders; null where there are none: what reads them takes longer to load than most questions. */
export async function recordsIn({ marks, known }: RecordFolders) {
  const isThere = (folder: string) =>
    stat(folder).then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT',
    );
  const inside = (directory: string) => ({ directory, clock: systemClock });
  return {
    marks: (await isThere(marks)) ? new (await import('../disk/marks.ts')).Marks(inside(marks)) : null,
    known: (await isThere(known))
      ? new (await import('../disk/known-lists.ts')).KnownLists(inside(known))
      : null,
  };
}

/** Puts the judgements on the companies of these lists into `marks`. */
export async function fillMarks(
  db: Database,
  lists: readonly OpenList[],
  marks: Marks | null,
): Promise<void> {
  db.run('DELETE FROM marks');
  if (marks === null) return;
  const rows: SqlValue[][] = [];
  for (const { about } of lists) {
    // A record that can't be read tells nothing here; whoever leaves companies out by it is told.
    const known = await marks.of(about.job_id).catch(() => new Map<number, never>());
    for (const [row, { verdict, role, score, reason, marked_at }] of known)
      rows.push([about.job_id, row, verdict, role, score, reason, marked_at]);
  }
  Inserter.run(db, 'marks', rows);
}

/** Which of the user's own lists have a company, or may have it: as columns, and as the function `known` of SQL. */
export class KnownJoin {
  #version: string | null = null;
  #lists = new Map<string, KnownList>();
  /** Lists that have a company, by each key that its rows at hand have. */
  readonly #found = new Map<string, string[]>();

  /**
   * Fills `known_rows`; what is known for sure of one row of a company is known of all its rows, in whichever list.
   *
   * @param version Differs when `store` does.
   */
  async fill(
    db: Database,
    lists: readonly OpenList[],
    store: KnownLists | null,
    version: string,
  ): Promise<void> {
    if (version !== this.#version) {
      this.#lists = new Map();
      // What can't be read is told by whoever leaves companies out by it.
      await store?.checked((list, entries) => this.#lists.set(list, new KnownList(entries)));
      this.#version = version;
    }
    this.#found.clear();
    db.run('DELETE FROM known_rows');
    if (this.#lists.size === 0) return;
    const companies = lists.flatMap((list) =>
      [...companiesIn(list.db)].map((company) => ({ ...company, job_id: list.about.job_id })),
    );
    // In one list they are told apart already.
    const groups = lists.length > 1 ? groupsOf(companies.map(({ keys }) => keys)) : [];
    const sureOf = new Map<number, Set<string>>();
    for (const [at, { keys }] of companies.entries()) {
      const group = groups[at] ?? at;
      const sure = sureOf.get(group) ?? new Set();
      for (const [name, entries] of this.#lists) if (entries.has(keys)) sure.add(name);
      sureOf.set(group, sure);
    }
    const known = companies.flatMap((company, at) => {
      const found = this.#of(company, sureOf.get(groups[at] ?? at) ?? new Set());
      return found === null ? [] : company.rows.map((row) => [company.job_id, row, ...found]);
    });
    Inserter.run(db, 'known_rows', known);
  }

  /** @param known Lists that surely have it. */
  #of(company: Matched, known: ReadonlySet<string>): string[] | null {
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

/** What matching a company against the user's lists takes. */
type Matched = Pick<Company, 'keys' | 'name'>;

/** Columns of `derived`, row by row, as one JSON array each: each crossing from WebAssembly costs. */
function derivedIn(db: Database, ranks: Ranks | null, ...columns: string[]): unknown[][] {
  const which = ranks === null ? '' : `WHERE ${isAmong(ranks, '"row"')}`;
  const arrays = columns.map((column) =>
    // Arrays already, which SQLite does not have to read.
    column === 'identity_keys'
      ? "'[' || COALESCE(group_concat(identity_keys), '') || ']'"
      : `json_group_array(${column})`,
  );
  const [answer] = db.exec(
    `SELECT ${arrays.join(', ')} FROM (SELECT * FROM derived ${which} ORDER BY "row")`,
  );
  return (answer?.values[0] ?? []).map((json) => JSON.parse(String(json)) as unknown[]);
}

/** Each company of a list once, with all keys of its rows and the name of its first. */
function companiesIn(db: Database): Iterable<Matched & { rows: number[] }> {
  const columns = derivedIn(db, null, '"row"', 'COALESCE(same_as, "row")', 'name', 'identity_keys');
  const [rows, firsts, names, keys] = columns as [number[], number[], Array<string | null>, string[][]];
  const companies = new Map<number, { rows: number[]; keys: string[]; name: string | null }>();
  for (const [at, row] of rows.entries()) {
    const first = firsts[at] ?? row;
    const company = companies.get(first) ?? { rows: [], keys: [], name: names[at] ?? null };
    company.rows.push(row);
    company.keys.push(...(keys[at] ?? []));
    companies.set(first, company);
  }
  return companies.values();
}

/**
 * Puts companies that stand in more than one of these lists into `shared_rows`, with one key and the other lists.
 *
 * @param ranks The rows of each list that count; null for all.
 */
export function fillShared(db: Database, lists: readonly OpenList[], ranks: Ranks | null): void {
  const all: Array<{ list: OpenList; row: number; keys: string[] }> = [];
  for (const list of lists) {
    const columns = derivedIn(list.db, ranks, '"row"', 'identity_keys');
    const [numbers, keysByRow] = columns as [number[], string[][]];
    for (const [at, row] of numbers.entries()) all.push({ list, row, keys: keysByRow[at] ?? [] });
  }
  const groups = groupsOf(all.map(({ keys }) => keys));
  /** Lists of the companies that have several rows, by their first one. */
  const listsOf = new Map<unknown, Set<OpenList>>();
  for (const [at, { list }] of all.entries()) {
    const first = all[groups[at] ?? at];
    if (first && groups[at] !== at)
      listsOf.set(first, (listsOf.get(first) ?? new Set([first.list])).add(list));
  }
  const shared = all.flatMap(({ list, row }, at) => {
    const first = all[groups[at] ?? at];
    const others = [...(listsOf.get(first) ?? [])].filter((other) => other !== list);
    if (others.length === 0) return [];
    const ids = others.map(({ about }) => about.job_id);
    const labels = others.map(({ about }) => about.label ?? about.job_id);
    return [[list.about.job_id, row, first?.keys[0] ?? null, JSON.stringify(ids), JSON.stringify(labels)]];
  });
  Inserter.run(db, 'shared_rows', shared);
}
