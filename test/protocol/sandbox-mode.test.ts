import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { temporaryFolder } from '../upstream.ts';

test('sandbox mode says that its companies are made up, in text and structured', async () => {
  const client = await connect({ OPENFUNNEL_SANDBOX_SPEED: '1000' }, ['--sandbox']);
  const submitted = await call(client, 'submit_lookalikes_bulk', { query: 'bikes', limit: 5 });
  const done = await call(client, 'wait_and_collect', { job_id: submitted.data.job_id });
  const refused = await call(client, 'get_bulk_status', { job_id: 'nope' });
  for (const { text, data } of [submitted, done, refused]) {
    expect(text).toContain('made up');
    expect(data.notices.join()).toContain('made up');
  }
  expect(done.data.complete).toBe(true);
  expect(refused.data.error.code).toBe('not_found');
});

test('sandbox jobs outlive the server that submitted them', async () => {
  const env = { OPENFUNNEL_STATE_DIR: temporaryFolder(), OPENFUNNEL_SANDBOX_SPEED: '1000' };
  const first = await connect(env, ['--sandbox']);
  const { data } = await call(first, 'submit_lookalikes_bulk', { query: 'bikes', limit: 7 });
  await first.close();
  const second = await connect(env, ['--sandbox']);
  expect((await call(second, 'wait_and_collect', { job_id: data.job_id })).data).toMatchObject({
    complete: true,
    summary: { companies: 7 },
  });
  expect((await call(second, 'list_bulk_jobs', {})).data.jobs[0]).toMatchObject({
    job_id: data.job_id,
    status: 'completed',
  });
});
