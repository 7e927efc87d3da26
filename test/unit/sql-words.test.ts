import fc from 'fast-check';
import initSqlJs from 'sql.js';
import { expect, test } from 'vitest';
import { registerFunctions } from '../../src/sql/functions.ts';
import { fold, sortKey } from '../../src/sql/letters.ts';
import { rewriteDialect } from '../../src/sql/statement/dialect.ts';
import { allTokens, TokenList } from '../../src/sql/statement/sql-tokens.ts';
import { scaled } from '../scale.ts';
import { sqlTables } from '../sql-tables.ts';
import { anyText } from '../untrusted-text.ts';

const WORDS =
  "select distinct from where name city c . , ( ) * 1 2 'x' 'it''s' \"name\" `city` [row] = < like in is not null and or case when then else end collate nocase order by group having limit offset fetch first rows only top union as asc :: int between cast || + over -- /* */ ; ? ' \" [";
/** Statements and what looks like them. */
const STATEMENT = fc.oneof(
  anyText({ maxLength: 300 }),
  fc.array(fc.constantFrom(...WORDS.split(' ')), { maxLength: 60 }).map((words) => words.join(' ')),
);

test('tokens cover all but the blanks, in order', () => {
  fc.assert(
    fc.property(STATEMENT, (sql) => {
      let end = 0;
      for (const { text, start } of allTokens(sql)) {
        expect(text).not.toBe('');
        expect(sql.slice(end, start)).toMatch(/^[ \t\n\f\r\ufeff]*$/);
        expect(sql.slice(start, start + text.length)).toBe(text);
        end = start + text.length;
      }
      expect(sql.slice(end)).toMatch(/^[ \t\n\f\r\ufeff]*$/);
      expect(new TokenList(sql).changed()).toBe(sql);
    }),
  );
});

test('brackets belong together in pairs', () => {
  fc.assert(
    fc.property(STATEMENT, (sql) => {
      const { tokens, mates } = new TokenList(sql);
      for (const [at, mate] of mates.entries()) {
        if (mate < 0) continue;
        expect(mates[mate]).toBe(at);
        expect([tokens[at]?.text, tokens[mate]?.text].sort()).toEqual(['(', ')']);
      }
    }),
  );
});

test('rewriting ends on anything, of any length', () => {
  fc.assert(fc.property(STATEMENT, (sql) => void rewriteDialect(sql)));
  const pieces = [
    "'",
    '(',
    ')',
    '/*',
    '"a',
    '-',
    '[',
    '`',
    'case ',
    'end ',
    'a collate nocase = ',
    '::int',
    '1<',
    ',1',
  ];
  for (const piece of [
    ...pieces,
    'order by 1,',
    'name as a,',
    'union select ',
    'x or ',
    'limit 1 offset 1 ',
  ]) {
    rewriteDialect(`SELECT name ${piece.repeat(scaled(5_000) / piece.length)}`);
  }
});

test('texts and names come through as they are, letters composed', async () => {
  const { db } = await sqlTables();
  fc.assert(
    fc.property(
      anyText({ maxLength: 100 }).filter((text) => !text.includes('\0')),
      (text) => {
        const sql = `SELECT '${text.replaceAll("'", "''")}' AS "x${text.replaceAll('"', '""')}"`;
        const rewritten = rewriteDialect(sql);
        if ('refused' in rewritten) throw new Error(rewritten.refused);
        const [answer] = db.exec(rewritten.sql);
        // SQLite knows no lone surrogates, and fast-check makes none here.
        expect(answer).toMatchObject({
          columns: [`x${text}`.normalize('NFC')],
          values: [[text.normalize('NFC')]],
        });
      },
    ),
  );
});

