import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { type ConnectOptions, call, connect, hurried } from '../harness.ts';
import { age } from '../market.ts';
import type { Rows } from '../real-rows.ts';
import { refusingPort } from '../refusing-port.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_test_key';

/** The server before a sandbox whose jobs live by a clock that the test moves. */
async function overSandbox(options: ConnectOptions = {}) {
  let time = 1_800_000_000_000;
  const requests: Array<{ method?: string | undefined; url?: string | undefined }> = [];
  const sandbox = await startSandbox({
    now: () => time,
    durationMs: () => 100_000,
    pageSize: 10,
    apiKey: KEY,
    intercept: ({ req, respond }) => {
      requests.push(req);
      respond();
    },
  });
  const env = { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: sandbox.url };
  const client = await connect(env, [], options);
  return {
    requests,
    client,
    pass: (share: number) => {
      time += share * 100_000;
    },
    submit: async (args: Record<string, unknown> = {}) =>
      (await call(client, 'submit_lookalikes_bulk', { query: 'expense software', limit: 45, ...args })).data
        .job_id as string,
  };
}

describe('the good path', () => {
  test('submit, look, wait, collect, page', async () => {
    const { client, pass, submit, requests } = await overSandbox();
    const submitted = await call(client, 'submit_lookalikes_bulk', { query: 'expense software', limit: 45 });
    expect(submitted.data).toMatchObject({ status: 'pending', requested_limit: 45, max_credits: 45 });
    const job_id = submitted.data.job_id;
    expect(submitted.text).toContain(job_id);
    expect(submitted.data.next_step).toContain('wait_and_collect');

    const pending = await call(client, 'get_bulk_status', { job_id });
    expect(pending.data).toMatchObject({
      status: 'pending',
      terminal: false,
      results_final: false,
      processed: null,
      manifest: null,
    });
    expect(pending.data.poll_after_seconds).toBeGreaterThan(0);
    expect(pending.data).not.toHaveProperty('rows');

    pass(1.1);
    const done = await call(client, 'wait_and_collect', { job_id });
    expect(done.data).toMatchObject({
      status: 'completed',
      complete: true,
      terminal: true,
      results_final: true,
      missing_pages: [],
    });
    expect(done.data.manifest).toMatchObject({ count: 45, pages: 5 });
    expect(done.data.summary.companies).toBe(45);
    const { unique_domains, duplicate_domains, without_domain } = done.data.summary;
    expect(unique_domains + duplicate_domains + without_domain).toBe(45);
    expect(
      done.data.pages.map((page: Record<string, unknown>) => [
        page.page,
        page.rows,
        page.first_row,
        page.last_row,
      ]),
    ).toEqual([
      ['page_0000', 10, 1, 10],
      ['page_0001', 10, 11, 20],
      ['page_0002', 10, 21, 30],
      ['page_0003', 10, 31, 40],
      ['page_0004', 5, 41, 45],
    ]);
    expect(done.data.pages[0].sample).toHaveLength(3);

    const page = await call(client, 'get_bulk_page', {
      job_id,
      cursor: 'page_0001',
      offset: 2,
      max_rows: 3,
      fields: ['name', 'revenue_usd', 'nonsense'],
    });
    expect(page.data).toMatchObject({
      page: 'page_0001',
      row_count: 10,
      rows_returned: 3,
      rows_omitted: 7,
      next_cursor: 'page_0002',
      more_pages: 'yes',
    });
    expect(page.data.columns).toEqual(['row', 'name', 'revenue_usd', 'nonsense']);
    expect(page.data.row_numbers).toBe('exact');
    expect(page.data.rows.map(([row]: unknown[]) => row)).toEqual([13, 14, 15]);
    for (const [row, name] of page.data.rows) expect(page.text).toContain(`${row}|${name}|`);

    const last = await call(client, 'get_bulk_page', { job_id, cursor: 'page_0004', fields: ['all'] });
    expect(last.data).toMatchObject({ next_cursor: null, more_pages: 'no', rows_returned: 5 });
    expect(last.data.columns).toContain('description');
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    await submit();
  });

  test('the null-cursor trap: a running job is never complete, and its last cursor means nothing', async () => {
    const { client, pass, submit } = await overSandbox();
    const job_id = await submit();
    for (const share of [0.1, 0.3, 0.2, 0.3]) {
      pass(share);
      const waited = await call(client, 'wait_and_collect', { job_id, max_wait_seconds: 0 });
      expect(waited).toMatchObject({
        isError: false,
        data: { complete: false, terminal: false, summary: null },
      });
      expect(waited.data.next_step).toContain(job_id);
      let cursor: string | undefined;
      for (;;) {
        const page = await call(client, 'get_bulk_page', { job_id, ...(cursor ? { cursor } : {}) });
        if (page.data.row_count > 0) expect(page.text).toContain('PROVISIONAL');
        if (page.data.next_cursor === null) {
          expect(page.data.more_pages).toBe('unknown');
          expect(page.text).toContain('not written yet');
          break;
        }
        expect(page.data.more_pages).toBe('yes');
        cursor = page.data.next_cursor;
      }
    }
    pass(0.2);
    expect((await call(client, 'wait_and_collect', { job_id, max_wait_seconds: 0 })).data.complete).toBe(
      true,
    );
  });

  test('cancel: delivered pages stay, the result is marked partial; an ended job answers with its state', async () => {
    const { client, pass, submit, requests } = await overSandbox();
    const job_id = await submit();
    pass(0.5);
    const cancelling = call(client, 'cancel_bulk_job', { job_id });
    // It waits for the end, which comes once upstream has taken the cancel.
    while (!requests.some(({ url }) => url?.endsWith('/cancel'))) await new Promise(setImmediate);
    pass(0.1);
    const cancelled = await cancelling;
    expect(cancelled.data).toMatchObject({ status: 'cancelled', terminal: true });
    expect(cancelled.data.message).toBeTruthy();
    const collected = await call(client, 'wait_and_collect', { job_id });
    expect(collected).toMatchObject({
      isError: false,
      data: { status: 'cancelled', complete: true, results_final: true },
    });
    expect(collected.text).toContain('PARTIAL');
    expect(collected.data.summary.companies).toBe(20);
    const again = await call(client, 'cancel_bulk_job', { job_id });
    expect(again).toMatchObject({ isError: false, data: { status: 'cancelled', terminal: true } });
    expect(again.data.message).toContain('already ended');
  });

  test('a failed job is an error that tells what is left and what it cost', async () => {
    const { client, pass, submit } = await overSandbox();
    const job_id = await submit({ query: '[fail] please' });
    pass(1);
    const failed = await call(client, 'wait_and_collect', { job_id });
    expect(failed).toMatchObject({
      isError: true,
      data: { status: 'failed', complete: false, error: { code: 'job_failed' } },
    });
    expect(failed.text).toContain('qualified');
    expect(failed.text).toMatch(/20 companies on 2 pages are still readable/);
  });
});

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

