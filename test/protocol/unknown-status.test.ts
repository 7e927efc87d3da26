import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

const statuses: Record<string, string> = {};
const seeds = Array.from({ length: 5 }, (_, index) => `seed${index}.com`);
const { call } = await inMemory(folder, async ({ method, url }) => {
  const job_id = url.pathname.split('/').at(-1) ?? '';
  if (url.pathname.endsWith('/lookup-companies'))
    return { status: 404, retryAfter: undefined, body: '{"detail":"Not Found"}' };
  const answer =
    method === 'POST'
      ? { job_id: 'own', status: 'pending', message: null }
      : { job_id, status: statuses[job_id], rows: [], next_cursor: null, processed: 3 };
  return { status: 200, retryAfter: undefined, body: JSON.stringify(answer) };
});

test('the list of jobs tells a status that became unknown, and a job that never had a known one', async () => {
  statuses.own = 'running';
  statuses.foreign = 'paused';
  statuses.over = 'completed';
  await call('submit_lookalikes_bulk', { query: 'banks', seed_domains: seeds, limit: 20 });
  await call('get_bulk_status', { job_id: 'own' });
  await call('get_bulk_status', { job_id: 'over' });
  const first = await call('get_bulk_status', { job_id: 'foreign' });
  expect(first.structuredContent.notices.join()).toContain('Nothing was known of it before');
  statuses.own = 'hibernating';

  const { content, structuredContent } = await call('list_bulk_jobs', { refresh: true });
  const text = content[0]?.text ?? '';
  const jobs = structuredContent.jobs as Array<{ job_id: string; status: string; terminal: boolean }>;
  const status = Object.fromEntries(jobs.map((job) => [job.job_id, [job.status, job.terminal]]));
  expect(status).toEqual({
    own: ['hibernating', false],
    foreign: ['paused', false],
    over: ['completed', true],
  });
  for (const half of [text, structuredContent.notices.join('\n')])
    expect(half).toMatch(/own: The job's status is UNKNOWN.*Last known: running, 3 processed/);
  for (const said of ['hibernating (unknown', 'paused (unknown', 'completed (terminal)', ...seeds])
    expect(text).toContain(said);
});
