import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/serve.ts';
import { type ConnectOptions, call, connect, hurried } from '../harness.ts';
import { age } from '../market.ts';
import { json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

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

  test('a running job is never complete, and its last cursor means nothing', async () => {
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
    expect(failed.text).toMatch(/Still readable with get_bulk_page: 20 companies on 2 pages/);
  });
});

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
