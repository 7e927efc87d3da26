import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

// What is true of a list is told at the first reading and at each one after it, on every way out.

const companies = (from: number, count: number): Rows =>
  Array.from({ length: count }, (_, at) => ({
    name: `Company ${from + at}`,
    domain: `c${from + at}.example`,
    linkedin_url: `https://www.linkedin.com/company/c${from + at}`,
    hq_country: 'Germany',
  }));

type Said = Record<string, unknown>;

/** A server over jobs whose pages say what the test says. */
async function over(jobs: Record<string, { pages: Rows[]; said?: (page: number) => Said }>) {
  const folders = { OPENFUNNEL_STATE_DIR: temporaryFolder(), OPENFUNNEL_EXPORT_DIR: temporaryFolder() };
  const api = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const job = jobs[job_id];
    if (!job) return json(res, { detail: 'no such job' }, 404);
    const cursor = cursorOf(path);
    const page = cursor === null ? 0 : Number(cursor.slice(5));
    return json(res, pageOf(job.pages, cursor, { job_id, ...job.said?.(page) }));
  });
  const env = { OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_API_KEY: 'of_test_key', ...folders };
  const client = await connect(env);
  const tool = (name: string, args: Record<string, unknown>) => call(client, name, args);
  return { tool, api, env, client, exports: folders.OPENFUNNEL_EXPORT_DIR };
}

const read = (path: string) =>
  parse(readFileSync(path), { columns: true, bom: true }) as Array<Record<string, string>>;

