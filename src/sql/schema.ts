// The tables as those who ask see them: what sqlite_master says of them, and what other tools ask of it first.
import type { Database } from 'sql.js';

/** A table, or what looks like one, that statements are about. */
export interface QueriedTable {
  name: string;
  columns: string[];
}

/**
 * Fills the table `described_tables`, which `rewriteDialect` puts in the place of sqlite_master and its other names,
 * with the tables of `tables` as if they were plain ones. The database has to be open for writing.
 */
export function describeTables(db: Database, tables: readonly QueriedTable[]): void {
  db.run(`CREATE TEMP TABLE IF NOT EXISTS described_tables
    (type TEXT, name TEXT, tbl_name TEXT, rootpage INTEGER, sql TEXT);
    DELETE FROM temp.described_tables;`);
  for (const { name } of tables) {
    const [found] = db.exec('SELECT name, type FROM pragma_table_info(?)', [name]);
    const columns = (found?.values ?? []).map(([column, type]) => `${column} ${type ?? ''}`.trim());
    db.run("INSERT INTO temp.described_tables VALUES ('table', ?1, ?1, 0, ?2)", [
      name,
      `CREATE TABLE ${name} (${columns.join(', ')})`,
    ]);
  }
}
