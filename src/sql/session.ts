import type { Database, SqlJsStatic } from 'sql.js';
import { KnownLists } from '../disk/known-lists.ts';
import { Marks } from '../disk/marks.ts';
import { readBytes } from '../disk/open-file.ts';
import { systemClock } from '../lib/clock.ts';
import {
  COMPANY_COLUMNS,
  type Column,
  columnNames,
  DISTINCT_COLUMNS,
  declared,
  FILE_COLUMNS,
  isAmong,
  JOB_COLUMNS,
  KNOWN_COLUMNS,
  MARK_COLUMNS,
  MARK_NAMES,
  type Ranks,
  SHARED_COLUMNS,
  sqlLiteral,
  TABLES,
} from './columns.ts';
import { describeTables, registerFunctions } from './functions.ts';
import { checkImage, DamagedImage, readAbout } from './image.ts';
import { fillMarks, fillShared, KnownJoin, type OpenList } from './joined.ts';
import { type AskedQuestion, type ListAtHand, QueryError } from './messages.ts';

/** All that SQLite may take for itself; images lie outside. Bytes. */
const HEAP_LIMIT = 640 * 1024 * 1024;
/** SQLite attaches no more databases; smaller lists are copied into one table. */
const MOST_ATTACHED = 10;
/** Images that are kept open beside those at hand, as long as they are not too large together. Bytes. */
const OPEN_BYTES = 256 * 1024 * 1024;

/** The collected lists that questions are about, as the tables `companies`, `distinct_companies` and `jobs`. */
export class Session {
  readonly #sqlite: SqlJsStatic;
  readonly db: Database;
  /** Open images by version, the one used last behind all others. */
  readonly #open = new Map<string, OpenList>();
  readonly #known = new KnownJoin();
  #hand: OpenList[] = [];
  #signature: string | null = null;
  /** Whether `shared_rows` is filled: it takes longer than most questions, and few need it. */
  #shared = false;
  #records = '';

