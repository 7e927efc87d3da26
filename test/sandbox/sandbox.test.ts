import { expect, onTestFinished, test } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';

const BULK = '/api/v1/account/search-lookalikes-bulk';
const DURATION = 100_000;

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Json = any;

async function open(options: SandboxOptions = {}) {
  let time = 1_800_000_000_000;
  const sandbox = await startSandbox({
    now: () => time,
    durationMs: () => DURATION,
    pageSize: 10,
    ...options,
  });
  onTestFinished(() => sandbox.close());
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    key = 'of_sandbox',
  ): Promise<{ status: number; body: Json }> => {
    const answer = await fetch(sandbox.url + path, {
      method,
      headers: { 'x-api-key': key },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const submit = async (body: unknown) => (await ask('POST', BULK, body)).body.job_id as string;
  const pass = (share: number) => {
    time += share * DURATION;
  };
  const all = async (id: string): Promise<Json[]> => {
    const rows: Json[] = [];
    for (let cursor: string | null = 'page_0000'; cursor !== null; ) {
      const { body } = await ask('GET', `${BULK}/${id}?cursor=${cursor}`);
      rows.push(...body.rows);
      cursor = body.next_cursor;
    }
    return rows;
  };
  return { ask, submit, pass, all };
}

test('a job runs through its states and stages in order, and only its end brings a manifest', async () => {
  const { ask, submit, pass } = await open();
  const id = await submit({ query: 'bikes', limit: 35 });
  expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const seen: string[] = [];
  let trap = 0;
  for (let step = 0; step <= 50; step += 1) {
    const { body } = await ask('GET', `${BULK}/${id}?limit=1`);
    const at = `${body.status} ${body.progress_message}`;
    if (seen.at(-1) !== at) seen.push(at);
    if (body.status === 'pending') expect(body.processed).toBeNull();
    if (body.status !== 'completed') expect(body.manifest).toBeNull();
    if (body.status === 'running' && body.rows.length > 0 && body.next_cursor === null) trap += 1;
    if (body.status === 'running' && body.rows.length > 0) expect(body.count).toBe(10);
    pass(0.02);
  }
  expect(seen).toEqual([
    'pending null',
    'running retrieving_companies',
    'running qualifying_companies',
    'running reranking_companies',
    'completed completed',
  ]);
  expect(trap).toBeGreaterThan(0);
  const { body } = await ask('GET', `${BULK}/${id}`);
  expect(body.manifest).toEqual({
    count: 35,
    pages: 4,
    page_size: 10,
    credits_consumed: 35,
    derived_query: null,
    resolved_seed_domains: null,
    unresolved_seed_domains: null,
    rerank_degraded: false,
    partial: false,
  });
});

test('cancel: cancelling, then cancelled with a partial manifest and pages that stay; 409 and 404', async () => {
  const { ask, submit, pass, all } = await open();
  const id = await submit({ query: 'bikes', limit: 35 });
  pass(0.6);
  expect((await ask('POST', `${BULK}/${id}/cancel`)).body).toMatchObject({
    job_id: id,
    status: 'cancelling',
  });
  expect((await ask('GET', `${BULK}/${id}`)).body).toMatchObject({ status: 'cancelling', manifest: null });
  pass(0.02);
  const { body } = await ask('GET', `${BULK}/${id}`);
  expect(body).toMatchObject({
    status: 'cancelled',
    progress_message: 'cancelled',
    manifest: { partial: true, pages: 2, count: 20 },
  });
  expect(await all(id)).toHaveLength(20);
  expect((await ask('POST', `${BULK}/${id}/cancel`)).status).toBe(409);
  expect((await ask('POST', `${BULK}/nope/cancel`)).status).toBe(404);
  const early = await submit({ query: 'x' });
  await ask('POST', `${BULK}/${early}/cancel`);
  pass(0.1);
  expect((await ask('GET', `${BULK}/${early}`)).body).toMatchObject({
    status: 'cancelled',
    rows: [],
    manifest: { count: 0, pages: 0 },
  });
});

test('seeds: a derived query, resolved and unresolved ones; none resolved fails', async () => {
  const { ask, submit, pass } = await open();
  const id = await submit({ seed_domains: ['https://www.Acme.com/x', 'unknown.io'], limit: 5 });
  const hopeless = await submit({ seed_domains: ['x.invalid'], limit: 5 });
  pass(1);
  expect((await ask('GET', `${BULK}/${id}`)).body.manifest).toMatchObject({
    derived_query: expect.stringContaining('acme'),
    resolved_seed_domains: ['acme.com'],
    unresolved_seed_domains: ['unknown.io'],
  });
  expect((await ask('GET', `${BULK}/${hopeless}`)).body).toMatchObject({
    status: 'failed',
    manifest: null,
    error_message: expect.any(String),
  });
});

test('filters are honoured on every row', async () => {
  const { submit, pass, all } = await open();
  const id = await submit({
    query: 'x',
    limit: 200,
    min_employees: 50,
    max_employees: 60,
    funding_stages: ['Seed', 'Series A'],
    locations: ['EU', 'USA'],
  });
  pass(1);
  const rows = await all(id);
  expect(rows).toHaveLength(200);
  for (const row of rows) {
    expect(row.employee_count).toBeGreaterThanOrEqual(50);
    expect(row.employee_count).toBeLessThanOrEqual(60);
    expect(['Seed', 'Series A']).toContain(row.funding_stage);
    expect(['United States', 'Germany', 'France', 'Netherlands', 'Spain', 'Sweden', 'Poland']).toContain(
      row.hq_country,
    );
  }
});

test('rows have the real shape and faults, and are the same each time', async () => {
  const { submit, pass, all } = await open({ pageSize: 100 });
  const id = await submit({ query: 'expense software', limit: 2_000 });
  pass(1);
  const rows = await all(id);
  expect(await all(id)).toEqual(rows);
  expect(Object.keys(rows[0]).slice(0, 6)).toEqual([
    'name',
    'domain',
    'linkedin_url',
    'headquarters',
    'match_reason',
    'rerank_score',
  ]);
  const share = (is: (row: Json) => boolean) => rows.filter(is).length / rows.length;
  const near = (value: number, target: number) => {
    expect(value).toBeGreaterThan(target / 2);
    expect(value).toBeLessThan(target * 2);
  };
  near(
    share(({ domain }) => domain === ''),
    0.055,
  );
  near(
    share(({ headquarters }) => headquarters === null),
    0.12,
  );
  near(
    share(({ funding_stage }) => funding_stage === null),
    0.33,
  );
  near(
    share(({ employee_count }) => employee_count === null),
    0.07,
  );
  near(
    share(({ description }) => (description?.length ?? 0) > 1_000),
    0.2,
  );
  const domains = rows.map(({ domain }) => domain).filter((domain) => domain !== '');
  near((domains.length - new Set(domains).size) / domains.length, 0.06);
  for (const domain of domains) expect(domain).toMatch(/^[a-z0-9-]+\.example$/);
  expect(share(({ match_reason }) => match_reason?.includes('expense'))).toBeGreaterThan(0.9);
});

test('credits go down when a job ends, and too large a limit is refused', async () => {
  const { ask, submit, pass } = await open({ totalCredits: 100 });
  await submit({ query: 'x', limit: 30 });
  expect((await ask('GET', '/api/v1/credits/balance')).body).toEqual({
    total_credits: 100,
    credits_used: 37.5,
    credits_left: 62.5,
  });
  pass(1);
  expect((await ask('GET', '/api/v1/credits/balance')).body.credits_left).toBe(32.5);
  expect(await ask('POST', BULK, { query: 'x', limit: 33 })).toMatchObject({
    status: 402,
    body: { error_code: 'CREDITS_EXCEEDED' },
  });
});

test.each([
  [{}, 'query'],
  [{ query: 'x', limit: 0 }, 'limit'],
  [{ query: 'x', limit: 10_001 }, 'limit'],
  [{ query: 'x', limit: '5' }, 'limit'],
  [{ seed_domains: [] }, 'seed_domains'],
  [{ query: 'x', funding_stages: ['Pre Seed'] }, 'funding_stages'],
  [{ query: 'x', locations: ['usa'] }, 'locations'],
  [{ query: 'x', min_employees: 2, max_employees: 1 }, 'max_employees'],
  [{ query: 'x', search_type: 'magic' }, 'search_type'],
])('%j is a 422 in the form of FastAPI', async (body, field) => {
  const { ask } = await open();
  const { status, body: answer } = await ask('POST', BULK, body);
  expect(status).toBe(422);
  expect(answer.detail[0]).toMatchObject({
    loc: ['body', field],
    msg: expect.any(String),
    type: expect.any(String),
  });
});

test('what is not there, not allowed or not JSON', async () => {
  const { ask, submit } = await open();
  const id = await submit({ query: 'x' });
  expect((await ask('POST', BULK, '{nope')).status).toBe(422);
  expect((await ask('GET', `${BULK}/${id}?limit=101`)).status).toBe(422);
  expect((await ask('GET', `${BULK}/${id}?cursor=page_0007`)).status).toBe(404);
  expect((await ask('GET', `${BULK}/${id}?cursor=../x`)).status).toBe(404);
  expect((await ask('GET', `${BULK}/00000000-0000-4000-8000-000000000000`)).status).toBe(404);
  expect((await ask('GET', '/elsewhere')).status).toBe(404);
  expect((await ask('DELETE', `${BULK}/${id}`)).status).toBe(405);
  expect((await ask('GET', '/api/v1/credits/balance', undefined, 'of_wrong')).status).toBe(401);
  expect((await ask('POST', BULK, 'x'.repeat(1_100_000))).status).toBe(413);
});