describe('doubts of a list', () => {
  const pages = [companies(0, 100), companies(100, 100), companies(200, 50)];
  test.each([
    [
      'entries that are no companies',
      { rows: [...companies(100, 100), 1, 'x', null] },
      /3 of its entries are no companies/,
    ],
    ['a count that its rows do not have', { count: 130 }, /its count says 130, it has 100 rows/],
    [
      'rows of another page among its own',
      { rows: [...companies(0, 30), ...companies(100, 70)] },
      /30 rows stand on more than one page/,
    ],
    [
      'rows that say nothing of who they are about',
      { rows: [...companies(100, 98), {}, { name: ' ', domain: null, employee_count: 5 }] },
      /2 rows have neither name, domain nor LinkedIn page/,
    ],
  ])('%s: told by each tool, at the first reading and the second', async (_, page, said) => {
    const { tool } = await over({ j: { pages, said: (at) => (at === 1 ? page : {}) } });
    for (let reading = 0; reading < 2; reading += 1) {
      for (const [name, args] of [
        ['wait_and_collect', { job_id: 'j' }],
        ['get_bulk_page', { job_id: 'j', max_rows: 1 }],
        ['export_bulk_results', { job_id: 'j' }],
        ['query_companies', { sql: 'SELECT count(*) FROM companies', job_ids: ['j'] }],
        ['get_review_batch', { job_id: 'j' }],
        ['mark_companies', { job_id: 'j', marks: [{ row: 1, verdict: 'keep' }] }],
        ['cancel_bulk_job', { job_id: 'j', format: 'csv' }],
        ['show_companies', { job_id: 'j' }],
        ['view_status', { job_id: 'j' }],
        ['view_rows', { job_id: 'j' }],
        ['view_export', { job_id: 'j', which: 'shown' }],
      ] as const) {
        const { data, text } = await tool(name, args);
        expect({ name, notices: data.notices.join('\n') }).toEqual({
          name,
          notices: expect.stringMatching(said),
        });
        expect(text).toMatch(said);
      }
    }
  });

  test('rows that say nothing of who they are about are not new companies, and nobody judges them', async () => {
    const rows = [...companies(0, 10), {}, { industries: ['Software'] }, { linkedin_url: ' ' }];
    const { tool } = await over({ j: { pages: [rows] } });
    const { data } = await tool('export_bulk_results', { job_id: 'j', exclude: ['duplicates'] });
    expect(data).toMatchObject({ rows: 13, net_new: 10, credits_per_new: 1.3 });
    const enough = await tool('wait_and_collect', { job_id: 'j', enough: 5 });
    expect(enough.data).toMatchObject({ summary: { companies: 13 }, net_new: 10 });
    const batch = await tool('get_review_batch', { job_id: 'j' });
    expect(batch.data.rows).toHaveLength(10);
    expect(batch.text).toContain('row 11');
    expect(batch.text).toContain('tells of no company');
  });

  test('a page that can’t be read is named by each page that is read past it', async () => {
    const { tool } = await over({
      j: { pages, said: (at) => (at === 1 ? { rows: companies(0, 100) } : {}) },
    });
    const { data, text } = await tool('get_bulk_page', { job_id: 'j', max_rows: 1 });
    expect(data.next_cursor).toBe('page_0002');
    for (const half of [data.notices.join(), text])
      expect(half).toContain('next_cursor passes over pages that could not be read: page_0001.');
  });

  test('a list that could not be read whole: what is shown of it is called a promise', async () => {
    const { tool, exports } = await over({
      j: { pages, said: () => ({ manifest: { count: 300, pages: 3 } }) },
    });
    for (let reading = 0; reading < 2; reading += 1) {
      expect((await tool('wait_and_collect', { job_id: 'j', format: 'csv' })).data.complete).toBe(false);
      const { data, text } = await tool('show_companies', { job_id: 'j' });
      expect(data).toMatchObject({ companies: 300, status: 'completed' });
      for (const half of [data.notices.join(), text])
        expect(half).toContain('one that OpenFunnel promises: no whole list of this job is stored');
      const cancelled = await tool('cancel_bulk_job', { job_id: 'j', format: 'csv' });
      for (const half of [cancelled.data.notices.join(), cancelled.text])
        expect(half).toMatch(/No file was written: Not all of job j could be read .*300 companies.*: 250/);
    }
    expect(readdirSync(exports)).toEqual([]);
  });

  test('no totals to check against: told each time, and checked against those that come later', async () => {
    const said: Said = { manifest: null };
    const shown = { pages: [companies(0, 100)] };
    const job = { pages: shown.pages, said: () => said };
    const { tool, api } = await over({ j: job });
    for (const name of ['wait_and_collect', 'get_bulk_page', 'export_bulk_results'])
      expect((await tool(name, { job_id: 'j' })).text).toMatch(/could not be cross-checked/);
    job.pages = pages;
    delete said.manifest;
    const status = await tool('get_bulk_status', { job_id: 'j' });
    expect(status.data.manifest.count).toBe(250);
    const again = await tool('wait_and_collect', { job_id: 'j' });
    expect(again.data).toMatchObject({ complete: true, summary: { companies: 250 } });
    expect(api.requests.length).toBeGreaterThan(4);
  });

  test.each([
    ['fewer rows', { rows: companies(100, 37), count: 37 }],
    ['fewer rows than it counts', { rows: companies(100, 37) }],
    ['no rows and no cursor', { rows: [], next_cursor: null, count: 0 }],
    ['the rows of the page before it', { rows: companies(0, 100) }],
    ['the rows of the page behind it', { rows: companies(200, 50), count: 50 }],
    ['another total', { manifest: { count: 300, pages: 3 } }],
  ])('a page that came once with %s is read anew by the next call', async (_, page) => {
    let wrong = true;
    const { tool } = await over({ j: { pages, said: (at) => (at === 1 && wrong ? page : {}) } });
    const first = await tool('wait_and_collect', { job_id: 'j' });
    expect(first.data.complete).toBe(false);
    expect(first.text).not.toContain('that were read are kept');
    wrong = false;
    expect((await tool('wait_and_collect', { job_id: 'j' })).data).toMatchObject({
      complete: true,
      summary: { companies: 250 },
    });
    expect((await tool('export_bulk_results', { job_id: 'j' })).data.rows).toBe(250);
  });
});

test('what a cancelled job delivered is called that on every way out, and no file of it is partial', async () => {
  const said = () => ({ status: 'cancelled', manifest: { count: 3, pages: 1, partial: true } });
  const { tool, client, exports } = await over({ j: { pages: [companies(0, 3)], said } });
  const collected = await tool('wait_and_collect', { job_id: 'j', format: 'csv' });
  expect(collected.text).toMatch(/cancelled/);
  const asked = await tool('query_companies', { sql: 'SELECT count(*) FROM companies', format: 'csv' });
  expect(asked.data.notices.join()).toMatch(/CANCELLED/);
  const shown = await tool('view_export', { job_id: 'j', which: 'shown' });
  expect(shown.data.notices.join()).toMatch(/CANCELLED/);
  expect(readdirSync(exports).every((name) => name.includes('.cancelled.csv'))).toBe(true);
  expect(readdirSync(exports)).toHaveLength(3);
  const { contents } = await client.readResource({ uri: 'lookalikes://jobs/j/results.csv' });
  expect(JSON.stringify(contents)).toMatch(/cancelled/);
});

