import initSqlJs, { type Database } from 'sql.js';
import { describeTables, registerFunctions } from '../src/sql/functions.ts';
import { explainSqlError } from '../src/sql/sql-errors.ts';
import { prepareStatement } from '../src/sql/statement/dialect.ts';
import { type Ask, hintsOf } from '../src/sql/statement/hints.ts';

type Value = number | string | Uint8Array | null;

const NAMES: ReadonlyArray<readonly [string, string, string, string]> = [
  ['MÜLLER Maschinenbau GmbH', 'Zürich', 'Switzerland', 'CHE'],
  ['ÉLECTRICITÉ GÉNÉRALE SA', 'Paris', 'France', 'FRA'],
  ['ЯНДЕКС ООО', 'Москва', 'Russia', 'RUS'],
  ['Acme Inc', 'Berlin', 'Germany', 'DEU'],
  ['acme inc', 'Köln', 'Germany', 'DEU'],
  ['Übermut AG', 'Wien', 'Austria', 'AUT'],
  ['umbrella', 'London', 'United Kingdom', 'GBR'],
  ['Straße & Co', 'Berlin', 'Germany', 'DEU'],
];

export type Asked =
  | { refused: string }
  | { error: string }
  | { columns: string[]; rows: Value[][]; notices: string[]; hints: string[] };

/** Two lists of made-up companies in files of their own, and the views that statements are about. */
export async function sqlTables() {
  const { Database } = await initSqlJs();
  const db = new Database();
  registerFunctions(db);
  for (const list of ['j0', 'j1']) {
    db.run(`ATTACH ':memory:' AS ${list}`);
    db.run(`CREATE TABLE ${list}.upstream_rows (row INTEGER PRIMARY KEY, name TEXT, domain TEXT, extra TEXT);
      CREATE TABLE ${list}.derived (row INTEGER PRIMARY KEY, city TEXT, country TEXT, country_code TEXT,
        employees INTEGER, revenue_usd REAL, industries TEXT, is_eu INTEGER);
      CREATE VIEW ${list}.companies AS SELECT u.row AS row, u.name AS name, u.domain AS domain, d.city AS city,
        d.country AS country, d.country_code AS country_code, d.employees AS employees,
        d.revenue_usd AS revenue_usd, d.industries AS industries, d.is_eu AS in_eu, u.extra AS extra
        FROM upstream_rows u JOIN derived d ON d.row = u.row`);
    fill(db, list);
  }
  db.run(`CREATE TABLE marks (job_id TEXT, row INTEGER, verdict TEXT);
    INSERT INTO marks VALUES ('j0', 1, 'keep'), ('j0', 2, 'drop');
    CREATE TEMP VIEW companies AS SELECT r.*, m.verdict FROM (SELECT 'j0' AS job_id, * FROM j0.companies
      UNION ALL SELECT 'j1', * FROM j1.companies) r LEFT JOIN marks m ON m.job_id = r.job_id AND m.row = r.row`);
  describeTables(db, ['companies']);
  const exec = (sql: string): Value[][] => db.exec(sql)[0]?.values ?? [];
  const question: Ask = (sql) => Promise.resolve(exec(sql));

  return {
    db,
    /** What a statement gives, the way the tool asks it. */
    async ask(given: string): Promise<Asked> {
      const prepared = prepareStatement(given);
      if ('refused' in prepared) return prepared;
      const { sql, notices } = prepared;
      try {
        const [answer] = db.exec(sql);
        const [columns, rows] = [answer?.columns ?? [], answer?.values ?? []];
        const hints = await hintsOf({ sql, columns, rows, rowCount: rows.length }, question);
        return { columns, rows, notices, hints };
      } catch (error) {
        return {
          error: explainSqlError(error instanceof Error ? error.message : String(error)),
        };
      }
    },
  };
}

/** Forty companies: employees are ten times the row, but unknown for every fifth. */
function fill(db: Database, list: string): void {
  for (let row = 1; row <= 40; row += 1) {
    const [name, city, country, code] = NAMES[(row - 1) % NAMES.length] ?? ['', '', '', ''];
    const label = row <= NAMES.length ? name : `${name} ${row}`;
    const employees = row % 5 === 0 ? null : row * 10;
    db.run(`INSERT INTO ${list}.upstream_rows VALUES (?, ?, ?, ?)`, [
      row,
      label,
      `c${row}.example`,
      `{"n":${row}}`,
    ]);
    db.run(`INSERT INTO ${list}.derived VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [
      row,
      city,
      country,
      code,
      employees,
      row * 1000.5,
      '["Software","Mining"]',
      ['DEU', 'FRA', 'AUT'].includes(code) ? 1 : 0,
    ]);
  }
}