test('calls that come first and all at once share the eight requests that may be under way', async () => {
  let underWay = 0;
  let most = 0;
  const { url } = await upstream(({ path }, res) => {
    underWay += 1;
    most = Math.max(most, underWay);
    // Long enough for all that may come to come.
    setTimeout(() => {
      underWay -= 1;
      json(res, pageOf([[]], null, { job_id: path.split('/').at(-1), status: 'running', manifest: null }));
    }, 50);
  });
  const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
  const jobs = Array.from({ length: 40 }, (_, index) => `job-${index}`);
  await Promise.all(jobs.map((job_id) => call(client, 'get_bulk_status', { job_id })));
  expect(most).toBeLessThanOrEqual(8);
});

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

test('what a breaker found: self-cursors, rows too large, counts that disagree, "all" as a word', async () => {
  const huge = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`field_${index}`, 'word '.repeat(600)]),
  );
  const rows = [{ name: 'Small' }, huge, { name: 'Last' }];
  const { url } = await upstream((_, res) =>
    json(res, pageOf([rows], null, { next_cursor: 'page_0000', count: 7 })),
  );
  const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
  const page = await call(client, 'get_bulk_page', { job_id: 'job-1', fields: 'all' });
  expect(page.data).toMatchObject({ more_pages: 'unknown', rows_returned: 3, rows_omitted: 0 });
  expect(page.text).toMatch(/the cursor came back to a page that was already read/);
  expect(page.text).toMatch(/its count says 7, it has 3 rows/);
  const second = await call(client, 'get_bulk_page', {
    job_id: 'job-1',
    fields: 'all',
    offset: 1,
    max_chars: 4000,
  });
  expect(second.data).toMatchObject({ rows_returned: 1 });
  expect(second.text).toContain('too long to show in full');
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

describe('pages that do not fit together', () => {
  let made = 0;
  const rows = (count: number): Rows =>
    Array.from({ length: count }, () => {
      made += 1;
      return { name: `Company ${made}` };
    });
  const pages = [rows(10), rows(10), rows(10)];

  async function collectOver(answer: (cursor: string | null) => Record<string, unknown> | number) {
    const { url, requests } = await upstream(({ path }, res) => {
      const body = answer(cursorOf(path));
      if (typeof body === 'number') json(res, { detail: 'no' }, body);
      else json(res, body);
    });
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    return {
      result: await call(client, 'wait_and_collect', { job_id: 'job-1', max_wait_seconds: 0 }),
      requests,
    };
  }

  test('a cursor that comes back ends the walk with an error', async () => {
    const { result, requests } = await collectOver((cursor) =>
      pageOf(pages, cursor, cursor === 'page_0001' ? { next_cursor: 'page_0000' } : {}),
    );
    expect(result).toMatchObject({
      isError: true,
      data: { complete: false, error: { code: 'upstream_invalid_response' } },
    });
    expect(result.data.missing_pages[0]).toMatchObject({ page: 'page_0000' });
    expect(requests.length).toBeLessThan(5);
  });

  test('one page that cannot be read is named, and does not cost the rest', async () => {
    const { result } = await collectOver((cursor) => (cursor === 'page_0001' ? 404 : pageOf(pages, cursor)));
    expect(result).toMatchObject({ isError: false, data: { complete: false } });
    expect(result.data.missing_pages.map(({ page }: { page: string }) => page)).toEqual(['page_0001']);
    expect(result.data.pages.map(({ page }: { page: string }) => page)).toEqual(['page_0000', 'page_0002']);
  });

  test('a manifest that promises more is believed: not complete, and the result says so', async () => {
    const { result } = await collectOver((cursor) =>
      pageOf(pages, cursor, { manifest: { count: 40, pages: 4 } }),
    );
    expect(result).toMatchObject({ isError: false, data: { complete: false } });
    expect(result.text).toContain('promises 4 pages');
    expect(result.text).toContain('promises 40 companies');
  });

  test('an unknown status is not terminal', async () => {
    const { result } = await collectOver((cursor) =>
      pageOf(pages, cursor, { status: 'archived', manifest: null }),
    );
    expect(result).toMatchObject({
      isError: false,
      data: { complete: false, terminal: false, status: 'archived' },
    });
  });

  test('names that are not numbered are followed all the same', async () => {
    const names = ['first', 'second'];
    const { result } = await collectOver((cursor) => {
      const index = cursor === null ? 0 : names.indexOf(cursor);
      return {
        ...pageOf([rows(3), rows(2)], null),
        rows: rows(3 - index),
        page: names[index],
        next_cursor: names[index + 1] ?? null,
      };
    });
    expect(result.data).toMatchObject({ complete: true, summary: { companies: 5 } });
  });
});

