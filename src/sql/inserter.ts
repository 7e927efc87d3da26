import type { Database, Statement } from 'sql.js';
import type { SqlValue } from './messages.ts';

const ROWS_A_STATEMENT = 10;

/** Inserts rows into one table, many to a statement: each crossing into WebAssembly costs, as does each statement made. */
export class Inserter {
  readonly #db: Database;
  readonly #table: string;
  readonly #isText: readonly boolean[];
  #many: Statement | undefined;
  #rows: Array<readonly SqlValue[]> = [];

  constructor(db: Database, table: string) {
    this.#db = db;
    this.#table = table;
    const [columns] = db.exec(`SELECT type = 'TEXT' FROM pragma_table_info('${table}')`);
    this.#isText = (columns?.values ?? []).map(([text]) => text === 1);
  }

  add(row: readonly SqlValue[]): void {
    this.#rows.push(row);
    if (this.#rows.length < ROWS_A_STATEMENT) return;
    this.#many ??= this.#prepared();
    this.#insert(this.#many);
  }

  /** Inserts what is left; the inserter is used up by it. */
  end(): void {
    this.#many?.free();
    if (this.#rows.length === 0) return;
    const rest = this.#prepared();
    this.#insert(rest);
    rest.free();
  }

  /** A statement for as many rows as there are. */
  #prepared(): Statement {
    const places = `(${this.#isText.map((text) => (text ? 'CAST(? AS TEXT)' : '?')).join(', ')})`;
    return this.#db.prepare(`INSERT INTO ${this.#table} VALUES ${this.#rows.map(() => places).join(', ')}`);
  }

  #insert(statement: Statement): void {
    const values: Array<SqlValue | Uint8Array> = [];
    // Text goes over as bytes, and is made text again there: sql.js would encode it sign by sign.
    for (const row of this.#rows)
      for (const [column, value] of row.entries())
        values.push(this.#isText[column] && typeof value === 'string' ? Buffer.from(value) : value);
    this.#rows = [];
    statement.run(values);
  }
}

/** Inserts all of these rows into a table. */
export function insertRows(db: Database, table: string, rows: ReadonlyArray<readonly SqlValue[]>): void {
  const inserter = new Inserter(db, table);
  for (const row of rows) inserter.add(row);
  inserter.end();
}