test('an id in capitals is the same job everywhere', async () => {
  const id = 'd8a1bddb-44f1-4c7f-87a7-f37496354ff6';
  const { tool } = await over({ [id]: { pages: [companies(0, 5)] } });
  await tool('wait_and_collect', { job_id: id.toUpperCase() });
  await tool('mark_companies', { job_id: id, marks: [{ row: 1, verdict: 'drop' }] });
  const left = await tool('export_bulk_results', { job_id: id.toUpperCase(), exclude: ['dropped'] });
  expect(left.data.rows).toBe(4);
  expect((await tool('list_bulk_jobs', {})).data.total).toBe(1);
  const both = await tool('query_companies', {
    sql: 'SELECT count(*) FROM companies',
    job_ids: [id, id.toUpperCase()],
  });
  expect(both.data.rows).toEqual([[5]]);
});

describe('facts belong to the company, not to the row', () => {
  const acme: Rows = [
    { name: 'Acme', domain: 'acme.com', linkedin_url: 'https://www.linkedin.com/company/acme' },
    { name: 'Beta', domain: 'beta.io' },
    {
      name: 'Acme Deutschland',
      domain: 'www.acme.com',
      linkedin_url: 'https://www.linkedin.com/company/acme-de',
    },
  ];

  test('one that is known, or dropped, leaves with all its rows', async () => {
    const { tool } = await over({ j: { pages: [acme] } });
    await tool('import_known_companies', {
      list: 'crm',
      companies: ['https://www.linkedin.com/company/acme'],
    });
    for (const exclude of [['known:crm'], ['known:crm', 'duplicates']]) {
      const { data } = await tool('export_bulk_results', { job_id: 'j', exclude });
      expect(read(data.path).map(({ name }) => name)).toEqual(['Beta']);
    }
    const asked = await tool('query_companies', {
      sql: "SELECT name, known('crm', company_key, name, domain) AS f, known_in <> '[]' AS c FROM companies ORDER BY row",
      job_ids: ['j'],
    });
    expect(asked.data.rows).toEqual([
      ['Acme', 1, 1],
      ['Beta', 0, 0],
      ['Acme Deutschland', 1, 1],
    ]);
    await tool('mark_companies', { job_id: 'j', marks: [{ row: 1, verdict: 'drop' }] });
    const dropped = await tool('export_bulk_results', { job_id: 'j', exclude: ['dropped', 'duplicates'] });
    expect(read(dropped.data.path).map(({ name }) => name)).toEqual(['Beta']);
  });

  test('one of another job leaves by whatever page it has there, whichever job comes first', async () => {
    const other: Rows = [
      { name: 'Acme GmbH', domain: '', linkedin_url: 'https://www.linkedin.com/company/acme-de' },
      { name: 'Gamma', domain: 'gamma.io' },
    ];
    const { tool } = await over({ a: { pages: [acme] }, b: { pages: [other] } });
    const { data } = await tool('export_bulk_results', { job_id: 'a', exclude: ['job:b', 'duplicates'] });
    expect(read(data.path).map(({ name }) => name)).toEqual(['Beta']);
    for (const job_ids of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const both = await tool('export_bulk_results', { job_ids, exclude: ['duplicates'] });
      expect(both.data.rows).toBe(3);
    }
  });
});

