import { stat } from 'node:fs/promises';
import type { Database } from 'sql.js';
import { type Company, companyOf } from '../companies/company.ts';
import { groupsOf } from '../companies/groups.ts';
import { type KnownEntry, KnownList } from '../companies/known.ts';
import type { KnownLists } from '../disk/known-lists.ts';
import type { Marks } from '../disk/marks.ts';
import { systemClock } from '../lib/clock.ts';
import { hasRank, MARK_COLUMNS, type Ranks } from './columns.ts';
import { Inserter } from './inserter.ts';
import type { About, RecordFolders } from './messages.ts';

// What joins the companies of a list beside their rows: judgements, the user's own lists, other lists.

/** A list whose image is open. */
export interface OpenList {
  job_id: string;
  version: string;
  db: Database;
  about: About;
  rules: number;
  /** Size of its image. */
  bytes: number;
}

// Null where there are none: what reads them takes longer to load than most questions to answer.

async function marksIn({ marks }: RecordFolders): Promise<Marks | null> {
  if (!(await isThere(marks))) return null;
  const { Marks } = await import('../disk/marks.ts');
  return new Marks({ directory: marks, clock: systemClock });
}

async function knownIn({ known }: RecordFolders): Promise<KnownLists | null> {
  if (!(await isThere(known))) return null;
  const { KnownLists } = await import('../disk/known-lists.ts');
  return new KnownLists({ directory: known, clock: systemClock });
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT',
  );
}

/** Differs when the marks on these lists or any of the user's own lists do. */
export async function recordsVersion(lists: readonly OpenList[], records: RecordFolders): Promise<string> {
  const [marks, known] = [await marksIn(records), await knownIn(records)];
  const versions = await Promise.all(lists.map(({ job_id }) => marks?.version(job_id)));
  return `${JSON.stringify(records)} ${versions.join()} ${await known?.version()}`;
}

/** Puts the judgements on the companies of these lists into `marks`. */
export async function fillMarks(
  db: Database,
  lists: readonly OpenList[],
  records: RecordFolders,
): Promise<void> {
  db.run('DELETE FROM marks');
  const marks = await marksIn(records);
  if (marks === null) return;
  db.run('BEGIN');
  const insert = new Inserter(db, 'marks', ['TEXT', 'INTEGER', ...MARK_COLUMNS.map(({ type }) => type)]);
  for (const { job_id } of lists) {
    // A record that can't be read tells nothing here; whoever leaves companies out by it is told.
    const known = await marks.of(job_id).catch(() => new Map<number, never>());
    for (const [row, { verdict, role, score, reason, marked_at }] of known)
      insert.add([job_id, row, verdict, role, score, reason, marked_at]);
  }
  insert.end();
  db.run('COMMIT');
}

/** Which of the user's own lists have a company, or may have it: as columns, and as the function `known` of SQL. */
export class KnownJoin {
  #version: string | null = null;
  #lists = new Map<string, KnownList>();
  /** Lists that have a company, by each key that its rows at hand have. */
  readonly #found = new Map<string, string[]>();