test('a name in double quotes is never taken for a text, wherever it stands', async () => {
  const { ask } = await sqlTables();
  const places: Array<(name: string) => string> = [
    (name) => `SELECT ${name} FROM companies`,
    (name) => `SELECT count(*) FROM companies WHERE ${name} > 29`,
    (name) => `SELECT count(*) FROM companies WHERE row IN (1, ${name})`,
    (name) => `SELECT count(*) FROM companies WHERE name LIKE ${name}`,
    (name) => `SELECT count(*) FROM companies GROUP BY ${name}`,
    (name) => `SELECT count(*) FROM companies GROUP BY row HAVING max(${name}) > 1`,
    (name) => `SELECT row FROM companies ORDER BY ${name}`,
    (name) => `SELECT CASE ${name} WHEN 1 THEN 2 END FROM companies`,
    (name) => `SELECT a.row FROM companies a JOIN companies b ON a.row = ${name}`,
    (name) => `WITH x AS (SELECT row FROM companies) SELECT (SELECT ${name}) FROM x`,
    (name) => `SELECT row_number() OVER (PARTITION BY ${name} ORDER BY row) FROM companies`,
    (name) => `SELECT ${name} COLLATE NOCASE = 'x' FROM companies`,
    (name) => `SELECT ${name}::int FROM companies`,
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0')),
      async (place, text) => {
        const asked = await ask(place(`"zz ${text.replaceAll('"', '""')}"`));
        expect(asked).toHaveProperty('error');
      },
    ),
  );
});

test('LIKE answers as SQLite does for ASCII', async () => {
  const { Database } = await initSqlJs();
  const [own, plain] = [new Database(), new Database()];
  registerFunctions(own);
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '%', '_', '!'), maxLength: 10 });
  fc.assert(
    fc.property(text, text, fc.boolean(), (value, pattern, escaped) => {
      const sql = `SELECT '${value}' LIKE '${pattern}'${escaped ? " ESCAPE '!'" : ''}`;
      // An escape with nothing behind it fits nothing in SQLite.
      if (escaped && /^(?:[^!]|!.)*!$/.test(pattern)) return;
      expect(own.exec(sql)).toEqual(plain.exec(sql));
    }),
    { numRuns: 1_000 },
  );
});

test('one character that _ stands for may be any, beyond 16 bits too', async () => {
  const { db } = await sqlTables();
  const is = (sql: string) => db.exec(`SELECT ${sql}`)[0]?.values[0]?.[0];
  expect(is("'a👩b' LIKE 'a_B'")).toBe(1);
  expect(is("'Zu\u0308rich' LIKE 'z_RICH'")).toBe(1);
  expect(is("'İstanbul' LIKE 'istanbul'")).toBe(1);
  expect(is("NULL LIKE 'x'")).toBe(null);
  expect(is('512 LIKE 512')).toBe(1);
});

test('folding changes nothing twice, and joins spellings', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 50 }), (text) => {
      expect(fold(fold(text))).toBe(fold(text));
      expect(fold(text.normalize('NFD'))).toBe(fold(text));
    }),
  );
  expect(fold('STRASSE ΟΔΟΣ')).toBe(fold('Straße οδος'));
});

test('the order of texts tells different ones apart', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'ä', 'Ä', '\u0301', 'z', ' '), maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(sortKey(a) === sortKey(b)).toBe(a === b);
    }),
  );
});

test('a regular expression that would never end elsewhere ends', async () => {
  const { db } = await sqlTables();
  const long = 'a'.repeat(50_000);
  expect(db.exec(`SELECT '${long}!' REGEXP '^(a+)+$'`)[0]?.values).toEqual([[0]]);
  expect(db.exec(`SELECT '${long}!' REGEXP '(a|aa)+!$'`)[0]?.values).toEqual([[1]]);
  expect(() => db.exec("SELECT 'a' REGEXP '(a{1000}){1000}'")).toThrow(/REGEXP/);
});

test('a text longer than the stack of SQLite is an error, and the next statement works', async () => {
  const { db } = await sqlTables();
  expect(() => db.exec('SELECT lower(hex(zeroblob(3000000)))')).toThrow(/1,000,000/);
  expect(db.exec("SELECT lower('Ü')")[0]?.values).toEqual([['ü']]);
});