test('an import says how many companies of the kept lists it matches already', async () => {
  const { tool } = await over({
    a: { pages: [companies(0, 20)] },
    b: { pages: [companies(10, 20)] },
    c: { pages: [companies(50, 20)] },
  });
  const bring = async (more: Record<string, unknown>) =>
    (await tool('import_known_companies', { list: 'crm', ...more })).data.matched;
  expect(await bring({ companies: ['c12.example'] })).toEqual({
    companies: 0,
    rows: 0,
    jobs: 0,
    of_jobs: 0,
  });
  for (const job_id of ['a', 'b', 'c']) await tool('wait_and_collect', { job_id });
  const given = ['c1.example', 'linkedin.com/company/c15', 'Company 3', 'c99.example'];
  expect(await bring({ companies: given })).toEqual({ companies: 3, rows: 5, jobs: 2, of_jobs: 3 });
  expect(await bring({ companies: ['c12.example'], mode: 'remove' })).toMatchObject({
    companies: 2,
    rows: 3,
  });
  const { text } = await tool('import_known_companies', { list: 'crm', companies: given });
  expect(text).toContain('It matches 2 companies (3 rows) in 2 of 3 stored jobs.');
});

test('a summary counts companies beside rows, by country and size, and in the other stored jobs', async () => {
  const of = (
    n: number,
    hq_country: string | null,
    employee_count: number | null,
    domain = `c${n}.example`,
  ) => ({
    ...{ name: `Company ${n}`, domain, hq_country, employee_count },
    linkedin_url: `https://www.linkedin.com/company/c${n}`,
  });
  const mine = [
    of(1, 'Germany', 5),
    of(1, 'Germany', 5),
    of(2, 'Germany', 150),
    of(3, 'India', null, ''),
    of(4, null, 2_000, ''),
    of(4, null, 2_000, 'c4.example'),
  ];
  const { tool } = await over({
    mine: { pages: [mine] },
    same: { pages: [companies(1, 3)] },
    some: { pages: [companies(3, 100)] },
    none: { pages: [companies(900, 5)] },
  });
  expect((await tool('wait_and_collect', { job_id: 'mine' })).data.summary).toMatchObject({
    ...{ jobs_compared: 0, jobs_sharing: 0, also_in: [] },
  });
  for (const job_id of ['same', 'some', 'none']) await tool('wait_and_collect', { job_id });
  const { data, text } = await tool('wait_and_collect', { job_id: 'mine' });
  expect(data.summary).toMatchObject({
    ...{ companies: 6, distinct: 4, without_domain: 2, without_website: 1 },
    country_by_size: {
      sizes: ['0-10', '11-50', '51-200', '201-1000', '1001+', 'unknown'],
      countries: { Germany: [1, 0, 1, 0, 0, 0], India: [0, 0, 0, 0, 0, 1], unknown: [0, 0, 0, 0, 1, 0] },
    },
    also_in: [
      { job_id: 'same', label: null, companies: 3 },
      { job_id: 'some', label: null, companies: 2 },
    ],
    ...{ jobs_sharing: 2, jobs_compared: 3, jobs_not_compared: 0 },
  });
  for (const said of [
    'Companies: 4 distinct, in 6 rows',
    '1 without a website',
    'Germany|1|0|1|0|0|0',
    'Also in the 3 other stored jobs: 3 in same, 2 in some',
  ])
    expect(text).toContain(said);
});

test('firms on a site that many share are no duplicates, unless they have one page there', async () => {
  const at = (name: string, domain: string) => ({ name, domain });
  const firms = [
    at('Ada', 'facebook.com'),
    at('Bob', 'https://www.facebook.com/'),
    at('Cleo', 'facebook.com/cleo'),
    at('Cleo Ltd', 'https://m.facebook.com/Cleo/'),
    at('Dora', 'facebook.com/dora'),
    at('Eli', 'github.io'),
    at('Fay', 'fay.github.io'),
    at('Gus', 'github.io'),
  ];
  const { tool } = await over({ j: { pages: [firms] } });
  const { data } = await tool('export_bulk_results', { job_id: 'j', exclude: ['duplicates'] });
  expect(read(data.path).map(({ name }) => name)).toEqual([
    'Ada',
    'Bob',
    'Cleo',
    'Dora',
    'Eli',
    'Fay',
    'Gus',
  ]);
});

