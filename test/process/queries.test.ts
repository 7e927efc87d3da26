import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { TABLES } from '../../src/sql/columns.ts';
import { QueryError, type Statement } from '../../src/sql/messages.ts';
import { type Question, SqlThread } from '../../src/sql/thread.ts';
import { listsOver } from '../lists.ts';
import { scaled } from '../scale.ts';
import { SQL_THREAD } from '../sql-thread.ts';
import { temporaryFolder } from '../upstream.ts';

const one: Row[] = [
  {
    name: "O'Hara; DROP TABLE companies; --",
    domain: 'https://www.ohara.example/x',
    linkedin_url: 'https://www.linkedin.com/company/ohara',
    headquarters: 'Sandy, United States',
    hq_country: 'United States of America',
    hq_city: 'Sandy',
    employee_count: 120,
    funding_stage: 'Seed',
    industries: ['Software', 'Retail'],
    description: 'long text',
    match_reason: 'because',
    tagline: null,
    rerank_score: null,
    new_field: 7,
  },
  {
    name: 'Acme GmbH',
    domain: 'acme.example',
    linkedin_url: 'https://www.linkedin.com/company/acme',
    headquarters: 'Berlin, Germany',
    hq_country: null,
    employee_count: '50',
    industries: null,
  },
  {
    name: 'Acme India',
    domain: 'acme.example',
    linkedin_url: 'https://www.linkedin.com/company/acme-india',
    hq_country: 'India',
    employee_count: null,
  },
  {
    name: 'No site',
    domain: '',
    linkedin_url: 'https://www.linkedin.com/company/no-site',
    headquarters: null,
    hq_country: null,
    industries: [],
  },
  { name: 'Nothing', domain: null, linkedin_url: null },
];
const two: Row[] = [
  { name: 'Acme', domain: 'www.acme.example', linkedin_url: null },
  { name: 'No site Ltd', domain: 'nosite.example', linkedin_url: 'https://de.linkedin.com/company/no-site/' },
];
const folder = temporaryFolder(afterAll);
const request = { query: 'q', seed_domains: ['acme.example'], limit: 10 };
const jobs = {
  one: { rows: one, pageSize: 2, label: 'spring', request },
  two: { rows: two, label: 'spring', request },
};
const { ask } = listsOver(folder, jobs);

beforeAll(() => ask(['one', 'two'], { sql: 'SELECT 1' }));

const run = (sql: string, rest: Partial<Statement> = {}, call: Partial<Question> = {}) =>
  ask(['one', 'two'], { ...rest, sql }, call);
const failureOf = (sql: string) =>
  run(sql).then(
    () => null,
    (error: unknown) => (error instanceof QueryError ? error.failure : error),
  );

test('companies have the columns that are promised, worked out of what upstream sent', async () => {
  const { columns, rows } = await run("SELECT * FROM companies WHERE job_id = 'one' ORDER BY row");
  const [first = []] = rows;
  expect(Object.fromEntries(columns.map((name, at) => [name, first[at]]))).toEqual({
    job_id: 'one',
    label: 'spring',
    row: 1,
    company_key: 'ohara.example',
    name: "O'Hara; DROP TABLE companies; --",
    domain: 'ohara.example',
    headquarters: 'Sandy, United States',
    city: 'Sandy',
    state: null,
    country: 'United States',
    country_code: 'USA',
    region: 'North America',
    in_eu: 0,
    headquarters_country: null,
    employees: 120,
    employees_min: 120,
    employees_max: 120,
    funding_stage: 'Seed',
    revenue_usd: null,
    linkedin_url: 'https://www.linkedin.com/company/ohara',
    linkedin_followers: null,
    industries: '["Software","Retail"]',
    match_reason: 'because',
    tagline: null,
    description: 'long text',
    is_seed: 0,
    same_as: null,
    also_in: '[]',
    also_in_labels: '[]',
    known_in: '[]',
    known_maybe: '[]',
    known_like: '[]',
    verdict: null,
    role: null,
    score: null,
    reason: null,
    marked_at: null,
    extra: '{"rerank_score":null,"new_field":7}',
  });
  expect(new Set(columns).size).toBe(columns.length);
  const { rows: short } = await run(
    "SELECT row, company_key, domain, country_code, city, employees, is_seed, same_as, also_in FROM companies WHERE job_id = 'one' AND row > 1 ORDER BY row",
  );
  expect(short).toEqual([
    [2, 'acme.example', 'acme.example', 'DEU', 'Berlin', 50, 1, null, '["two"]'],
    [3, 'acme.example', 'acme.example', 'IND', null, null, 1, 2, '["two"]'],
    [4, 'linkedin:no-site', null, null, null, null, 0, null, '["two"]'],
    [5, null, null, null, null, null, 0, null, '[]'],
  ]);
});

