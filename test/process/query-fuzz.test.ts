import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanText } from '../../src/lib/text.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { QueryError } from '../../src/sql/messages.ts';
import { bareStatement, whyNoCondition, whyRefused } from '../../src/sql/statement/statement.ts';
import { listsOver } from '../lists.ts';
import { scaled } from '../scale.ts';
import { anyText } from '../untrusted-text.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);
const ROWS: Row[] = Array.from({ length: 150 }, (_, index) => ({
  name: `Company ${index}'; DROP TABLE companies; --`,
  domain: index % 9 === 0 ? '' : `c${index % 120}.example`,
  linkedin_url: `https://www.linkedin.com/company/c${index}`,
  hq_country: ['Germany', 'India', null][index % 3],
  employee_count: index % 7 === 0 ? null : index * 3,
  industries: ['Software', `"]; SELECT ${index}`],
  description: "x' UNION SELECT sql FROM sqlite_schema --",
}));

const JOBS = {
  one: { rows: ROWS, request: { seed_domains: ['c1.example'], limit: 100 } },
  two: { rows: ROWS.slice(40, 90) },
};
const { ask } = listsOver(folder, JOBS);

/** Asks both jobs. */
const run = (sql: string) => ask(['one', 'two'], { sql, maxRows: 20 });

beforeAll(() => run('SELECT 1'));

/** What became of a query, put as the tool puts it. */
async function outcomeOf(given: string): Promise<string> {
  const sql = bareStatement(given);
  if (whyRefused(sql) !== null) return 'refused';
  try {
    await run(sql);
    return 'answered';
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.failure.kind === 'bug') throw new Error(`${error.failure.name}: ${given}`, { cause: error });
    return error.failure.kind;
  }
}

/** Everything in a folder, with what would show that it was touched or changed. */
function contents(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(file);
      return `${file} ${size} ${mtimeMs} ${entry.isFile() ? crc32(readFileSync(file)) : ''}`;
    })
    .sort();
}

