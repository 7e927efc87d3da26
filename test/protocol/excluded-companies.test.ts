import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, shared, temporaryFolder, upstream } from '../upstream.ts';

// What is told of the companies that a list leaves out, and of those that are left.

const company = (name: string, domain: string, slug = domain) => ({
  name,
  domain,
  linkedin_url: `https://www.linkedin.com/company/${slug}`,
});
const many = (from: number, count: number): Rows =>
  Array.from({ length: count }, (_, at) => company(`Company ${from + at}`, `c${from + at}.example`));

const JOBS: Record<string, Rows> = {
  // 120 companies, 101 of which are on the list crm; the first is the seed, too.
  big: many(0, 120),
  // Its first company comes three times, twice in itself and first of all in the other.
  again: [
    company('Other', 'other.example'),
    company('A', 'a.example'),
    company('A India', 'a.example', 'a-in'),
  ],
  first: [company('A', 'a.example', 'a-uk')],
  // One company by its LinkedIn page and by its second site; only its first site is on a list.
  sites: [company('Bolt', 'bolt.example', 'bolt'), company('Bolt', 'bolt-de.example', 'bolt')],
  branch: [{ name: 'Bolt X', domain: 'bolt-de.example' }],
  near: [company('Acme Robotics', 'acme-robotics.example'), company('Zeta', 'zeta.example')],
};

const client = shared(async () => {
  const { url } = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const rows = JOBS[job_id] ?? [];
    const manifest = {
      count: rows.length,
      pages: 1,
      page_size: 200,
      credits_consumed: rows.length,
      resolved_seed_domains: ['c0.example'],
    };
    json(res, pageOf([rows], cursorOf(path), { job_id, manifest }));
  });
  const made = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
  const domains = many(0, 101).map(({ domain }) => String(domain));
  for (const [list, companies] of [
    ['crm', domains],
    ['names', ['Acme Robotics Inc']],
  ])
    await call(made, 'import_known_companies', { list, companies });
  return made;
});

describe.each([
  ['export_bulk_results', {}],
  ['wait_and_collect', {}],
  ['wait_and_collect', { sample_rows: 1 }],
])('%s %j', (tool, args) => {
  const listed = (more: object) => call(client(), tool, { job_id: 'big', ...args, ...more });

  test('names up to 50 of them, each with all its reasons, and says how many there are', async () => {
    const { data, text } = await listed({ exclude: ['known:crm', 'seeds', 'known:*'] });
    expect(data.excluded).toEqual({ seeds: 1, 'known:crm': 100, 'known:*': 0 });
    const named = data.excluded_companies;
    expect(named.length).toBeGreaterThan(0);
    expect(named.length).toBeLessThanOrEqual(50);
    expect(named[0]).toEqual({ row: 1, name: 'Company 0', why: ['seeds', 'known:crm', 'known:*'] });
    expect(text).toContain(`${named.length} of 101 shown`);
    expect(text).toContain('1 "Company 0" (seeds, known:crm, known:*)');
    for (const half of [text, JSON.stringify(data)]) expect(half.length).toBeLessThanOrEqual(8_000);
  });

  test('tells how many companies are new, and what each of them cost', async () => {
    const { data, text } = await listed({ exclude: ['known:*'] });
    expect(data).toMatchObject({ net_new: 19, credits_per_new: 6.32 });
    expect(text).toContain('New to the user: 19 companies');
    expect(text).toContain('120 credits were consumed, 6.32 for each');
    expect((await listed({})).data).toMatchObject({ net_new: null, credits_per_new: null });
  });
});

test('no company is new, and so none has a cost, where all are left out', async () => {
  const { data } = await call(client(), 'export_bulk_results', {
    job_id: 'again',
    exclude: ['job:again', 'job:first', 'duplicates', 'job:big'],
  });
  expect(data).toMatchObject({ net_new: 1 });
  const none = await call(client(), 'export_bulk_results', { job_id: 'first', exclude: ['job:again'] });
  expect(none.data).toMatchObject({ rows: 0, net_new: 0, credits_per_new: null });
});

