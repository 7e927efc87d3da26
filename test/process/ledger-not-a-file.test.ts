import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StdioServer } from '../stdio-server.ts';
import { json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_test_key_of_stuck';

async function server(state: string) {
  let submits = 0;
  const { url } = await upstream(({ method }, res) => {
    if (method === 'POST') json(res, { job_id: `job-${++submits}`, status: 'pending' });
    else json(res, pageOf([[]], null, { job_id: null, status: 'running' }));
  });
  const running = new StdioServer({
    env: { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url, OPENFUNNEL_STATE_DIR: state },
  });
  onTestFinished(async () => {
    running.process.kill('SIGKILL');
    await running.close();
  });
  await running.initialize();
  return { running, submits: () => submits };
}

function pipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

test.skipIf(process.platform === 'win32').each([
  ['the ledger', (folder: string) => pipe(join(folder, 'jobs.jsonl')), (folder: string) => folder],
  [
    'the state folder',
    (folder: string) => pipe(join(folder, 'state')),
    (folder: string) => join(folder, 'state'),
  ],
  ['a folder', (folder: string) => mkdirSync(join(folder, 'jobs.jsonl')), (folder: string) => folder],
])('%s that is no file hangs nothing (skipped where there are no pipes)', async (_, make, state) => {
  const folder = temporaryFolder();
  make(folder);
  const { running, submits } = await server(state(folder));
  const search = { query: 'bikes', limit: 40 };
  const first = await running.call('submit_lookalikes_bulk', search);
  expect(first.structuredContent).toMatchObject({ job_id: 'job-1', already_submitted: false });
  expect(first.content[0]?.text).toContain('NOT recorded');
  const again = await running.call('submit_lookalikes_bulk', search);
  expect(again.structuredContent).toMatchObject({ job_id: 'job-1', already_submitted: true });
  const listed = await running.call('list_bulk_jobs', {});
  expect(listed.structuredContent.jobs).toHaveLength(1);
  expect((await running.call('get_bulk_status', { job_id: 'job-1' })).structuredContent.status).toBe(
    'running',
  );
  expect(submits()).toBe(1);
  running.process.kill('SIGTERM');
  expect(await running.exited).toBe(0);
});