  /** Fills `known_rows`; what is known of one row of a company is known of all its rows in that list. */
  async fill(db: Database, lists: readonly OpenList[], records: RecordFolders): Promise<void> {
    const store = await knownIn(records);
    const version = `${records.known} ${await store?.version()}`;
    if (version !== this.#version) {
      this.#lists = store === null ? new Map() : await readKnown(store);
      this.#version = version;
    }
    this.#found.clear();
    db.run('DELETE FROM known_rows');
    if (this.#lists.size === 0) return;
    db.run('BEGIN');
    const insert = new Inserter(db, 'known_rows', ['TEXT', 'INTEGER', 'TEXT', 'TEXT', 'TEXT']);
    for (const list of lists) {
      for (const { rows, company } of companiesIn(list.db)) {
        const found = this.#of(company);
        if (found === null) continue;
        for (const row of rows) insert.add([list.job_id, row, ...found]);
      }
    }
    insert.end();
    db.run('COMMIT');
  }

  #of(company: Matched): string[] | null {
    const sure: string[] = [];
    const maybe: string[] = [];
    const like: string[] = [];
    for (const [name, entries] of this.#lists) {
      if (entries.has(company.keys) !== null) {
        sure.push(name);
        continue;
      }
      const near = entries.mayHave(company);
      if (near === null) continue;
      maybe.push(name);
      like.push(`${name}: ${entryWords(near.entry)}, ${near.why}`);
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
    const names = name === '*' ? [...this.#lists.keys()] : [name];
    const given = [key, domain].filter((each) => typeof each === 'string');
    const keys = [...given, ...given.flatMap((each) => companyOf({ domain: each }).keys)];
    const known = names.some(
      (each) =>
        keys.some((one) => this.#found.get(one)?.includes(each)) || this.#lists.get(each)?.has(keys) != null,
    );
    return known ? 1 : 0;
  };
}

/** The user's own lists that can be read, by name. */
async function readKnown(store: KnownLists): Promise<Map<string, KnownList>> {
  const lists = new Map<string, KnownList>();
  // What can't be read is told by whoever leaves companies out by it.
  await store.checked((list, entries) => lists.set(list, new KnownList(entries)));
  return lists;
}

/** An entry in words: its name, else what else is known of it. */
function entryWords({ name, keys }: KnownEntry): string {
  return name ?? keys[0] ?? '';
}

/** What matching a company against the user's lists takes. */
type Matched = Pick<Company, 'keys' | 'name'>;

/** Columns of `derived`, row by row, as one JSON array each: each crossing from WebAssembly costs. */
function derivedIn(db: Database, ...columns: string[]): unknown[][] {
  const arrays = columns.map((column) =>
    // Arrays already, which SQLite does not have to read.
    column === 'identity_keys'
      ? "'[' || COALESCE(group_concat(identity_keys), '') || ']'"
      : `json_group_array(${column})`,
  );
  const [answer] = db.exec(`SELECT ${arrays.join(', ')} FROM (SELECT * FROM derived ORDER BY "row")`);
  return (answer?.values[0] ?? []).map((json) => JSON.parse(String(json)) as unknown[]);
}

/** Each company of a list once, with all keys of its rows and the name of its first. */
function companiesIn(db: Database): Iterable<{ rows: number[]; company: Matched }> {
  const [rows, firsts, names, keys] = derivedIn(
    db,
    '"row"',
    'COALESCE(same_as, "row")',
    'name',
    'identity_keys',
  ) as [number[], number[], Array<string | null>, string[][]];
  const companies = new Map<number, { rows: number[]; company: { keys: string[]; name: string | null } }>();
  for (const [at, row] of rows.entries()) {
    const first = firsts[at] ?? row;
    const known = companies.get(first);
    if (known) {
      known.rows.push(row);
      known.company.keys.push(...(keys[at] ?? []));
    } else companies.set(first, { rows: [row], company: { keys: keys[at] ?? [], name: names[at] ?? null } });
  }
  return companies.values();
}

/**
 * Puts companies that stand in more than one of these lists into `shared_rows`, with one key and the other lists.
 *
 * @param ranks The rows of each list that count; null for all.
 */
export function fillShared(db: Database, lists: readonly OpenList[], ranks: Ranks | null): void {
  const rows: number[] = [];
  const keys: string[][] = [];
  const listOf: number[] = [];
  for (const [list, { db: source }] of lists.entries()) {
    const [numbers, keysByRow] = derivedIn(source, '"row"', 'identity_keys') as [number[], string[][]];
    for (const [at, row] of numbers.entries()) {
      if (ranks !== null && !hasRank(ranks, row)) continue;
      rows.push(row);
      keys.push(keysByRow[at] ?? []);
      listOf.push(list);
    }
  }
  const groups = groupsOf(keys);
  /** Lists of the companies that stand in several, by their first place. */
  const listsOf = new Map<number, Set<number>>();
  for (const [at, list] of listOf.entries()) {
    const first = groups[at] ?? at;
    const home = listOf[first] ?? list;
    if (home !== list) listsOf.set(first, (listsOf.get(first) ?? new Set([home])).add(list));
  }
  db.run('BEGIN');
  const insert = new Inserter(db, 'shared_rows', ['TEXT', 'INTEGER', 'TEXT', 'TEXT', 'TEXT']);
  for (const [at, list] of listOf.entries()) {
    const first = groups[at] ?? at;
    const all = listsOf.get(first);
    if (all === undefined) continue;
    const others = [...all].filter((other) => other !== list).flatMap((other) => lists[other] ?? []);
    insert.add([
      lists[list]?.job_id ?? null,
      rows[at] ?? null,
      keys[first]?.[0] ?? null,
      JSON.stringify(others.map(({ job_id }) => job_id)),
      JSON.stringify(others.map(({ job_id, about }) => about.label ?? job_id)),
    ]);
  }
  insert.end();
  db.run('COMMIT');
}
