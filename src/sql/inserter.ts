import type { Database, Statement } from 'sql.js';
import type { SqlValue } from './messages.ts';

const ROWS_A_STATEMENT = 20;

/** Inserts rows into one table, many to a statement: each crossing into WebAssembly costs. */
export class Inserter {
  readonly #db: Database;
  readonly #table: string;
  readonly #texts: readonly boolean[];
  #many: Statement | null = null;
  #values: Array<number | string | Uint8Array | null> = [];

  constructor(db: Database, table: string) {
    this.#db = db;
    this.#table = table;
    const [columns] = db.exec(`SELECT type = 'TEXT' FROM pragma_table_info('${table}')`);
    this.#texts = (columns?.values ?? []).map(([isText]) => isText === 1);
  }

  add(values: readonly SqlValue[]): void {
    for (const [at, text] of this.#texts.entries()) {
      const value = values[at] ?? null;
      // Text goes over as bytes, and is made text again there: sql.js would encode it sign by sign.
      this.#values.push(text && typeof value === 'string' ? Buffer.from(value) : value);
    }
    if (this.#values.length < this.#texts.length * ROWS_A_STATEMENT) return;
    this.#many ??= this.#statement(ROWS_A_STATEMENT);
    this.#many.run(this.#values);
    this.#values = [];
  }

  /** Inserts what is left. */
  end(): void {
    this.#many?.free();
    const rows = this.#values.length / this.#texts.length;
    if (rows === 0) return;
    const last = this.#statement(rows);
    last.run(this.#values);
    last.free();
  }

  /** Inserts all of `rows` into a table of the session. */
  static run(db: Database, table: string, rows: Iterable<readonly SqlValue[]>): void {
    db.run('BEGIN');
    const insert = new Inserter(db, table);
    for (const row of rows) insert.add(row);
    insert.end();
    db.run('COMMIT');
  }

  #statement(rows: number): Statement {
    const row = `(${this.#texts.map((text) => (text ? 'CAST(? AS TEXT)' : '?')).join(', ')})`;
    return this.#db.prepare(
      `INSERT INTO ${this.#table} VALUES ${Array.from({ length: rows }, () => row).join(', ')}`,
    );
  }
}
