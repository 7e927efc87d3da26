import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

const company = (name: string, domain: string | null, slug: string | null) => ({
  name,
  domain,
  linkedin_url: slug === null ? null : `https://www.linkedin.com/company/${slug}`,
});
const JOBS: Record<string, Rows> = {
  one: [
    company('A', 'a.example', 'a'),
    company('B', 'b.example', 'b'),
    company('A India', 'www.a.example', 'a-india'),
    company('Nothing', null, null),
    company('C', 'c.example', 'c'),
  ],
  two: [
    company('C first', 'c.example', 'c'),
    company('B by page', 'b2.example', 'b'),
    company('Nothing', '', null),
  ],
};

async function overJobs(running = false) {
  const { url } = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const over = running && job_id === 'two' ? { status: 'running', manifest: null } : {};
    json(res, pageOf([JOBS[job_id] ?? []], cursorOf(path), { job_id, ...over }));
  });
  return connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
}

const read = (path: string) =>
  parse(readFileSync(path), { columns: true, bom: true }) as Array<Record<string, string>>;

test('several jobs make one file with the job before each row', async () => {
  const client = await overJobs();
  const { data, text } = await call(client, 'export_bulk_results', { job_ids: ['one', 'two'] });
  expect(data).toMatchObject({
    rows: 8,
    merged: null,
  });
  expect(data.columns.slice(0, 3)).toEqual(['job_id', 'name', 'domain']);
  expect(data.jobs).toEqual([
    { job_id: 'one', status: 'completed', companies: 5 },
    { job_id: 'two', status: 'completed', companies: 3 },
  ]);
  expect(text).toContain(data.path);
  expect(read(data.path).map(({ job_id }) => job_id)).toEqual([
    ...Array(5).fill('one'),
    ...Array(3).fill('two'),
  ]);
});

test('without duplicates the best-ranked row of each company stays, and the others are counted', async () => {
  const client = await overJobs();
  const { data, text } = await call(client, 'export_bulk_results', {
    job_ids: ['one', 'two'],
    exclude: ['duplicates'],
  });
  expect(data.merged).toEqual({ within: 1, across: 2, without_identity: 2 });
  expect(read(data.path).map(({ job_id, name }) => [job_id, name])).toEqual([
    ['one', 'A'],
    ['one', 'B'],
    ['one', 'Nothing'],
    ['two', 'C first'],
    ['two', 'Nothing'],
  ]);
  expect(text).toContain('1 within a job, 2 across jobs');
  const one = await call(client, 'export_bulk_results', { job_id: 'one', exclude: ['duplicates'] });
  expect(one.data).toMatchObject({ rows: 4, merged: { within: 1, across: 0, without_identity: 1 } });
});

test('a job among them that is not final stops the file, unless a partial one is asked for', async () => {
  const client = await overJobs(true);
  const refused = await call(client, 'export_bulk_results', { job_ids: ['one', 'two'] });
  expect([refused.isError, refused.data.error.code, refused.data.job_id]).toEqual([true, 'conflict', 'two']);
  const partial = await call(client, 'export_bulk_results', { job_ids: ['one', 'two'], allow_partial: true });
  expect(partial.data.path).toContain('.partial.csv');
  expect(partial.data.notices.join()).toContain('PARTIAL: two');
  const none = await call(client, 'export_bulk_results', {});
  expect([none.isError, none.data.error.code]).toEqual([true, 'invalid_input']);
});

test('a dedupe that is true is understood as exclude duplicates, beside whatever else is excluded', async () => {
  const client = await overJobs();
  const written = async (args: Record<string, unknown>) =>
    (await call(client, 'export_bulk_results', { job_ids: ['one', 'two'], ...args })).data;
  const { rows, excluded } = await written({ exclude: ['duplicates'] });
  for (const dedupe of [true, 'true', 1]) expect(await written({ dedupe })).toMatchObject({ rows, excluded });
  const both = await written({ exclude: ['duplicates', 'seeds'] });
  for (const exclude of [['seeds'], 'seeds', '["seeds"]', 'seeds, duplicates'])
    expect((await written({ dedupe: true, exclude })).excluded).toEqual(both.excluded);
  expect(both.excluded).toHaveProperty('seeds');
  const all = await written({});
  for (const dedupe of [false, 'no', null])
    expect(await written({ dedupe })).toMatchObject({ rows: all.rows });
  const { notices } = await written({ dedupe: 'perhaps' });
  expect(notices.join()).toContain('"dedupe"');
});

test.each([
  ['wait_and_collect', { job_id: 'one' }],
  ['query_companies', { sql: 'SELECT name FROM companies', job_ids: ['one'] }],
])('%s understands export as format', async (tool, args) => {
  const client = await overJobs();
  const { data } = await call(client, tool, { ...args, export: 'jsonl' });
  expect(data.export).toMatchObject({ format: 'jsonl' });
  expect(JSON.stringify(data.notices ?? [])).not.toContain('not parameters');
});
