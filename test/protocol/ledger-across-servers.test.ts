import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finished, KEY, rows } from '../finished-jobs.ts';
import { call, connect } from '../harness.ts';

test('another process lists the job later, with the status last seen', async () => {
  const { env, state } = await finished([rows(3)]);
  const first = await connect(env);
  const { data } = await call(first, 'submit_lookalikes_bulk', {
    query: 'bikes',
    seed_domains: ['a.com'],
    limit: 30,
    locations: ['USA', 'Germany'],
    min_employees: 50,
    search_type: 'agentic',
  });
  await first.close();
  const second = await connect(env);
  const before = await call(second, 'list_bulk_jobs', {});
  expect(before.data.jobs).toEqual([
    {
      job_id: data.job_id,
      submitted_at: expect.stringMatching(/^\d{4}-/),
      label: null,
      query: 'bikes',
      seed_domains: ['a.com'],
      filters: 'USA, DEU; 50 to any number of employees; agentic',
      requested_limit: 30,
      status: 'pending',
      terminal: false,
      processed: null,
      credits: null,
      judged: null,
      copy: null,
      checked_at: expect.any(String),
      other_key: false,
      from_elsewhere: false,
    },
  ]);
  expect(before.text).toContain(data.job_id);
  expect(before.text).toContain(before.data.jobs[0].filters);
  expect((await call(second, 'list_bulk_jobs', { refresh: true })).data.jobs[0].status).toBe('running');
  const other = await connect({ ...env, OPENFUNNEL_API_KEY: 'of_other' });
  expect((await call(other, 'list_bulk_jobs', {})).data.jobs).toMatchObject([
    { job_id: data.job_id, other_key: true },
  ]);
  expect((await call(await connect(env, ['--sandbox']), 'list_bulk_jobs', {})).data.jobs).toEqual([]);
  const file = join(state, 'jobs.jsonl');
  expect(readFileSync(file, 'utf8')).not.toContain(KEY);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(state).mode & 0o777).toBe(0o700);
});

test('a torn line is kept, and a submit asks before it passes over it', async () => {
  const { env, state, submits } = await finished([rows(3)]);
  writeFileSync(join(state, 'jobs.jsonl'), '{"type":"submit","account":"torn');
  const client = await connect(env);
  const asks = await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
  expect(asks.text).toMatch(/Nothing was sent.*jobs\.jsonl, line 1.*allow_duplicate: true/s);
  expect(submits()).toBe(0);
  await call(client, 'submit_lookalikes_bulk', { query: 'bikes', allow_duplicate: true });
  expect((await call(client, 'list_bulk_jobs', {})).data.jobs).toHaveLength(1);
  expect(readFileSync(join(state, 'jobs.jsonl'), 'utf8')).toContain('torn');
});

test('a ledger that cannot be written costs no submit', async () => {
  const { env, state } = await finished([rows(3)]);
  writeFileSync(join(state, 'blocked'), '');
  const client = await connect({ ...env, OPENFUNNEL_STATE_DIR: join(state, 'blocked') });
  const submitted = await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
  expect(submitted).toMatchObject({ isError: false, data: { job_id: 'new-1' } });
  expect(submitted.text).toContain('NOT recorded');
});

test('the same search again is answered with the job that runs, also at the same time', async () => {
  const { env, submits } = await finished([rows(3)]);
  const client = await connect(env);
  const search = { query: 'bikes', locations: ['USA', 'DEU'] };
  const twice = await Promise.all([
    call(client, 'submit_lookalikes_bulk', search),
    call(client, 'submit_lookalikes_bulk', { locations: ['deu', 'usa'], query: 'bikes' }),
  ]);
  expect(twice.map(({ data }) => data.job_id)).toEqual(['new-1', 'new-1']);
  expect(twice[1]?.text).toContain('nothing was submitted');
  await call(client, 'submit_lookalikes_bulk', { ...search, limit: 50 });
  await call(client, 'submit_lookalikes_bulk', { ...search, allow_duplicate: true });
  expect(submits()).toBe(3);
});