  constructor(sqlite: SqlJsStatic) {
    this.#sqlite = sqlite;
    this.db = new sqlite.Database();
    const beside = (name: string, columns: readonly Column[]) =>
      `CREATE TEMP TABLE ${name} (job_id TEXT, "row" INTEGER, ${declared(columns)}, PRIMARY KEY (job_id, "row")) WITHOUT ROWID`;
    this.db.run(`PRAGMA hard_heap_limit = ${HEAP_LIMIT}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;
      ${beside('marks', [...MARK_COLUMNS, { name: 'by', type: 'TEXT' }])};
      ${beside('known_rows', KNOWN_COLUMNS)};
      ${beside('shared_rows', [{ name: 'company_key', type: 'TEXT' }, ...SHARED_COLUMNS])};
      CREATE TEMP TABLE copied (job_id TEXT, label TEXT, ${declared(FILE_COLUMNS)}, PRIMARY KEY (job_id, "row"));
      CREATE TEMP TABLE copied_jobs (${declared(JOB_COLUMNS)});`);
    this.db.create_function('known', this.#known.call);
    registerFunctions(this.db);
    describeTables(this.db, columnNames(TABLES));
  }

  /** What a list says of itself, and by which rules it was made. @throws {QueryError} */
  async about(list: ListAtHand): Promise<OpenList> {
    const [opened] = await this.#opened([list]);
    if (opened === undefined) throw new RangeError('no list');
    this.#closeOthers();
    return opened;
  }

  /**
   * Makes these lists, and what the records of this machine say of their companies, what questions are about.
   *
   * @throws {QueryError}
   */
  async have({ lists, records: folders, ranks = null, statements }: AskedQuestion): Promise<void> {
    const hand = await this.#opened(lists);
    const signature = [...hand.map(({ version }) => version), JSON.stringify(ranks)].join('\n');
    this.db.run('PRAGMA query_only = OFF');
    if (signature !== this.#signature) this.#attach(hand, ranks, signature);
    this.#closeOthers();
    if (hand.length > 1 && !this.#shared && statements.some(({ sql }) => mayAskShared(sql))) {
      fillShared(this.db, hand, ranks);
      this.#shared = true;
    }
    const marks = new Marks({ directory: folders.marks, clock: systemClock });
    const known = new KnownLists({ directory: folders.known, clock: systemClock });
    const ofMarks = await Promise.all(hand.map(({ about }) => marks.version(about.job_id)));
    const ofKnown = `${folders.known} ${await known.version()}`;
    const version = [signature, folders.marks, ofMarks, ofKnown].join('\n');
    if (version === this.#records) return;
    this.#records = '';
    await fillMarks(this.db, this.#hand, marks);
    await this.#known.fill(this.db, this.#hand, known, ofKnown);
    this.#records = version;
  }

  async #opened(lists: readonly ListAtHand[]): Promise<OpenList[]> {
    const missing = lists.filter((list) => !this.#open.has(list.version));
    let next = bytesOf(missing[0]);
    for (const [at, list] of missing.entries()) {
      const bytes = next;
      // Read while the one before it is looked at.
      next = bytesOf(missing[at + 1]);
      this.#open.set(list.version, await this.#read(list, bytes));
    }
    return lists.flatMap(({ version }) => {
      const opened = this.#open.get(version);
      if (opened === undefined) return [];
      this.#open.delete(version);
      this.#open.set(version, opened);
      return opened;
    });
  }

  /** Closes images that are not at hand, as far as those used after them are too large together. */
  #closeOthers(): void {
    let bytes = 0;
    for (const [version, each] of [...this.#open].reverse()) {
      const isKept = bytes <= OPEN_BYTES || this.#hand.includes(each);
      bytes += each.bytes;
      if (isKept) continue;
      each.db.close();
      this.#open.delete(version);
    }
  }

  async #read({ job_id, version }: ListAtHand, bytes: Promise<Buffer> | undefined): Promise<OpenList> {
    const damaged = (why: string) => new QueryError({ kind: 'damaged', job_id, why });
    try {
      const image = (await bytes) ?? Buffer.of();
      checkImage(image);
      const db = new this.#sqlite.Database(image);
      const { about, rules } = readAbout(db);
      if (about.job_id.toLowerCase() !== job_id.toLowerCase())
        throw new DamagedImage('it is the list of another job');
      return { version, db, about, rules, bytes: image.length };
    } catch (error) {
      if (error instanceof DamagedImage) throw damaged(error.message);
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw damaged(code === 'ENOENT' ? 'it is gone' : `it can't be read (${code})`);
    }
  }

  #attach(hand: OpenList[], ranks: Ranks | null, signature: string): void {
    this.#signature = null;
    for (const { name } of TABLES) this.db.run(`DROP VIEW IF EXISTS temp.${name}`);
    for (let at = 0; at < Math.min(this.#hand.length, MOST_ATTACHED); at += 1) this.db.run(`DETACH j${at}`);
    this.#hand = [];
    this.db.run('DELETE FROM copied; DELETE FROM copied_jobs; DELETE FROM shared_rows');
    const largest = [...hand].sort((a, b) => b.about.companies - a.about.companies);
    const attached = hand.length <= MOST_ATTACHED ? hand : largest.slice(0, MOST_ATTACHED);
    for (const { db, about } of largest.filter((each) => !attached.includes(each)))
      this.db.run(`ATTACH '${fileOf(db)}' AS source;
        INSERT INTO copied SELECT ${sqlLiteral(about.job_id)}, ${sqlLiteral(about.label)}, * FROM source.companies;
        INSERT INTO copied_jobs SELECT * FROM source.jobs;
        DETACH source;`);
    for (const [at, { db }] of attached.entries())
      this.db.run(`ATTACH '${fileOf(db)}' AS j${at}; PRAGMA j${at}.cache_size = -8000`);
    this.#hand = [...attached, ...hand.filter((each) => !attached.includes(each))];
    this.#shared = false;
    this.#makeViews(attached, ranks);
    this.#signature = signature;
  }

  /** A list's own condition on job_id reaches the one list, and what a question does not use is not looked up. */
  #makeViews(attached: readonly OpenList[], ranks: Ranks | null): void {
    const parts = attached.map(({ about: { job_id, label } }, at) => {
      const told = `${sqlLiteral(job_id)} AS job_id, ${sqlLiteral(label)} AS label`;
      return `SELECT ${told}, * FROM j${at}.companies`;
    });
    const jobs = attached.map((_, at) => `SELECT * FROM j${at}.jobs`);
    if (this.#hand.length > attached.length || this.#hand.length === 0) {
      parts.push('SELECT * FROM copied');
      jobs.push('SELECT * FROM copied_jobs');
    }
    const where = ranks === null ? '' : ` WHERE ${isAmong(ranks, '"row"')}`;
    const columns = COMPANY_COLUMNS.map((name) => `${columnOf(name, this.#hand.length > 1)} AS "${name}"`);
    this.db.run(`CREATE TEMP VIEW companies AS SELECT ${columns.join(', ')}
        FROM (${parts.map((part) => part + where).join(' UNION ALL ')}) c;
      CREATE TEMP VIEW jobs AS ${jobs.join(' UNION ALL ')};
      CREATE TEMP VIEW distinct_companies AS SELECT json_group_array(DISTINCT COALESCE(label, job_id)) AS lists,
        MIN("row") AS best_row, ${DISTINCT_COLUMNS.join(', ')} FROM companies
        GROUP BY COALESCE(company_key, job_id || ':' || "row")`);
  }
}

/** A `Buffer`, which `sql.js` does not copy; what is wrong with it is said where it is waited for. */
function bytesOf(list: ListAtHand | undefined): Promise<Buffer> | undefined {
  if (list === undefined) return undefined;
  const { source } = list;
  const bytes = 'path' in source ? readBytes(source.path) : Promise.resolve(Buffer.from(source.bytes));
  bytes.catch(() => {});
  return bytes;
}

/** Whether a statement may see what `shared_rows` gives to a column: by its name, by `*`, or by no name at all. */
function mayAskShared(sql: string): boolean {
  return /also_in|company_key|distinct_companies|natural|\*/i.test(
    sql.replace(/\bcount\s*\(\s*\*\s*\)/gi, ''),
  );
}

/** A column of `companies`: of the row itself, or looked up beside it. */
function columnOf(name: string, several: boolean): string {
  const beside = (from: string) =>
    `(SELECT b."${name}" FROM ${from} b WHERE b.job_id = c.job_id AND b."row" = c."row")`;
  if (MARK_NAMES.includes(name)) return beside('marks');
  if (name.startsWith('known_')) return `COALESCE(${beside('known_rows')}, '[]')`;
  if (name.startsWith('also_in')) return several ? `COALESCE(${beside('shared_rows')}, '[]')` : "'[]'";
  if (name === 'company_key' && several) return `COALESCE(${beside('shared_rows')}, c.company_key)`;
  return `c."${name}"`;
}

/** The name under which another database attaches this one. */
function fileOf(db: Database): string {
  const name: unknown = Reflect.get(db, 'filename');
  return String(name);
}