describe('what could not be compared is not zero', () => {
  test('earlier jobs are read to be compared with, however many, and those that cannot be are named', async () => {
    const jobs = Object.fromEntries(
      Array.from({ length: 25 }, (_, at) => [`old-${at}`, { pages: [companies(at * 4, 4)] }]),
    );
    const { tool } = await over({
      ...jobs,
      new: { pages: [companies(0, 100)] },
      run: { pages: [companies(0, 1)], said: () => ({ status: 'running', manifest: null }) },
    });
    for (const id of [...Object.keys(jobs), 'new']) await tool('get_bulk_status', { job_id: id });
    const all = await tool('export_bulk_results', { job_id: 'new', exclude: ['earlier_jobs'] });
    expect(all.data).toMatchObject({ rows: 0, not_compared: [] });
    await tool('get_bulk_status', { job_id: 'run' });
    const some = await tool('export_bulk_results', { job_id: 'new', exclude: ['earlier_jobs'] });
    expect(some.data.not_compared).toEqual([expect.stringContaining('job run could not be compared with')]);
    expect(some.text).toContain('NOT COMPARED');
    expect(some.data.path).toContain('.not-compared.');
  });

  test('a list of the user that is damaged, wherever it is asked', async () => {
    const { tool, env } = await over({
      j: { pages: [companies(0, 3)] },
      run: { pages: [companies(0, 3)], said: () => ({ status: 'running', manifest: null }) },
    });
    await tool('import_known_companies', { list: 'crm', companies: ['c0.example'] });
    const folder = join(env.OPENFUNNEL_STATE_DIR, 'known');
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'no list');
    for (const [name, args] of [
      ['query_companies', { sql: "SELECT name FROM companies WHERE known_in = '[]'", job_ids: ['j'] }],
      ['query_companies', { sql: 'SELECT * FROM companies', job_ids: ['j'] }],
      ['wait_and_collect', { job_id: 'run', enough: 2, max_wait_seconds: 0 }],
      ['export_bulk_results', { job_id: 'j', exclude: ['known:*'] }],
      ['get_review_batch', { job_id: 'j' }],
      ['mark_companies', { job_id: 'j', where: "known_in <> '[]'", verdict: 'drop' }],
    ] as const) {
      const { data, text } = await tool(name, args);
      expect(data.notices.join()).toMatch(
        /NOT COMPARED.*"crm".*mode replace|NOT COMPARED.*"crm".*NOT left out/,
      );
      expect(text).toContain('NOT COMPARED');
    }
    const without = await tool('query_companies', { sql: 'SELECT name FROM companies', job_ids: ['j'] });
    expect(without.text).not.toContain('NOT COMPARED');
  });

  test('seeds that nobody here knows', async () => {
    const { tool } = await over({ j: { pages: [companies(0, 3)] } });
    const { data, text } = await tool('export_bulk_results', { job_id: 'j', exclude: ['seeds'] });
    expect(data.not_compared).toEqual([expect.stringContaining('not known on this machine')]);
    expect(text).toContain('NOT COMPARED');
  });
});

test('a condition marks all that it finds in query_companies, also where it speaks of other lists', async () => {
  const { tool } = await over({ a: { pages: [companies(0, 20)] }, b: { pages: [companies(10, 20)] } });
  for (const job_id of ['a', 'b']) await tool('wait_and_collect', { job_id });
  const where = "also_in <> '[]'";
  const counted = await tool('query_companies', {
    sql: `SELECT count(*) FROM companies WHERE job_id = 'a' AND ${where}`,
  });
  expect(counted.data.rows).toEqual([[10]]);
  expect((await tool('mark_companies', { job_id: 'a', where, verdict: 'drop' })).data.marked).toBe(10);
});

test('fields of upstream keep their values beside ours of the same name', async () => {
  const rows = [{ name: 'A', domain: 'a.com', score: 0.7, reason: 'theirs', verdict: 'odd', row: 9 }];
  const { tool, exports } = await over({ j: { pages: [rows] } });
  await tool('mark_companies', {
    job_id: 'j',
    marks: [{ row: 1, verdict: 'keep', reason: 'ours', score: 9 }],
  });
  await tool('export_bulk_results', { job_id: 'j', filename: 'both.csv' });
  const [row] = read(join(exports, 'both.csv'));
  expect(row).toMatchObject({
    upstream_score: '0.7',
    upstream_reason: 'theirs',
    upstream_verdict: 'odd',
    upstream_row: '9',
    score: '9',
    reason: 'ours',
    verdict: 'keep',
  });
});
