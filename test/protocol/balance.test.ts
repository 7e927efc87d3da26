import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { json, pageOf, upstream } from '../upstream.ts';

test('the balance says what jobs that ended cost, by their manifests, in both halves', async () => {
  const { url } = await upstream(({ path }, res) => {
    if (path.endsWith('/balance'))
      return json(res, { total_credits: 200, credits_used: 37.5, credits_left: 162.5 });
    json(res, pageOf([[{ name: 'A', domain: 'a.example' }]], null, { job_id: 'j' }));
  });
  const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
  expect((await call(client, 'get_credit_balance', {})).data.jobs).toEqual([]);
  await call(client, 'wait_and_collect', { job_id: 'j' });
  const { data, text } = await call(client, 'get_credit_balance', {});
  expect(data.jobs).toEqual([{ job_id: 'j', credits: 1 }]);
  expect(text).toContain('j 1');
});
