import type { Database, Statement } from 'sql.js';
import type { Column } from './columns.ts';
import type { SqlValue } from './side-table.ts';

const ROWS_A_STATEMENT = 40;

/** Inserts rows of one table, many to a statement: each crossing into WebAssembly costs. */
export class Inserter {
  readonly #db: Database;
  readonly #table: string;
  readonly #columns: readonly Column[];
  readonly #many: Statement;
  #values: Array<number | string | Uint8Array | null> = [];

  /** Begins a transaction, which `free` ends. */
  constructor(db: Database, table: string, columns: readonly Column[]) {
    this.#db = db;
    this.#table = table;
    this.#columns = columns;
    this.#many = this.#statement(ROWS_A_STATEMENT);
    db.run('BEGIN');
  }

  add(values: readonly SqlValue[]): void {
    for (const [at, { number }] of this.#columns.entries()) {
      const value = values[at] ?? null;
      // Text goes over as bytes, and is made text again there: sql.js would encode it sign by sign.
      this.#values.push(typeof value === 'string' && !number ? Buffer.from(value) : value);
    }
    if (this.#values.length < this.#columns.length * ROWS_A_STATEMENT) return;
    this.#many.run(this.#values);
    this.#values = [];
  }

  flush(): void {
    const rows = this.#values.length / this.#columns.length;
    if (rows === 0) return;
    const statement = this.#statement(rows);
    try {
      statement.run(this.#values);
    } finally {
      statement.free();
    }
    this.#values = [];
  }

  free(): void {
    this.#many.free();
    this.#db.run('COMMIT');
  }

  #statement(rows: number): Statement {
    const row = `(${this.#columns.map(({ number }) => (number ? '?' : 'CAST(? AS TEXT)')).join(', ')})`;
    return this.#db.prepare(
      `INSERT INTO m."${this.#table}" VALUES ${Array.from({ length: rows }, () => row).join(', ')}`,
    );
  }
}
