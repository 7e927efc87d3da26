import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { JobAtHand } from '../../src/lists/query/messages.ts';
import { Queries, type QueriesOptions, type Query, QueryError } from '../../src/lists/query/queries.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { keep, keptIn } from '../kept.ts';
import { QUERY_THREAD } from '../query-thread.ts';
import { scaled } from '../scale.ts';

const folder = mkdtempSync(join(tmpdir(), 'queries-'));
const options: QueriesOptions = {
  queryThread: QUERY_THREAD,
  stateDirectory: folder,
  clock: systemClock,
};
const queries = new Queries(options);
const { kept } = keptIn(join(folder, 'rows'));

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
let jobs: JobAtHand[];

async function atHand(): Promise<JobAtHand[]> {
  return (await kept.list())
    .sort((a, b) => Number(a.job_id > b.job_id) - Number(a.job_id < b.job_id))
    .map((facts) => ({
      job_id: facts.job_id,
      version: facts.version,
      source: { path: facts.path },
      seeds: ['acme.example'],
      facts: {
        label: 'spring',
        submitted_at: null,
        query: 'q',
        seed_domains: ['acme.example'],
        requested_limit: 10,
        status: facts.status,
        companies: facts.companies,
        credits: 5,
      },
    }));
}

beforeAll(async () => {
  await keep(kept, 'one', one, null, 2);
  await keep(kept, 'two', two);
  jobs = await atHand();
});
afterAll(async () => {
  await queries.end();
  rmSync(folder, { recursive: true, force: true });
});

const run = (sql: string, rest: Partial<Query> = {}) =>
  queries.run({ sql, jobs, maxRows: 100, signal: new AbortController().signal, ...rest });
const failureOf = (sql: string) =>
  run(sql).then(
    () => null,
    (error: unknown) => (error instanceof QueryError ? error.failure : error),
  );

test('companies have the columns that are promised, worked out of what upstream sent', async () => {
  const { columns, rows } = await run("SELECT * FROM companies WHERE job_id = 'one' ORDER BY row");
  expect(columns.slice(0, 22)).toEqual([
    'job_id',
    'row',
    'company_key',
    'name',
    'domain',
    'headquarters',
    'country',
    'country_code',
    'city',
    'employees',
    'funding_stage',
    'revenue_usd',
    'linkedin_url',
    'linkedin_followers',
    'industries',
    'match_reason',
    'description',
    'tagline',
    'is_seed',
    'same_as',
    'also_in',
    'extra',
  ]);
  expect(rows[0]?.slice(0, 22)).toEqual([
    'one',
    1,
    'ohara.example',
    "O'Hara; DROP TABLE companies; --",
    'ohara.example',
    'Sandy, United States',
    'United States',
    'USA',
    'Sandy',
    120,
    'Seed',
    null,
    'https://www.linkedin.com/company/ohara',
    null,
    '["Software","Retail"]',
    'because',
    'long text',
    null,
    0,
    null,
    '[]',
    '{"rerank_score":null,"new_field":7}',
  ]);
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
  expect((await run('SELECT * FROM jobs ORDER BY job_id DESC')).rows).toEqual([
    ['two', 'spring', null, 'q', '["acme.example"]', 10, 'completed', 2, 5],
    ['one', 'spring', null, 'q', '["acme.example"]', 10, 'completed', 5, 5],
  ]);
  const [first = jobs[0]] = jobs.filter(({ job_id }) => job_id === 'one');
  const only = first ? [first] : [];
  expect((await run('SELECT count(*), count(DISTINCT job_id) FROM companies', { jobs: only })).rows).toEqual([
    [5, 1],
  ]);
  expect((await run('SELECT also_in FROM companies WHERE row = 2', { jobs: only })).rows).toEqual([['[]']]);
  expect((await run('SELECT count(*) FROM companies')).rows).toEqual([[7]]);
  expect((await run('SELECT count(*) FROM companies', { jobs: [] })).rows).toEqual([[0]]);
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
  expect(await failureOf('SELECT contry FROM companies')).toMatchObject({
    kind: 'sql',
    message: 'no such column: contry',
    tables: [
      { name: 'companies' },
      {
        name: 'jobs',
        columns: [
          'job_id',
          'label',
          'submitted_at',
          'query',
          'seed_domains',
          'requested_limit',
          'status',
          'companies',
          'credits',
        ],
      },
    ],
  });
});

test('nothing can be written, even past the check of the statement', async () => {
  const before = readdirSync(folder);
  for (const sql of [
    'WITH x AS (SELECT 1) INSERT INTO m._rows (id) VALUES (1)',
    'DELETE FROM m._rows',
    'DROP VIEW m.companies',
    "ATTACH '/tmp/store-test.db' AS f; CREATE TABLE f.t (a)",
    "VACUUM INTO '/tmp/store-test.db'",
    'CREATE TABLE t (a)',
  ]) {
    await failureOf(sql);
  }
  expect((await run('SELECT count(*) FROM companies')).rows).toEqual([[7]]);
  expect(readdirSync(folder)).toEqual(before);
  expect(readdirSync('/tmp').includes('store-test.db')).toBe(false);
});

test('what does not end is ended, and the next query is answered', async () => {
  let hurry = 20;
  const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms / hurry, signal);
  const hasty = new Queries({ ...options, clock: { ...systemClock, sleep } });
  const endless = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t';
  const ask = (sql: string) => hasty.run({ sql, jobs, maxRows: 1, signal: new AbortController().signal });
  await expect(ask(endless)).rejects.toMatchObject({ failure: { kind: 'timeout' } });
  hurry = 1;
  expect((await ask('SELECT count(*) FROM companies')).rows).toEqual([[7]]);
  await hasty.end();
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
    { signal: gone.signal },
  );
  setImmediate(() => gone.abort(new Error('gone')));
  await expect(asked).rejects.toThrow('gone');
  expect((await run('SELECT 1')).rows).toEqual([[1]]);
});
