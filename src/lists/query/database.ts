import initSqlJs, { type Database, type Statement } from 'sql.js';
import { DamagedFileError } from '../../store/kept-format.ts';
import { COMPANY_COLUMNS, type Column, JOB_COLUMNS, NEAR_COLUMNS } from './columns.ts';
import { Inserter } from './inserter.ts';
import { KnownFunction } from './known-table.ts';
import type { JobAtHand } from './messages.ts';
import { nearValues } from './near-row.ts';
import { ALSO_TABLE, FAR_TABLE, SAME_TABLE, SEEDS_TABLE } from './own-side-tables.ts';
import type { AtHand, SideTable, SqlValue } from './side-table.ts';

/** All that SQLite may take, the companies included: those of 200,000 rows with all their text. Bytes. */
const HEAP_LIMIT = 640 * 1024 * 1024;
/** Ids of companies are the number of their job times this, plus their row. */
const ROWS_A_JOB = 2 ** 24;

interface LoadedJob {
  no: number;
  job: JobAtHand;
  /** Side tables of `perJob` that hold this job already. */
  filled: Set<string>;
}

type CompanyColumn =
  | { name: string; from: null }
  | { name: string; from: string; otherwise: string | number | null };

/** Kept jobs whose files are damaged. */
export class DamagedJobsError extends Error {
  override readonly name = 'DamagedJobsError';
  readonly jobs: Array<{ job_id: string; why: string }>;

  constructor(jobs: Array<{ job_id: string; why: string }>) {
    super('kept rows are damaged');
    this.jobs = jobs;
  }
}

/**
 * The companies of kept jobs in SQLite, in memory alone, as an index that is made from the kept files. What a
 * query does not need is not loaded: long text, and what side tables hold.
 */
export class CompanyDatabase {
  readonly #db: Database;
  readonly #stateDirectory: string;
  readonly #known = new KnownFunction();
  readonly #sides: readonly SideTable[];
  /** Versions of the side tables as they are filled now. */
  readonly #versions = new Map<string, string>();
  readonly #loaded = new Map<string, LoadedJob>();
  #hand: LoadedJob[] = [];
  #handSignature: string | null = null;
  #jobsSignature = '';
  #lastNo = 0;

  static async open(stateDirectory: string, sides: readonly SideTable[]): Promise<CompanyDatabase> {
    const { Database } = await initSqlJs();
    return new CompanyDatabase(new Database(), stateDirectory, sides);
  }