test('jobs are a table, and only those at hand are in either', async () => {
  const facts =
    'job_id, label, query, seed_domains, requested_limit, status, companies, credits, whole, doubts';
  expect((await run(`SELECT ${facts} FROM jobs ORDER BY job_id DESC`)).rows).toEqual([
    ['two', 'spring', 'q', '["acme.example"]', 10, 'completed', 2, 2, 1, '[]'],
    ['one', 'spring', 'q', '["acme.example"]', 10, 'completed', 5, 5, 1, '[]'],
  ]);
  const counts = { sql: 'SELECT count(*), count(DISTINCT job_id) FROM companies' };
  expect((await ask(['one'], counts)).rows).toEqual([[5, 1]]);
  expect((await ask(['one'], { sql: 'SELECT also_in FROM companies WHERE row = 2' })).rows).toEqual([['[]']]);
  expect((await run(counts.sql)).rows).toEqual([[7, 2]]);
  expect((await ask([], counts)).rows).toEqual([[0, 0]]);
  expect((await ask([], { sql: 'SELECT count(*) FROM jobs' })).rows).toEqual([[0]]);
});

test('more lists than SQLite attaches are asked all the same, each company once for every list', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 13 }, (_, job) => [
      `job-${job}`,
      {
        rows: Array.from({ length: job + 1 }, (_, row) => ({ name: `N${row}`, domain: `c${row}.example` })),
        label: `label ${job}`,
      },
    ]),
  );
  const other = listsOver(temporaryFolder(), many);
  const all = (sql: string) => other.ask(Object.keys(many), { sql });
  expect(
    (await all('SELECT job_id, label, count(*), max(row) FROM companies GROUP BY job_id ORDER BY 3')).rows,
  ).toEqual(Object.keys(many).map((id, job) => [id, `label ${job}`, job + 1, job + 1]));
  expect((await all('SELECT count(*), sum(companies) FROM jobs')).rows).toEqual([[13, 91]]);
  expect(
    (await all("SELECT json_array_length(also_in) FROM companies WHERE domain = 'c10.example'")).rows,
  ).toEqual([[2], [2], [2]]);
  expect((await all('SELECT count(*) FROM distinct_companies')).rows).toEqual([[13]]);
});

test('all rows are counted, the asked-for ones come back, and names of columns are told apart', async () => {
  const answer = await run('SELECT name, name, 1 AS name_2, 2 AS NAME FROM companies', { maxRows: 3 });
  expect([answer.rows.length, answer.rowCount]).toEqual([3, 7]);
  expect(new Set(answer.columns.map((name) => name.toLowerCase())).size).toBe(4);
  expect(answer.columns[0]).toBe('name');
});

test('values are bound and not written into the statement', async () => {
  const { rows } = await run('SELECT row FROM companies WHERE name = ?', {
    params: ["O'Hara; DROP TABLE companies; --"],
  });
  expect(rows).toEqual([[1]]);
});

test('a stream hands over every row, one batch after the other', async () => {
  const seen: unknown[][] = [];
  let under = 0;
  const answer = await run(
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5000) SELECT n, printf('%.*c', 500, 'x') FROM t",
    {},
    {
      onBatch: async (_, rows) => {
        under += 1;
        expect(under).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(...rows.map(([n]) => [n]));
        under -= 1;
      },
    },
  );
  expect(answer.rowCount).toBe(5000);
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => [index + 1]));
});

