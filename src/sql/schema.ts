// The tables as those who ask see them: what sqlite_master says of them, and what other tools ask of it first.
import type { Database } from 'sql.js';
import { sqlLiteral } from './columns.ts';

/**
 * Makes the view `described_tables`, which `rewriteDialect` puts in the place of sqlite_master and its other names: the
 * tables of `tables` as if they were plain ones, read when it is asked. The database has to be open for writing.
 */
export function describeTables(db: Database, tables: readonly string[]): void {
  const columns =
    "SELECT group_concat(trim(p.name || ' ' || p.type), ', ') FROM pragma_table_info(t.column1) p";
  db.run(`CREATE TEMP VIEW described_tables AS SELECT 'table' AS type, t.column1 AS name, t.column1 AS tbl_name,
      0 AS rootpage, 'CREATE TABLE ' || t.column1 || ' (' || (${columns}) || ')' AS sql
    FROM (VALUES ${tables.map((name) => `(${sqlLiteral(name)})`).join(', ')}) t`);
}