describe('progress and cancellation', () => {
  test('progress grows strictly, its last report well before the result', async () => {
    const { client, submit, pass } = await overSandbox({ clock: hurried(50) });
    const job_id = await submit();
    pass(0.4);
    const reports: Array<{ progress: number; total?: number | undefined; message?: string | undefined }> = [];
    const done = await call(
      client,
      'wait_and_collect',
      { job_id },
      {
        onprogress: (report) => {
          reports.push(report);
          // It has looked twice: by the next look the job has ended.
          if (reports.length === 2) pass(1);
        },
      },
    );
    expect(done.data.complete).toBe(true);
    expect(reports.length).toBeGreaterThanOrEqual(done.data.polls);
    for (const [index, report] of reports.entries()) {
      if (index > 0) expect(report.progress).toBeGreaterThan(reports[index - 1]?.progress ?? 0);
      expect(report.progress).toBeLessThanOrEqual(report.total ?? Number.POSITIVE_INFINITY);
    }
    expect(reports[0]).toMatchObject({ total: 45 });
    expect(reports[0]?.message).toMatch(/qualifying companies: \d+ of 45/);
  });

  test('a cancelled wait stops polling, aborts its request and leaves the job alone', async () => {
    let hung = 0;
    let aborted = 0;
    const { url, requests } = await upstream((_, res) => {
      hung += 1;
      res.on('close', () => {
        aborted += 1;
      });
    });
    const client = await connect({ OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: url });
    const stop = new AbortController();
    const wait = call(client, 'wait_and_collect', { job_id: 'job-1' }, { signal: stop.signal });
    while (hung === 0) await new Promise(setImmediate);
    stop.abort();
    await expect(wait).rejects.toThrow();
    while (aborted === 0) await new Promise(setImmediate);
    await client.ping();
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('many waits on one job share its polls', async () => {
    const { client, submit, requests } = await overSandbox();
    const job_id = await submit();
    const before = requests.length;
    const waits = Array.from({ length: 50 }, () =>
      call(client, 'wait_and_collect', { job_id, max_wait_seconds: 0 }),
    );
    for (const { data } of await Promise.all(waits)) expect(data.complete).toBe(false);
    expect(requests.length - before).toBeLessThanOrEqual(3);
  });
});

test('poll_after_seconds follows the age of the job, its stage and how far it is', async () => {
  let state: Record<string, unknown> = {};
  const api = await upstream((request, res) =>
    request.method === 'POST'
      ? json(res, { job_id: 'job-1', status: 'pending' })
      : json(res, pageOf([], null, { status: 'running', manifest: null, ...state })),
  );
  const OPENFUNNEL_STATE_DIR = temporaryFolder();
  const env = { OPENFUNNEL_API_KEY: KEY, OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_STATE_DIR };
  const first = await connect(env);
  await call(first, 'submit_lookalikes_bulk', { query: 'expense software', limit: 400 });
  await first.close();
  age(join(OPENFUNNEL_STATE_DIR, 'jobs.jsonl'), 4 / 60);

  const client = await connect(env);
  const advice = async (processed: number | null, progress_message: string | null, status = 'running') => {
    state = { status, processed, progress_message };
    return (await call(client, 'get_bulk_status', { job_id: 'job-1' })).data.poll_after_seconds;
  };
  expect(await advice(40, 'qualifying_companies')).toBe(30);
  const far = await advice(330, 'qualifying_companies');
  const near = await advice(400, 'reranking_companies');
  expect(far).toBeLessThan(30);
  expect(near).toBeLessThan(far);
  expect(near).toBeGreaterThan(0);
  expect(await advice(400, 'completed', 'completed')).toBeUndefined();
});