const COLUMNS = [
  'name',
  'domain',
  'country',
  'employees',
  'row',
  'company_key',
  'industries',
  'description',
  'same_as',
  'also_in',
  'is_seed',
  'extra',
  'verdict',
  'known_in',
  'region',
  'also_in_labels',
  'label',
];
const column = fc.constantFrom(...COLUMNS);
const literal = fc.oneof(
  fc.constantFrom(
    "'Germany'",
    'NULL',
    '1',
    '-1',
    '1e400',
    "''",
    "'%'",
    '9223372036854775807',
    "x'00'",
    '0.1',
  ),
  fc.string({ maxLength: 12 }).map((text) => `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    column,
    literal,
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('=', '<', '>=', 'IS', 'LIKE', 'AND', 'OR', '+', '||', '->>', '%', 'GLOB'),
        tie('expression'),
      )
      .map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(
        fc.constantFrom(
          'length',
          'upper',
          'json_array_length',
          'abs',
          'hex',
          'quote',
          'typeof',
          'date',
          'json_valid',
          'round',
          'trim',
          'unicode',
        ),
        tie('expression'),
      )
      .map(([name, inside]) => `${name}(${inside})`),
    tie('expression').map((inside) => `CASE WHEN ${inside} THEN 1 ELSE 'x' END`),
    fc.constant('(SELECT count(*) FROM jobs)'),
  ),
}));
const valid = fc
  .record({
    what: fc.array(expression, { minLength: 1, maxLength: 3 }),
    from: fc.constantFrom(
      'companies',
      'companies c',
      'companies, jobs',
      'companies LEFT JOIN jobs USING (job_id)',
      'companies, json_each(industries)',
      '(SELECT * FROM companies LIMIT 9)',
    ),
    where: fc.option(expression),
    group: fc.option(column),
    order: fc.option(expression),
    limit: fc.option(fc.integer({ min: -5, max: 50 })),
  })
  .map(({ what, from, where, group, order, limit }) =>
    [
      `SELECT ${group ? `${group}, count(*), max(${what[0]})` : what.join(', ')} FROM ${from}`,
      where && `WHERE ${where}`,
      group && `GROUP BY ${group}`,
      order && `ORDER BY ${order}`,
      limit !== null && `LIMIT ${limit}`,
    ]
      .filter(Boolean)
      .join(' '),
  );
const HOSTILE = [
  `ATTACH '${join(folder, 'x.db')}' AS x`,
  `VACUUM INTO '${join(folder, 'x.db')}'`,
  'PRAGMA query_only = OFF',
  "SELECT * FROM pragma_query_only('0')",
  'DROP VIEW companies',
  'WITH a AS (SELECT 1) INSERT INTO jobs SELECT 1,2,3,4,5,6,7,8,9',
  'WITH a AS (SELECT 1) UPDATE j0.upstream_rows SET name = 1',
  `SELECT writefile('${join(folder, 'x')}', 'x')`,
  `SELECT readfile('/etc/passwd')`,
  "SELECT load_extension('/tmp/x.so')",
  'SELECT * FROM sqlite_schema',
  'SELECT * FROM j0.derived; DELETE FROM j0.derived',
  'SELECT 1 /* ; */ ; COMMIT',
  'BEGIN; ROLLBACK',
  'DETACH j0',
  'CREATE TEMP TABLE t AS SELECT * FROM companies',
  "SELECT * FROM fts3tokenize('simple', 'x')",
  'SELECT zeroblob(100000000)',
  "SELECT group_concat(description, 'x') FROM companies",
  'REINDEX',
  'ANALYZE',
  "SELECT edit('x')",
  'SELECT randomblob(-1)',
  "SELECT printf('%*c', 2000000, 'x')",
  `SELECT ${'('.repeat(900)}1${')'.repeat(900)}`,
  `SELECT ${'1+'.repeat(3_000)}1`,
  `SELECT 1 ${'UNION ALL SELECT 1 '.repeat(600)}`,
  'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 5000) SELECT sum(n) FROM t',
  'SELECT * FROM companies a, companies b LIMIT 20',
  'SELECT lists, name FROM distinct_companies',
  "SELECT known('*', company_key, name, domain) FROM companies",
  "SELECT known('crm', 1, 2, 3) FROM companies",
  'WITH a AS (SELECT 1) DELETE FROM j1.about',
  'SELECT * FROM marks, known_rows, shared_rows',
];
const hostile = fc
  .tuple(fc.constantFrom(...HOSTILE), fc.constantFrom('', ';', ' -- x', '\n;', '```'))
  .map((parts) => parts.join(''));
/** A statement with pieces taken out, doubled, or put in from another. */
const broken = fc
  .tuple(
    valid,
    fc.oneof(hostile, anyText({ maxLength: 8 })),
    fc.nat(),
    fc.nat(12),
    fc.constantFrom('cut', 'twice', 'insert'),
  )
  .map(([sql, other, place, length, how]) => {
    const at = place % sql.length;
    const rest = sql.slice(at + length);
    if (how === 'cut') return sql.slice(0, at) + rest;
    if (how === 'twice') return sql.slice(0, at + length) + sql.slice(at);
    return `${sql.slice(0, at)} ${other.slice(0, 300)} ${rest}`;
  });

test(
  'any query is answered or refused: no file touched, no hang, no crash',
  async () => {
    const before = [contents(folder), readdirSync(process.cwd())];
    const outcomes = new Map<string, number>();
    const sample = fc.sample(
      fc.oneof(
        { weight: 4, arbitrary: valid },
        { weight: 4, arbitrary: broken },
        { weight: 2, arbitrary: hostile },
      ),
      scaled(120),
    );
    for (const sql of sample) {
      const outcome = await outcomeOf(sql);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    process.stderr.write(`${sample.length} queries: ${JSON.stringify(Object.fromEntries(outcomes))}\n`);
    expect(outcomes.get('answered') ?? 0).toBeGreaterThan(sample.length / 10);
    expect([contents(folder), readdirSync(process.cwd())]).toEqual(before);
    const { rows } = await run('SELECT count(*), count(DISTINCT name) FROM companies');
    expect(rows).toEqual([[200, 150]]);
  },
  60_000 * scaled(2),
);

test(
  'whatever companies write is data in every query: it comes back as it is, and is found by itself',
  async () => {
    const text = fc.oneof(
      anyText({ minLength: 1, maxLength: 40 }),
      fc.constantFrom("'", '"', "''; --", '`', '\\', '%', '_', "' OR 1=1 --", '?1', ':x', '=cmd()', 'a|b\nc'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (names) => {
        const rows = names.map((name) => ({ name, description: name, hq_city: name, [name]: name }));
        const mine = listsOver(temporaryFolder(), { j: { rows } });
        const run = (sql: string, params: string[] = []) => mine.ask(['j'], { sql, params });
        // Composed and decomposed letters are one, in rows as in statements.
        const composed = names.map((name) => cleanText(name).normalize('NFC'));
        const clean = composed.map((name) => (name.trim() === '' ? null : name));
        // SQLite's texts end at a NUL, which no cleaned text has.
        expect((await run('SELECT name FROM companies ORDER BY row')).rows.map(([name]) => name)).toEqual(
          clean,
        );
        const [first] = clean;
        if (first === null || first === undefined) return;
        const found = await run('SELECT min(row) FROM companies WHERE name = ?', [first]);
        expect(found.rows).toEqual([[1]]);
        const literal = `name = '${first.replaceAll("'", "''")}'`;
        expect(whyNoCondition(literal)).toBe(null);
        expect((await run(`SELECT min(row) FROM companies WHERE (${literal})`)).rows).toEqual([[1]]);
      }),
      { numRuns: scaled(12) },
    );
  },
  60_000 * scaled(2),
);
