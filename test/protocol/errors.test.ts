import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { KEY, market, submit } from '../market.ts';
import { refusingPort } from '../refusing-port.ts';
import { json, upstream } from '../upstream.ts';

describe('errors', () => {
  test.each([
    [401, {}, 'unauthorized'],
    [402, {}, 'insufficient_credits'],
    [400, { error_code: 'CREDITS_EXCEEDED', message: 'no credits' }, 'insufficient_credits'],
    [403, {}, 'forbidden'],
    [404, {}, 'not_found'],
    [422, { detail: [{ loc: ['body', 'limit'], msg: 'too much', type: 'x' }] }, 'invalid_input'],
    [429, { details: { retry_after_seconds: 4000 } }, 'rate_limited'],
    [302, {}, 'upstream_invalid_response'],
  ] as Array<[number, unknown, string]>)('a %i is %j → %s', async (status, body, code) => {
    const { url, requests } = await upstream((_, res) =>
      json(res, body, status, { location: 'http://127.0.0.1:1/' }),
    );
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    const failed = await call(client, 'get_bulk_status', { job_id: 'job-1' });
    expect(failed).toMatchObject({
      isError: true,
      data: { error: { code, http_status: status, submitted: 'no' } },
    });
    expect(failed.text).toContain(code);
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(failed.whole)).not.toContain(KEY);
  });

  test('a lost answer to a submit is said to be unknown, and is not sent again', async () => {
    const { url, requests } = await upstream((_, res) => res.destroy());
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    const lost = await call(client, 'submit_lookalikes_bulk', { query: 'x' });
    expect(lost).toMatchObject({
      isError: true,
      data: { error: { code: 'submit_outcome_unknown', submitted: 'unknown', retryable: false } },
    });
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('nothing listening: network, submitted no', async () => {
    const nobody = await refusingPort();
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: nobody.url });
    const refused = await call(client, 'submit_lookalikes_bulk', { query: 'x' });
    expect(refused).toMatchObject({ isError: true, data: { error: { code: 'network', submitted: 'no' } } });
    await nobody.close();
  });

  /** Tools that ask nothing of upstream, so that they need no key. */
  const LOCAL = new Set(['list_bulk_jobs', 'import_known_companies', 'delete_job_data']);
  /** What tools are called with that take no job. */
  const ARGUMENTS: Record<string, Record<string, unknown>> = {
    submit_lookalikes_bulk: { query: 'x' },
    get_credit_balance: {},
    lookup_companies: { companies: ['x'] },
    query_companies: { sql: 'SELECT 1', job_ids: ['a'] },
    mark_companies: { job_id: 'a', marks: [{ row: 1, verdict: 'keep' }] },
  };

  test('without a key the tools are listed, and each call says how to get one', async () => {
    const client = await connect({});
    const { tools } = await client.listTools();
    for (const { name } of tools) {
      if (LOCAL.has(name)) continue;
      const args = ARGUMENTS[name] ?? { job_id: 'a' };
      const refused = await call(client, name, args);
      expect(refused).toMatchObject({
        isError: true,
        data: { error: { code: 'missing_api_key', submitted: 'no' } },
      });
      expect(refused.text).toContain('OPENFUNNEL_API_KEY');
    }
  });
});

test('an accepted cancel stays accepted when the state cannot be read after it', async () => {
  const { url } = await upstream(({ method }, res) =>
    method === 'POST'
      ? json(res, { job_id: 'job-1', status: 'cancelling', message: 'stopping' })
      : json(res, {}, 404),
  );
  const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
  const cancelled = await call(client, 'cancel_bulk_job', { job_id: 'job-1' });
  expect(cancelled).toMatchObject({
    isError: false,
    data: { status: 'cancelling', message: 'stopping', terminal: false },
  });
  expect(cancelled.text).toContain('was accepted');
});

test.each([
  ['as JSON escapes it', `\\u006f${KEY.slice(1)}`],
  ['in a URL', KEY.replace('_', '%5F')],
  ['hidden among what is cleaned away', `${KEY.slice(0, 5)}\u200b${KEY.slice(5)}`],
])('the key is masked %s', async (_, written) => {
  const api = await market((res) => {
    res.writeHead(422);
    res.end(`{"detail":"Bad key ${written}"}`);
  });
  const refused = await submit(await connect(api.env));
  expect(refused.text).toContain('Bad key [api key]');
});