test('a company whose first row is not asked for is new by its second', async () => {
  const { data } = await call(client(), 'export_bulk_results', {
    job_id: 'again',
    rows: '3',
    exclude: ['duplicates'],
  });
  expect(data).toMatchObject({ rows: 1, net_new: 1 });
});

test('a company that an earlier row of the same job has is merged within it, wherever else it stands', async () => {
  const { data } = await call(client(), 'export_bulk_results', {
    job_ids: ['first', 'again'],
    exclude: ['duplicates'],
  });
  expect(data.merged).toEqual({ within: 1, across: 1, without_identity: 0 });
  expect(data).toMatchObject({ rows: 2, net_new: 2, credits_per_new: 2 });
});

test('enough tells how many are new of a job that has ended, too', async () => {
  const { data } = await call(client(), 'wait_and_collect', { job_id: 'big', enough: 500 });
  expect(data).toMatchObject({ enough_reached: false, net_new: 19, credits_per_new: 6.32 });
});

test('near names are spoken of only where there are some in the list, and counted', async () => {
  const notices = async (exclude: string[]) =>
    (await call(client(), 'export_bulk_results', { job_id: 'near', exclude })).data.notices?.join() ?? '';
  expect(await notices(['known:*'])).toContain(
    'Still in the list, though they may be known by a similar name: 1.',
  );
  expect(await notices(['known:*', 'job:near'])).toContain('similar name');
  expect(
    (await call(client(), 'export_bulk_results', { job_id: 'big', exclude: ['known:*'] })).text,
  ).not.toContain('similar name');
  await call(client(), 'mark_companies', { job_id: 'near', marks: [{ row: 1, verdict: 'drop' }] });
  expect(await notices(['known:*', 'dropped'])).not.toContain('similar name');
});

test('whom a damaged list names may count as new, and that is said', async () => {
  const { url } = await upstream(({ path }, res) => json(res, pageOf([many(0, 5)], cursorOf(path))));
  const folder = temporaryFolder();
  const env = { OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key', OPENFUNNEL_STATE_DIR: folder };
  const before = await connect(env);
  await call(before, 'import_known_companies', { list: 'crm', companies: ['c0.example', 'c1.example'] });
  const kept = readdirSync(folder, { recursive: true }).map(String);
  const [name = ''] = kept.filter((each) => each.includes('crm') && statSync(join(folder, each)).isFile());
  const path = join(folder, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace('c1.example', 'c2.example'));
  const after = await connect(env);
  const { data, text } = await call(after, 'export_bulk_results', {
    job_id: 'job-1',
    exclude: ['duplicates'],
  });
  expect(data.net_new).toBe(5);
  const sql = "SELECT count(*) FROM companies WHERE known('crm', company_key, name, domain) = 0";
  const asked = await call(after, 'query_companies', { sql });
  expect(asked.isError).toBe(true);
  expect(asked.text).toContain("known: the list 'crm' can't be read completely");
  for (const half of [text, JSON.stringify(data)]) expect(half).toMatch(/NOT COMPARED: .*crm/);
});

test('a company that another job joins to one that is known is known in every way', async () => {
  await call(client(), 'import_known_companies', { list: 'bolts', companies: ['bolt.example'] });
  const asked = async (sql: string, job_ids: string[]) =>
    (await call(client(), 'query_companies', { sql, job_ids })).data.rows[0][0];
  for (const job_ids of [
    ['sites', 'branch'],
    ['branch', 'sites'],
  ]) {
    expect(await asked("SELECT count(*) FROM companies WHERE known_in <> '[]'", job_ids)).toBe(3);
    const sql = "SELECT count(*) FROM companies WHERE known('bolts', company_key, name, domain)";
    expect(await asked(sql, job_ids)).toBe(3);
    const { data } = await call(client(), 'export_bulk_results', {
      job_ids,
      format: 'jsonl',
      exclude: ['known:bolts'],
    });
    expect(data.excluded['known:bolts']).toBe(3);
  }
});