test("SQLite's message and what there is to query come back for a wrong statement", async () => {
  const failure = await failureOf('SELECT contry FROM companies');
  const { columns } = await run('SELECT * FROM companies');
  const { columns: ofJobs } = await run('SELECT * FROM jobs');
  const { columns: distinct } = await run('SELECT * FROM distinct_companies');
  expect(failure).toEqual({ kind: 'sql', message: 'no such column: contry' });
  expect(TABLES).toEqual([
    { name: 'companies', columns },
    { name: 'distinct_companies', columns: distinct },
    { name: 'jobs', columns: ofJobs },
  ]);
});

/** Everything in the folder, with what it holds. */
const contents = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [name, crc32(readFileSync(join(parentPath, name)))]);

test('nothing can be written, even past the check of the statement', async () => {
  const before = contents();
  for (const sql of [
    'WITH x AS (SELECT 1) INSERT INTO j0.upstream_rows ("row") VALUES (99)',
    'WITH x AS (SELECT 1) DELETE FROM j0.derived',
    'DELETE FROM j0.upstream_rows',
    'UPDATE j1.about SET companies = 0',
    'DELETE FROM marks',
    'DROP VIEW companies',
    'DROP VIEW j0.companies',
    "ATTACH '/tmp/store-test.db' AS f; CREATE TABLE f.t (a)",
    "VACUUM INTO '/tmp/store-test.db'",
    'CREATE TABLE t (a)',
  ]) {
    await failureOf(sql);
  }
  expect((await run('SELECT count(*) FROM companies')).rows).toEqual([[7]]);
  expect(contents()).toEqual(before);
  expect(readdirSync('/tmp').includes('store-test.db')).toBe(false);
});

test('what does not end is ended, and the next query is answered', async () => {
  let hurry = 20;
  const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms / hurry, signal);
  const thread = new SqlThread({ file: SQL_THREAD, clock: { ...systemClock, sleep } });
  const hasty = listsOver(folder, jobs, { thread });
  const endless = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t';
  await expect(hasty.ask(['one', 'two'], { sql: endless })).rejects.toMatchObject({
    failure: { kind: 'timeout' },
  });
  hurry = 1;
  expect((await hasty.ask(['one', 'two'], { sql: 'SELECT count(*) FROM companies' })).rows).toEqual([[7]]);
  await thread.end();
});

test('what grows without bound fails alone', async () => {
  // A slow machine may take more than the time limit to get that far.
  const kinds = async (sql: string) => Object(await failureOf(sql)).kind;
  expect(['too_long', 'timeout']).toContain(await kinds("SELECT printf('%.*c', 2000000, 'x')"));
  // What asks for all of it at once; what takes it piece by piece takes seconds.
  const growing = ['zeroblob(900000000)', ...(scaled(1) > 1 ? ["printf('%.*c', 900000000, 'x')"] : [])];
  for (const huge of growing)
    expect(['memory', 'timeout']).toContain(await kinds(`SELECT length(${huge} || ${huge})`));
  expect((await run('SELECT count(*) FROM companies')).rows).toEqual([[7]]);
});

test('a caller who has gone is not waited for', async () => {
  const gone = new AbortController();
  const asked = run(
    'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
    {},
    { signal: gone.signal },
  );
  setImmediate(() => gone.abort(new Error('gone')));
  await expect(asked).rejects.toThrow('gone');
  expect((await run('SELECT 1')).rows).toEqual([[1]]);
});

test('a list that is made while the thread is ended for another question is made whole all the same', async () => {
  // What a statement may take is over soon; the clock of the test's own patience is the real one.
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal),
  };
  const thread = new SqlThread({ file: SQL_THREAD, clock });
  const { lists, ask: askHere } = listsOver(temporaryFolder(), jobs, { thread });
  const { signal } = new AbortController();
  const list = await lists.get('two', { signal });
  const endless = lists.ask(
    [list],
    [
      {
        sql: 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t',
        maxRows: 1,
      },
    ],
    { signal },
  );
  const [ended, { rows }] = await Promise.all([
    endless.catch((error: unknown) => (error instanceof QueryError ? error.failure.kind : error)),
    askHere(['one'], { sql: 'SELECT count(*), (SELECT companies FROM jobs) FROM companies' }),
  ]);
  expect([ended, rows]).toEqual(['timeout', [[5, 5]]]);
  await thread.end();
});
