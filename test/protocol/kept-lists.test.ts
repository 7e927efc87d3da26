import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const pages: Rows[] = [0, 1, 2].map((page) =>
  Array.from({ length: page === 2 ? 50 : 100 }, (_, index) => ({
    name: `Company ${page * 100 + index + 1}`,
    domain: `c${page * 100 + index + 1}.example`,
    description: 'text\u202e',
  })),
);

/** An upstream with one job of 250 companies, which can be made to forget it or to change. */
async function overOneJob(env: Record<string, string> = {}) {
  const state = { gone: false, status: 'completed' };
  const api = await upstream(({ path }, res) =>
    state.gone
      ? json(res, { detail: 'no such job' }, 404)
      : json(res, pageOf(pages, cursorOf(path), { status: state.status })),
  );
  const folders = { OPENFUNNEL_STATE_DIR: temporaryFolder(), OPENFUNNEL_EXPORT_DIR: temporaryFolder() };
  const all = { OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_API_KEY: 'of_test_key', ...folders, ...env };
  const rows = join(folders.OPENFUNNEL_STATE_DIR, 'lists');
  return { api, state, env: all, rows, client: await connect(all) };
}

test('a job that was collected is read from this machine by every process, with any key or none', async () => {
  const { api, env, client, rows } = await overOneJob();
  expect((await call(client, 'wait_and_collect', { job_id: 'job-1' })).data).toMatchObject({
    complete: true,
  });
  expect(api.requests).toHaveLength(3);
  expect(readdirSync(rows)).toEqual(['job-job-1.sqlite']);
  for (const key of ['of_other_key_1', '']) {
    const other = await connect({ ...env, OPENFUNNEL_API_KEY: key });
    const again = await call(other, 'wait_and_collect', { job_id: 'job-1', format: 'jsonl' });
    expect(again.data).toMatchObject({ complete: true, summary: { companies: 250 }, export: { rows: 250 } });
    expect(again.data.notices.join()).toContain('stored on this machine');
    expect(again.text).toContain('stored on this machine');
    const page = await call(other, 'get_bulk_page', { job_id: 'job-1', cursor: 'page_0002' });
    expect([page.isError, page.data.row_count]).toEqual([false, 50]);
    expect((await call(other, 'export_bulk_results', { job_id: 'job-1' })).data.rows).toBe(250);
  }
  expect(api.requests).toHaveLength(3);
});

test('a kept job that OpenFunnel has forgotten is still there, and says so', async () => {
  const { client, state } = await overOneJob();
  await call(client, 'export_bulk_results', { job_id: 'job-1' });
  state.gone = true;
  const status = await call(client, 'get_bulk_status', { job_id: 'job-1' });
  expect(status.data).toMatchObject({ status: 'completed', manifest: { count: 250 } });
  expect(status.text).toContain('no longer knows this job (404)');
  const again = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  expect(again.data.complete).toBe(true);
  expect(again.data.notices.join()).toContain('(404)');
});

/** Changes a byte of the list of job-1. */
function damageList(rows: string): void {
  const path = join(rows, 'job-job-1.sqlite');
  const bytes = readFileSync(path);
  bytes[2_000] = 1;
  writeFileSync(path, bytes);
}

test('a damaged file is set aside and the job read anew', async () => {
  const { client, rows, api } = await overOneJob();
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  damageList(rows);
  const again = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  expect(again.data).toMatchObject({ complete: true, summary: { companies: 250 } });
  expect(api.requests.length).toBeGreaterThan(3);
  expect(readdirSync(rows).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
});

test('of a damaged copy of a job that OpenFunnel has forgotten it is told each time where it lies', async () => {
  const { client, rows, state } = await overOneJob();
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  damageList(rows);
  state.gone = true;
  for (const tool of ['wait_and_collect', 'get_bulk_status', 'export_bulk_results', 'get_bulk_page']) {
    const { isError, data, text } = await call(client, tool, { job_id: 'job-1' });
    expect([isError, data.error.code]).toEqual([true, 'not_found']);
    const [aside = ''] = readdirSync(rows).filter((name) => name.includes('.damaged-'));
    for (const half of [data.error.message, text])
      expect(half).toContain(`set aside on this machine: ${join(rows, aside)}`);
  }
});

test('with OPENFUNNEL_KEEP_ROWS=off a list is in memory alone', async () => {
  const { client, env, api } = await overOneJob({ OPENFUNNEL_KEEP_ROWS: 'off' });
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  expect(api.requests).toHaveLength(3);
  expect(readdirSync(env.OPENFUNNEL_STATE_DIR ?? '')).not.toContain('lists');
});

test('a job that is not final, or not whole, is not kept', async () => {
  const { client, state, rows } = await overOneJob();
  state.status = 'failed';
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  state.status = 'running';
  await call(client, 'export_bulk_results', { job_id: 'job-1', allow_partial: true });
  expect(() => readdirSync(rows)).toThrow('ENOENT');
});

test('rows that cannot be kept cost a notice, not the list', async () => {
  const { client, env } = await overOneJob();
  writeFileSync(join(env.OPENFUNNEL_STATE_DIR ?? '', 'lists'), 'a file where the folder would be');
  const { data } = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  expect(data.complete).toBe(true);
  expect(data.notices.join()).toContain('could not be stored on this machine');
});

test('delete_job_data deletes what is kept of whole jobs, and says how much space that freed', async () => {
  const { client, rows } = await overOneJob();
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  await call(client, 'query_companies', { sql: 'SELECT 1' });
  const deleted = await call(client, 'delete_job_data', { job_ids: ['job-1', 'other'] });
  expect(deleted.data).toMatchObject({ deleted: ['job-1'], not_stored: ['other'] });
  expect(deleted.data.bytes_freed).toBeGreaterThan(10_000);
  expect(deleted.text).toContain(String(deleted.data.bytes_freed));
  expect(readdirSync(rows)).toEqual([]);
  const after = await call(client, 'query_companies', { sql: 'SELECT 1' });
  expect([after.isError, after.data.error.code]).toEqual([true, 'not_found']);
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  const all = await call(client, 'delete_job_data', { job_ids: ['all'] });
  expect(all.data.deleted).toEqual(['job-1']);
  const near = await call(client, 'delete_job_data', { job_ids: ['x'], all: true });
  expect([near.isError, readdirSync(rows)]).toEqual([true, []]);
});

test('a company is a resource by its rank', async () => {
  const { client } = await overOneJob();
  const read = async (row: string) => {
    const { contents } = await client.readResource({ uri: `lookalikes://jobs/job-1/companies/${row}` });
    return JSON.parse(String(contents[0] && 'text' in contents[0] ? contents[0].text : ''));
  };
  expect(await read('250')).toMatchObject({
    row: 250,
    company: { name: 'Company 250', description: 'text' },
  });
  await expect(read('251')).rejects.toThrow('250 companies');
  await expect(read('0')).rejects.toThrow();
});

test('the prompt analyse_list quotes the question', async () => {
  const { client } = await overOneJob();
  const { messages } = await client.getPrompt({
    name: 'analyse_list',
    arguments: { job_id: 'job-1', question: 'how many in "Germany"?' },
  });
  const text = JSON.stringify(messages[0]?.content);
  expect(text).toContain('query_companies');
  expect(text).toContain('Germany');
  await expect(client.getPrompt({ name: 'analyse_list', arguments: {} })).rejects.toThrow();
});
