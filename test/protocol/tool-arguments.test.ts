import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { json, upstream } from '../upstream.ts';

const KEY = 'of_test_key';

test('what a model sends is normalised, and nothing else goes upstream', async () => {
  const { url, requests } = await upstream((_, res) =>
    json(res, { job_id: 'job-1', status: 'pending', message: 'ok' }),
  );
  const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
  await call(client, 'submit_lookalikes_bulk', {
    seed_domains: ['https://www.Stripe.com/pricing?x=1', 'stripe.com', ' RAMP.com. ', 'münchen.de'],
    funding_stages: ['series a', 'PRE-SEED'],
    locations: ['usa', 'eu', 'USA'],
    min_employees: 0,
    max_employees: 0,
  });
  const submits = requests.filter(({ path }) => path.endsWith('/search-lookalikes-bulk'));
  expect(submits).toHaveLength(1);
  expect(JSON.parse(submits[0]?.body ?? '')).toEqual({
    seed_domains: ['stripe.com', 'ramp.com', 'xn--mnchen-3ya.de'],
    limit: 100,
    min_employees: 0,
    max_employees: 0,
    funding_stages: ['Series A', 'Pre-Seed'],
    locations: ['USA', 'EU'],
  });
  expect(submits[0]?.headers['x-api-key']).toBe(KEY);
});

test.each([
  ['submit_lookalikes_bulk', {}, 'query'],
  ['submit_lookalikes_bulk', { query: 'x', limt: 5 }, 'limt'],
  ['submit_lookalikes_bulk', { query: 'x', limit: 10_001 }, 'limit'],
  ['submit_lookalikes_bulk', { query: 'x', limit: '5px' }, 'limit'],
  ['submit_lookalikes_bulk', { query: 'x', min_employees: 5, max_employees: 4 }, 'min_employees'],
  ['submit_lookalikes_bulk', { seed_domains: ['good.com', 'not a host'] }, 'not a host'],
  ['submit_lookalikes_bulk', { seed_domains: ['10.0.0.1'] }, '10.0.0.1'],
  ['submit_lookalikes_bulk', { query: 'x', funding_stages: ['Series Z'] }, 'Series Z'],
  ['submit_lookalikes_bulk', { query: 'x', locations: ['Germny'] }, 'Germny'],
  ['get_bulk_status', { job_id: '../../x' }, 'job_id'],
  ['get_bulk_status', {}, 'job_id'],
  ['get_bulk_page', { job_id: 'a', max_rows: 0 }, 'max_rows'],
  ['wait_and_collect', { job_id: 'a', max_wait_seconds: 601 }, 'max_wait_seconds'],
] as Array<[string, Record<string, unknown>, string]>)(
  '%s %j is refused by name before anything is sent',
  async (name, args, named) => {
    const { url, requests } = await upstream((_, res) => json(res, {}));
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    const refused = await call(client, name, args);
    expect(refused).toMatchObject({
      isError: true,
      data: { error: { code: 'invalid_input', submitted: 'no', retryable: false } },
    });
    expect(refused.text).toContain(named);
    expect(requests).toHaveLength(0);
  },
);
