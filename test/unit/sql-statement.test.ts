import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareStatement, whyNoCondition, whyRefused } from '../../src/sql/statement/statement.ts';
import { anyText } from '../untrusted-text.ts';

test.each([
  'SELECT 1',
  '  select * from companies;  ',
  "WITH a AS (SELECT ';' AS x) SELECT * FROM a -- ; delete",
  'SELECT \'insert into x; drop\', "update", [delete] FROM companies /* ; */',
  "SELECT replace(name, 'a', 'b') FROM companies",
  'SELECT name AS "Company; name" FROM companies',
  '/* why */ SELECT 1',
  'PRAGMA table_info(companies);',
  "SELECT * FROM pragma_table_info('companies')",
])('reads: %s', (sql) => expect(whyRefused(bareStatement(sql))).toBe(null));

test.each([
  ['', /empty/],
  ['-- nothing', /empty/],
  ["ATTACH 'x' AS y", /begins with ATTACH/],
  ['PRAGMA journal_mode', /of the PRAGMAs/],
  ['PRAGMA table_info(companies) = 1', /nothing behind it/],
  ["SELECT * FROM pragma_database_list('companies')", /pragma_table_info/],
  ['SELECT * FROM "PRAGMA_compile_options"', /pragma_table_info/],
  ['SELECT 1; SELECT 2', /one statement/],
  ["SELECT 1; ATTACH 'x' AS y", /one statement/],
  ['WITH a AS (SELECT 1) DELETE FROM companies', /DELETE/],
  ['WITH a AS (SELECT 1) REPLACE INTO companies VALUES (1)', /REPLACE/],
  ['EXPLAIN SELECT 1', /EXPLAIN/],
  ['SELECT 1\0; DROP TABLE x', /NUL/],
])('is refused: %s', (sql, why) => expect(whyRefused(bareStatement(sql))).toMatch(why));

test('a code fence around the statement is taken off', () => {
  expect(bareStatement('```sql\nSELECT 1;\n```')).toBe('SELECT 1');
});

test.each(['employees > 10', "name LIKE '%)%' OR (city = 'x')", 'row IN (1, 2)'])('a condition: %s', (text) =>
  expect(whyNoCondition(text)).toBe(null),
);

test.each(['', '1) OR (1', '1; DELETE FROM x', "name = 'x", '1 -- ', '(1', '1 /* ', "name = 'it''", '"a'])(
  'no condition: %s',
  (text) => expect(whyNoCondition(text)).not.toBe(null),
);

test('the check itself ends on anything', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 2_000 }), (text) => {
      expect([null, 'string']).toContain(whyRefused(text) === null ? null : typeof whyRefused(text));
      whyNoCondition(text);
    }),
  );
  for (const hostile of [
    "'".repeat(20_000),
    '('.repeat(20_000),
    '/*'.repeat(10_000),
    '"a'.repeat(10_000),
    '-'.repeat(20_000),
  ]) {
    whyRefused(hostile);
    whyNoCondition(hostile);
  }
});
