import type { Database } from 'sql.js';
import type { SqlValue } from './messages.ts';

const ROWS_A_STATEMENT = 10;

/** Inserts rows into a table, many to a statement: each crossing into WebAssembly costs. */
export function insertRows(db: Database, table: string, rows: ReadonlyArray<readonly SqlValue[]>): void {
  const [columns] = db.exec(`SELECT type = 'TEXT' FROM pragma_table_info('${table}')`);
  const isText = (columns?.values ?? []).map(([text]) => text === 1);
  const places = `(${isText.map((text) => (text ? 'CAST(? AS TEXT)' : '?')).join(', ')})`;
  const prepared = (count: number) =>
    db.prepare(`INSERT INTO ${table} VALUES ${Array.from({ length: count }, () => places).join(', ')}`);
  const many = prepared(ROWS_A_STATEMENT);
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
    const some = rows.slice(at, at + ROWS_A_STATEMENT);
    const statement = some.length === ROWS_A_STATEMENT ? many : prepared(some.length);
    const values: Array<SqlValue | Uint8Array> = [];
    // Text goes over as bytes, and is made text again there: sql.js would encode it sign by sign.
    for (const row of some)
      for (const [column, value] of row.entries())
        values.push(isText[column] && typeof value === 'string' ? Buffer.from(value) : value);
    statement.run(values);
    if (statement !== many) statement.free();
  }
  many.free();
}