  private constructor(db: Database, stateDirectory: string, sides: readonly SideTable[]) {
    this.#db = db;
    this.#stateDirectory = stateDirectory;
    this.#sides = [FAR_TABLE, SEEDS_TABLE, SAME_TABLE, ALSO_TABLE, ...sides];
    db.run(`PRAGMA hard_heap_limit = ${HEAP_LIMIT}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000;
      ATTACH ':memory:' AS m; PRAGMA m.journal_mode = OFF;`);
    db.run(`CREATE TABLE m._rows (id INTEGER PRIMARY KEY, ${NEAR_COLUMNS.map(({ name }) => `"${name}"`).join(', ')});
      CREATE TABLE m.jobs (${JOB_COLUMNS.map(({ name }) => name).join(', ')});`);
    db.create_function('known', this.#known.call);
    for (const { name, of, columns } of this.#sides) {
      const id = of === 'company' ? ['id INTEGER PRIMARY KEY'] : [];
      db.run(
        `CREATE TABLE m."${name}" (${[...id, ...columns.map((column) => `"${column.name}"`)].join(', ')})`,
      );
    }
  }

  /** The tables and columns that queries are about. */
  tables(): Array<{ name: string; columns: string[] }> {
    return [
      { name: 'companies', columns: this.#companyColumns().map(({ name }) => name) },
      { name: 'jobs', columns: JOB_COLUMNS.map(({ name }) => name) },
      ...this.#sides
        .filter(({ of, name }) => of === 'table' && !name.startsWith('_'))
        .map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
    ];
  }

  /**
   * Makes these jobs the ones that queries are about, loading what is not loaded.
   *
   * @param given Values of one of them, where they were worked out already.
   * @throws {DamagedJobsError} when kept files are damaged; the other jobs are loaded then.
   */
  async have(
    jobs: readonly JobAtHand[],
    given?: { job: JobAtHand; values: readonly SqlValue[][] },
  ): Promise<void> {
    const damaged: Array<{ job_id: string; why: string }> = [];
    for (const job of jobs) {
      const loaded = this.#loaded.get(job.job_id);
      if (loaded?.job.version === job.version) {
        loaded.job = job;
        continue;
      }
      if (loaded) this.#unload(loaded);
      try {
        await this.#load(job, given?.job === job ? given.values : undefined);
      } catch (error) {
        if (!(error instanceof DamagedFileError) && !isGone(error)) throw error;
        damaged.push({ job_id: job.job_id, why: whyOf(error) });
      }
    }
    if (damaged.length > 0) throw new DamagedJobsError(damaged);
    this.#hand = jobs.flatMap(({ job_id }) => this.#loaded.get(job_id) ?? []);
    this.#makeView();
    this.#fillJobs();
  }

  /** Makes what functions of SQL need ready for a statement. */
  ready(sql: string): Promise<void> {
    return this.#known.ready(sql, this.#stateDirectory);
  }

  /** A statement to step through, whose tables are filled already. It can change nothing. Free it. */
  prepare(sql: string, params: readonly SqlValue[]): Statement {
    this.#db.run('PRAGMA query_only = ON');
    const statement = this.#db.prepare(sql);
    if (params.length > 0) statement.bind([...params]);
    return statement;
  }

  /** Which of the side tables the statement reads, as SQLite's own plan of it says. */
  sidesIn(sql: string): SideTable[] {
    const roots = new Map<number, string>();
    this.#each("SELECT rootpage, name FROM m.sqlite_schema WHERE type = 'table'", ([root, name]) =>
      roots.set(Number(root), String(name)),
    );
    const read = new Set<string>();
    this.#db.run('PRAGMA query_only = ON');
    this.#each(`EXPLAIN ${sql}`, ([, opcode, , root, database]) => {
      if (opcode === 'OpenRead' && Number(database) === MEMORY_DB) read.add(roots.get(Number(root)) ?? '');
    });
    return this.#sides.filter(({ name }) => read.has(name));
  }

  /** Fills those of them that are empty or out of date. */
  async fill(sides: readonly SideTable[]): Promise<void> {
    if (sides.length === 0) return;
    this.#db.run('PRAGMA query_only = OFF');
    for (const side of sides) {
      if (side.perJob) {
        for (const loaded of this.#hand) {
          if (loaded.filled.has(side.name)) continue;
          this.#db.run(`DELETE FROM m."${side.name}" WHERE ${idsOf(loaded)}`);
          await this.#fill(side, [loaded]);
          loaded.filled.add(side.name);
        }
        continue;
      }
      const at = this.#atHand(this.#hand);
      const version = `${this.#handSignature} ${await side.version(at)}`;
      if (this.#versions.get(side.name) === version) continue;
      this.#versions.delete(side.name);
      this.#db.run(`DELETE FROM m."${side.name}"`);
      await this.#fill(side, this.#hand);
      this.#versions.set(side.name, version);
    }
  }

  async #fill(side: SideTable, jobs: readonly LoadedJob[]): Promise<void> {
    const columns = side.of === 'company' ? [ID, ...side.columns] : side.columns;
    const insert = new Inserter(this.#db, side.name, columns);
    try {
      await side.fill(this.#atHand(jobs), (entry) => insert.add(entry));
      insert.flush();
    } catch (error) {
      const [only] = jobs;
      if (!side.perJob || !only || !(error instanceof DamagedFileError || isGone(error))) throw error;
      throw new DamagedJobsError([{ job_id: only.job.job_id, why: whyOf(error) }]);
    } finally {
      insert.free();
    }
  }

  #atHand(jobs: readonly LoadedJob[]): AtHand {
    const byId = new Map(jobs.map((loaded) => [loaded.job.job_id, loaded]));
    return {
      jobs: jobs.map(({ job }) => job),
      stateDirectory: this.#stateDirectory,
      companies: (columns) => this.#companies(jobs, columns),
      idOf: (jobId, row) => {
        const loaded = byId.get(jobId);
        return loaded === undefined || row < 1 || row >= ROWS_A_JOB ? null : loaded.no * ROWS_A_JOB + row;
      },
    };
  }

  *#companies(jobs: readonly LoadedJob[], columns: readonly string[]): Iterable<readonly SqlValue[]> {
    for (const loaded of jobs) {
      const values = columns.map((name) => stored(name, [loaded])).join(', ');
      const statement = this.#db.prepare(
        `SELECT r.id, ${values} FROM m._rows r WHERE ${idsOf(loaded)} ORDER BY r.id`,
      );
      try {
        while (statement.step()) yield statement.get() as SqlValue[];
      } finally {
        statement.free();
      }
    }
  }

  async #load(job: JobAtHand, given: readonly SqlValue[][] | undefined): Promise<void> {
    const no = ++this.#lastNo;
    this.#db.run('PRAGMA query_only = OFF');
    const insert = new Inserter(this.#db, '_rows', [ID, ...NEAR_COLUMNS]);
    let row = 0;
    try {
      for (const values of given ?? (await nearValues(job))) {
        row += 1;
        insert.add([no * ROWS_A_JOB + row, ...values]);
      }
      insert.flush();
    } catch (error) {
      this.#db.run(`DELETE FROM m._rows WHERE ${idsOf({ no })}`);
      throw error;
    } finally {
      insert.free();
    }
    this.#loaded.set(job.job_id, { no, job, filled: new Set() });
  }

  #unload(loaded: LoadedJob): void {
    this.#db.run('PRAGMA query_only = OFF');
    for (const name of ['_rows', ...loaded.filled])
      this.#db.run(`DELETE FROM m."${name}" WHERE ${idsOf(loaded)}`);
    this.#loaded.delete(loaded.job.job_id);
  }

  /** The columns of `companies`, each with where it comes from. */
  #companyColumns(): CompanyColumn[] {
    const columns: CompanyColumn[] = ['job_id', 'row', ...NEAR_COLUMNS.map(({ name }) => name)].map(
      (name) => ({
        name,
        from: null,
      }),
    );
    for (const side of this.#sides) {
      if (side.of !== 'company') continue;
      for (const { name, otherwise = null } of side.columns)
        columns.push({ name, from: side.name, otherwise });
    }
    const place = ({ name }: CompanyColumn) => COMPANY_COLUMNS.indexOf(name) + 1 || Number.POSITIVE_INFINITY;
    return columns.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }

  /** Columns of side tables stand as subqueries, which SQLite drops wherever a query does not name them. */
  #makeView(): void {
    const signature = this.#hand.map(({ no }) => no).join(',');
    if (signature === this.#handSignature) return;
    const columns = this.#companyColumns().map((column) => {
      if (column.from === null) return `${stored(column.name, this.#hand)} AS "${column.name}"`;
      const { name, from, otherwise } = column;
      const value = `(SELECT s."${name}" FROM "${from}" s WHERE s.id = r.id)`;
      return `${otherwise === null ? value : `COALESCE(${value}, ${JSON.stringify(otherwise).replaceAll('"', "'")})`} AS "${name}"`;
    });
    const all = this.#hand.length === this.#loaded.size;
    this.#db.run(`PRAGMA query_only = OFF; DROP VIEW IF EXISTS m.companies;
      CREATE VIEW m.companies AS SELECT ${columns.join(', ')} FROM _rows r${all ? '' : ` WHERE r.id / ${ROWS_A_JOB} IN (${signature})`}`);
    this.#handSignature = signature;
  }

  #fillJobs(): void {
    const lines = this.#hand.map(({ job: { job_id, facts } }) => [
      job_id,
      facts.label,
      facts.submitted_at,
      facts.query,
      facts.seed_domains === null ? null : JSON.stringify(facts.seed_domains),
      facts.requested_limit,
      facts.status,
      facts.companies,
      facts.credits,
    ]);
    const signature = JSON.stringify(lines);
    if (signature === this.#jobsSignature) return;
    this.#db.run('PRAGMA query_only = OFF; DELETE FROM m.jobs');
    const insert = new Inserter(this.#db, 'jobs', JOB_COLUMNS);
    for (const line of lines) insert.add(line);
    insert.flush();
    insert.free();
    this.#jobsSignature = signature;
  }

  #each(sql: string, take: (values: SqlValue[]) => void): void {
    const statement = this.#db.prepare(sql);
    try {
      while (statement.step()) take(statement.get() as SqlValue[]);
    } finally {
      statement.free();
    }
  }
}

/** Number that SQLite gives the first attached database: main is 0 and temp 1. */
const MEMORY_DB = 2;
const ID: Column = { name: 'id', number: true };

/** The expression for a column that is stored with each row `r`, or told by its id. */
function stored(name: string, jobs: readonly LoadedJob[]): string {
  if (name === 'row') return `(r.id % ${ROWS_A_JOB})`;
  if (name !== 'job_id') return `r."${name}"`;
  const ids = jobs.map(({ no, job }) => `WHEN ${no} THEN '${job.job_id.replaceAll("'", "''")}'`);
  return ids.length === 0 ? 'NULL' : `CASE r.id / ${ROWS_A_JOB} ${ids.join(' ')} END`;
}

function idsOf({ no }: { no: number }): string {
  return `id BETWEEN ${no * ROWS_A_JOB} AND ${(no + 1) * ROWS_A_JOB - 1}`;
}

function whyOf(error: unknown): string {
  return error instanceof DamagedFileError ? error.message : 'it is gone';
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}
