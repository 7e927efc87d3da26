import { Agent, get } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/serve.ts';

const BULK = '/api/v1/account/search-lookalikes-bulk';
const BALANCE = '/api/v1/credits/balance';
const LENGTH = 100_000;
const FIELDS = [
  'name',
  'domain',
  'linkedin_url',
  'headquarters',
  'match_reason',
  'rerank_score',
  'employee_count',
  'funding_stage',
  'revenue_usd',
  'industries',
  'hq_city',
  'hq_region',
  'hq_country',
  'linkedin_follower_count',
  'description',
  'tagline',
];

interface Row {
  name: string;
  domain: string;
  headquarters: string | null;
  match_reason: string | null;
  employee_count: number | null;
  funding_stage: string | null;
  hq_country: string | null;
  description: string | null;
}

interface Manifest {
  count: number;
  pages: number;
  credits_consumed: number;
  derived_query: string | null;
}

interface Page {
  status: string;
  manifest: Manifest | null;
  error_message: string | null;
  rows: Row[];
  page: string;
  next_cursor: string | null;
  count: number;
  processed: number | null;
  progress_message: string | null;
}

const open: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox whose time stands still until `pass` moves it, by shares of a job's length. */
async function start(options: SandboxOptions = {}) {
  let time = 1_800_000_000_000;
  const sandbox = await startSandbox({ now: () => time, durationMs: () => LENGTH, ...options });
  open.push(sandbox);
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(sandbox.url + path, {
      method,
      headers: { 'x-api-key': sandbox.apiKey, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const page = async (id: string, cursor?: string): Promise<Page> => {
    const { status, body } = await ask('GET', `${BULK}/${id}${cursor ? `?cursor=${cursor}` : ''}`);
    expect(status).toBe(200);
    return body as unknown as Page;
  };
  return {
    sandbox,
    ask,
    page,
    passMs: (ms: number) => {
      time += ms;
    },
    pass: (share: number) => {
      time += share * LENGTH;
    },
    submit: async (body: Record<string, unknown> = {}) => {
      const answer = await ask('POST', BULK, { query: 'expense software', limit: 45, ...body });
      expect(answer.status).toBe(200);
      return answer.body.job_id as string;
    },
    rows: async (id: string) => {
      const rows: Row[] = [];
      for (let cursor: string | null = 'page_0000'; cursor !== null; ) {
        const next: Page = await page(id, cursor);
        rows.push(...next.rows);
        cursor = next.next_cursor;
      }
      return rows;
    },
    credits: async () => (await ask('GET', BALANCE)).body,
  };
}

describe('HTTP', () => {
  test('the key, unknown paths, wrong methods, a body that is too large', async () => {
    const { ask, sandbox } = await start({ apiKey: 'of_mine' });
    expect((await fetch(sandbox.url + BALANCE)).status).toBe(401);
    expect((await ask('GET', BALANCE, undefined, { 'x-api-key': 'of_sandbox' })).status).toBe(401);
    expect((await ask('GET', BALANCE)).status).toBe(200);
    for (const path of ['/', '//', '/nope', `${BULK}x`, `${BULK}/a/b`, `${BULK}/%zz`, `${BULK}/unknown`]) {
      expect([path, (await ask('GET', path)).status]).toEqual([path, 404]);
    }
    expect((await ask('POST', `${BULK}/unknown/cancel`)).status).toBe(404);
    expect((await ask('GET', BULK)).status).toBe(405);
    expect((await ask('POST', BALANCE)).status).toBe(405);
    expect((await ask('DELETE', `${BULK}/unknown`)).status).toBe(405);
    expect((await ask('POST', BULK, 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  test('what is asked can be intercepted', async () => {
    const asked: Array<string | undefined> = [];
    const { ask } = await start({
      intercept: ({ req, res, respond }) => {
        asked.push(req.url);
        if (req.url === '/broken') res.writeHead(503).end('{}');
        respond();
      },
    });
    expect((await ask('GET', '/broken')).status).toBe(503);
    expect((await ask('GET', `${BALANCE}?x=1`)).status).toBe(200);
    expect(asked).toEqual(['/broken', `${BALANCE}?x=1`]);
  });

  test('closing does not wait for connections that are kept alive', async () => {
    const sandbox = await startSandbox();
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => {
      get(sandbox.url, { agent }, (answer) => answer.resume().on('end', resolve));
    });
    await sandbox.close();
    await sandbox.close();
    agent.destroy();
  });
});

describe('submitting', () => {
  test('the answer', async () => {
    const { ask } = await start();
    const { status, body } = await ask('POST', BULK, { query: 'x' });
    expect(status).toBe(200);
    expect(body).toEqual({
      job_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      status: 'pending',
      message: expect.any(String),
    });
  });

  const rejected: Array<[body: unknown, field: string | number | undefined]> = [
    ['{', 0],
    ['[]', undefined],
    ['null', undefined],
    [{}, 'query'],
    [{ query: ' ' }, 'query'],
    [{ query: 5 }, 'query'],
    [{ seed_domains: [] }, 'seed_domains'],
    [{ seed_domains: 'a.com' }, 'seed_domains'],
    [{ seed_domains: Array(11).fill('a.com') }, 'seed_domains'],
    [{ query: 'x', limit: 0 }, 'limit'],
    [{ query: 'x', limit: 10_001 }, 'limit'],
    [{ query: 'x', limit: 1.5 }, 'limit'],
    [{ query: 'x', limit: '5' }, 'limit'],
    [{ query: 'x', min_employees: -1 }, 'min_employees'],
    [{ query: 'x', min_employees: 9, max_employees: 8 }, 'max_employees'],
    [{ query: 'x', funding_stages: ['Pre Seed'] }, 'funding_stages'],
    [{ query: 'x', locations: ['US'] }, 'locations'],
    [{ query: 'x', locations: ['ZZZ'] }, 'locations'],
    [{ query: 'x', search_type: 'fuzzy' }, 'search_type'],
  ];
  test.each(rejected)('%j is a 422', async (input, field) => {
    const { ask } = await start();
    const { status, body } = await ask('POST', BULK, input);
    expect(status).toBe(422);
    const loc = field === undefined ? ['body'] : ['body', field];
    expect(body).toEqual({ detail: [{ loc, msg: expect.any(String), type: expect.any(String) }] });
  });

  test('every documented stage, and 1 to 10,000 companies; no limit means 100', async () => {
    const { submit, ask, page, pass } = await start();
    const stages = ['Pre-Seed', 'Seed', ...[...'ABCDEFGH'].map((letter) => `Series ${letter}`)];
    await submit({ funding_stages: [...stages, 'Acquired', 'Private', 'Public'], limit: 1 });
    await submit({ limit: 10_000 });
    const { body } = await ask('POST', BULK, { query: 'x' });
    pass(1);
    expect((await page(body.job_id as string)).manifest?.count).toBe(100);
  });

  test('credits: a limit above what is left is a 402; a job is billed when it ends', async () => {
    const { submit, ask, credits, pass } = await start({ totalCredits: 100 });
    expect(await credits()).toEqual({ total_credits: 100, credits_used: 37.5, credits_left: 62.5 });
    const refused = await ask('POST', BULK, { query: 'x', limit: 63 });
    expect(refused.status).toBe(402);
    expect(refused.body).toMatchObject({ error_code: 'CREDITS_EXCEEDED', message: expect.any(String) });
    await submit({ limit: 62 });
    pass(0.99);
    expect(await credits()).toMatchObject({ credits_used: 37.5 });
    pass(0.01);
    expect(await credits()).toEqual({ total_credits: 100, credits_used: 99.5, credits_left: 0.5 });
    expect((await ask('POST', BULK, { query: 'x', limit: 1 })).status).toBe(402);
  });
});

describe('a job', () => {
  test('from pending to completed', async () => {
    const { submit, page, pass } = await start({ pageSize: 10 });
    const id = await submit();
    expect(await page(id)).toEqual({
      job_id: id,
      status: 'pending',
      manifest: null,
      error_message: null,
      rows: [],
      page: 'page_0000',
      next_cursor: null,
      count: 0,
      processed: null,
      progress_message: null,
    });
    const stages: Array<string | null> = [];
    let processed = 0;
    let newest = 'page_0000';
    for (let step = 1; step < 100; step += 1) {
      pass(0.01);
      const { rows, ...now } = await page(id);
      if (now.progress_message !== stages.at(-1)) stages.push(now.progress_message);
      expect(now).toMatchObject({ manifest: null, error_message: null, count: rows.length });
      expect(now.processed ?? 0).toBeGreaterThanOrEqual(processed);
      processed = now.processed ?? 0;
      // The newest page of a running job has no next one, and that says nothing.
      for (let seen = await page(id, newest); ; seen = await page(id, newest)) {
        expect(seen.status).toBe(step < 5 ? 'pending' : 'running');
        if (seen.next_cursor === null) break;
        newest = seen.next_cursor;
      }
    }
    expect(stages).toEqual([null, 'retrieving_companies', 'qualifying_companies', 'reranking_companies']);
    expect([processed, newest]).toEqual([45, 'page_0004']);
    pass(0.011);
    const last = await page(id, 'page_0004');
    expect(last).toMatchObject({
      status: 'completed',
      count: 5,
      next_cursor: null,
      processed: 45,
      progress_message: 'completed',
      manifest: {
        count: 45,
        pages: 5,
        page_size: 10,
        credits_consumed: 45,
        derived_query: null,
        resolved_seed_domains: null,
        unresolved_seed_domains: null,
        rerank_degraded: false,
        partial: false,
      },
    });
  });

  test('pages appear as they fill; one that is not there yet is a 404', async () => {
    const { submit, page, pass, ask } = await start({ pageSize: 10 });
    const id = await submit();
    pass(0.5);
    const first = await page(id);
    expect(first).toMatchObject({ status: 'running', count: 10, next_cursor: 'page_0001', processed: 21 });
    expect(await page(id, 'page_0001')).toMatchObject({ count: 10, next_cursor: null });
    for (const cursor of ['page_0002', 'page_00001', 'page_-001', 'x', '2']) {
      const { status, body } = await ask('GET', `${BULK}/${id}?cursor=${cursor}`);
      expect([cursor, status, body]).toEqual([cursor, 404, { detail: expect.any(String) }]);
    }
    pass(0.5);
    expect((await page(id, 'page_0001')).next_cursor).toBe('page_0002');
  });

  test('the final order differs from the streamed one, within each page', async () => {
    const { submit, rows, pass } = await start({ pageSize: 10 });
    const id = await submit({ limit: 40 });
    pass(0.9);
    const streamed = (await rows(id)).map(({ name }) => name);
    pass(0.1);
    const final = (await rows(id)).map(({ name }) => name);
    for (let start = 0; start < 40; start += 10) {
      const [before, after] = [streamed.slice(start, start + 10), final.slice(start, start + 10)];
      expect(after).not.toEqual(before);
      expect([...after].sort()).toEqual([...before].sort());
    }
  });

  test('limit on a page is checked and ignored', async () => {
    const { submit, ask, pass } = await start();
    const id = await submit();
    pass(1);
    expect((await ask('GET', `${BULK}/${id}?limit=1`)).body.count).toBe(45);
    for (const limit of ['0', '101', 'x', '']) {
      expect((await ask('GET', `${BULK}/${id}?limit=${limit}`)).status).toBe(422);
    }
  });

  test('takes 9 s and 25 ms a company, 120 s at most, and less with speed', async () => {
    for (const [limit, speed, ms] of [
      [40, 1, 10_000],
      [10_000, 1, 120_000],
      [40, 10, 1_000],
    ] as const) {
      let time = 0;
      const sandbox = await startSandbox({ now: () => time, speed });
      open.push(sandbox);
      const headers = { 'x-api-key': sandbox.apiKey };
      const submitted = await fetch(sandbox.url + BULK, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: 'x', limit }),
      });
      const { job_id } = (await submitted.json()) as { job_id: string };
      const status = async () =>
        ((await (await fetch(`${sandbox.url}${BULK}/${job_id}`, { headers })).json()) as Page).status;
      time = ms - 1;
      expect(await status()).toBe('running');
      time = ms;
      expect(await status()).toBe('completed');
    }
  });

  test('agentic delivers about 60 %', async () => {
    const { submit, page, pass, credits } = await start();
    const id = await submit({ limit: 200, search_type: 'agentic' });
    pass(1);
    expect((await page(id)).manifest).toMatchObject({ count: 120, pages: 2, credits_consumed: 120 });
    expect(await credits()).toMatchObject({ credits_used: 157.5 });
  });

  test('seeds: those that resolved are reported; none resolved is a failure', async () => {
    const { submit, page, pass, credits } = await start();
    const seed_domains = ['https://www.Ramp.example/x', 'unknown.com', 'unresolved.io', 'a.invalid'];
    const some = await submit({ query: undefined, seed_domains });
    const none = await submit({ query: undefined, seed_domains: seed_domains.slice(1) });
    pass(1);
    expect((await page(some)).manifest).toMatchObject({
      derived_query: expect.stringContaining('ramp'),
      resolved_seed_domains: ['ramp.example'],
      unresolved_seed_domains: ['unknown.com', 'unresolved.io', 'a.invalid'],
    });
    expect(await page(none)).toMatchObject({
      status: 'failed',
      error_message: expect.stringContaining('seed'),
      manifest: null,
      rows: [],
    });
    expect(await credits()).toMatchObject({ credits_used: 82.5 });
  });

  test('[fail] fails half-way; what was delivered can be read', async () => {
    const { submit, page, pass, rows, ask } = await start({ pageSize: 10 });
    const id = await submit({ query: 'payroll [fail]' });
    pass(0.49);
    expect(await page(id)).toMatchObject({ status: 'running', error_message: null });
    pass(0.02);
    expect(await page(id)).toMatchObject({
      status: 'failed',
      error_message: expect.any(String),
      manifest: null,
    });
    pass(5);
    expect(await rows(id)).toHaveLength(20);
    expect((await ask('POST', `${BULK}/${id}/cancel`)).status).toBe(409);
  });
});

describe('cancelling', () => {
  test('keeps and bills the pages delivered', async () => {
    const { submit, page, pass, passMs, rows, ask, credits } = await start({ pageSize: 10 });
    const id = await submit();
    pass(0.5);
    const before = await rows(id);
    const { status, body } = await ask('POST', `${BULK}/${id}/cancel`);
    expect(status).toBe(200);
    expect(body).toEqual({ job_id: id, status: 'cancelling', message: expect.any(String) });
    passMs(999);
    expect(await page(id)).toMatchObject({ status: 'cancelling', manifest: null, processed: 21 });
    expect((await ask('POST', `${BULK}/${id}/cancel`)).status).toBe(200);
    expect(await credits()).toMatchObject({ credits_used: 37.5 });
    passMs(1);
    expect(await page(id)).toMatchObject({
      status: 'cancelled',
      progress_message: 'cancelled',
      manifest: { count: 20, pages: 2, credits_consumed: 20, partial: true },
    });
    pass(5);
    expect(await rows(id)).toEqual(before);
    expect(await credits()).toMatchObject({ credits_used: 57.5 });
    expect((await ask('POST', `${BULK}/${id}/cancel`)).status).toBe(409);
  });

  test('before any page: nothing is delivered; speed shortens it', async () => {
    const { submit, page, passMs, ask } = await start({ speed: 100 });
    const id = await submit();
    await ask('POST', `${BULK}/${id}/cancel`);
    expect(await page(id)).toMatchObject({ status: 'cancelling', processed: null });
    passMs(10);
    expect(await page(id)).toMatchObject({
      status: 'cancelled',
      rows: [],
      manifest: { count: 0, pages: 0, credits_consumed: 0, partial: true },
    });
  });

  test('a completed job cannot be cancelled', async () => {
    const { submit, pass, ask } = await start();
    const id = await submit();
    pass(1);
    expect((await ask('POST', `${BULK}/${id}/cancel`)).status).toBe(409);
  });
});

describe('rows', () => {
  test('have the real shape and its faults at about the real rates', async () => {
    const { submit, rows, pass } = await start();
    const id = await submit({ limit: 10_000, query: 'expense management software' });
    pass(1);
    const all = await rows(id);
    expect(all).toHaveLength(10_000);
    expect(new Set(all.map((row) => Object.keys(row).join()))).toEqual(new Set([FIELDS.join()]));
    expect(all.filter(({ name }) => name === '')).toEqual([]);
    expect(all.filter(({ domain }) => !/^$|^[a-z0-9]+\.example$/.test(domain))).toEqual([]);
    const near = (rate: number, wanted: number) =>
      expect(Math.abs(rate - wanted)).toBeLessThan(wanted * 0.15);
    const share = (of: (row: Row) => boolean) => all.filter(of).length / all.length;
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
      share(({ match_reason }) => match_reason === null),
      0.01,
    );
    const repeats = (page: Row[]) => {
      const domains = page.map(({ domain }) => domain).filter((domain) => domain !== '');
      return domains.length - new Set(domains).size;
    };
    let repeated = 0;
    for (let start = 0; start < all.length; start += 100) repeated += repeats(all.slice(start, start + 100));
    expect(repeated / all.length).toBeGreaterThan(0.045);
    expect(repeated / all.length).toBeLessThan(0.075);
    const stages = new Set(all.map(({ funding_stage }) => funding_stage));
    for (const odd of ['No Funding Yet', 'Series Unknown', 'Pre Seed']) expect(stages).toContain(odd);

    const descriptions = all.map(({ description }) => description ?? '');
    expect(Math.max(...descriptions.map(({ length }) => length))).toBeGreaterThan(2_000);
    expect(descriptions.some((text) => text.includes('\n') && /[^\p{ASCII}]/u.test(text))).toBe(true);
    const reasons = all.flatMap(({ match_reason }) => match_reason ?? []);
    expect(reasons.every((reason) => reason.includes('"expense management software"'))).toBe(true);
    const length = reasons.reduce((sum, reason) => sum + reason.length, 0) / reasons.length;
    expect(length).toBeGreaterThan(140);
    expect(length).toBeLessThan(200);
    const pageBytes = Buffer.byteLength(JSON.stringify(all)) / 100;
    expect(pageBytes).toBeGreaterThan(100_000);
    expect(pageBytes).toBeLessThan(260_000);
  });

  test('follow from the seed and the body alone', async () => {
    const names = async (seed: number, query: string) => {
      const { submit, rows, pass } = await start({ seed });
      const id = await submit({ query });
      pass(1);
      return JSON.stringify(await rows(id));
    };
    const first = await names(1, 'x');
    expect(await names(1, 'x')).toBe(first);
    expect(await names(2, 'x')).not.toBe(first);
    expect(await names(1, 'y')).not.toBe(first);
  });

  test('pass the filters', async () => {
    const { submit, rows, pass } = await start();
    const filtered = async (filters: Record<string, unknown>) => {
      const id = await submit({ limit: 300, ...filters });
      pass(1);
      return rows(id);
    };
    for (const [min_employees, max_employees] of [
      [50, 60],
      [0, 0],
      [5_000, undefined],
      [undefined, 3],
      [7, 7],
    ]) {
      for (const { employee_count } of await filtered({ min_employees, max_employees })) {
        expect(employee_count).not.toBeNull();
        expect(employee_count).toBeGreaterThanOrEqual(min_employees ?? 0);
        expect(employee_count).toBeLessThanOrEqual(max_employees ?? Number.POSITIVE_INFINITY);
      }
    }
    const staged = await filtered({ funding_stages: ['Series A', 'Public'] });
    expect(new Set(staged.map(({ funding_stage }) => funding_stage))).toEqual(
      new Set(['Series A', 'Public']),
    );
    const placed = await filtered({ locations: ['GBR', 'KEN'] });
    expect(new Set(placed.map(({ hq_country }) => hq_country))).toEqual(new Set(['United Kingdom', 'Kenya']));
    expect(placed.every(({ headquarters }) => headquarters !== null)).toBe(true);
    const european = new Set((await filtered({ locations: ['EU'] })).map(({ hq_country }) => hq_country));
    expect(european.size).toBe(27);
    expect(european).toContain('Malta');
    expect(european).not.toContain('Switzerland');
    // Empty lists filter nothing.
    const anywhere = await filtered({ locations: [], funding_stages: [] });
    expect(anywhere.some(({ headquarters }) => headquarters === null)).toBe(true);
  });
});

describe('how right a list is', () => {
  const seed_domains = ['ramp.com', 'brex.com'];
  /** Which ranks of a list have a company of the kind looked for: what it says of itself tells. */
  const right = async (body: Record<string, unknown>) => {
    const { submit, rows, pass } = await start();
    const id = await submit({ query: undefined, limit: 300, ...body });
    pass(1);
    return (await rows(id)).flatMap(({ description }) =>
      description === null ? [] : description.includes(' is a platform for ') ? 1 : 0,
    );
  };
  const shareOf = (list: number[]) => list.reduce<number>((sum, each) => sum + each, 0) / list.length;

  test('a query beside seeds finds more, and searches differ', async () => {
    const shares = new Set<number>();
    for (const query of ['expense cards', 'payroll', 'fleet telematics']) {
      const both = shareOf(await right({ seed_domains, query, limit: 100 }));
      const alone = shareOf(await right({ seed_domains: [`${query.slice(0, 3)}.com`], limit: 100 }));
      expect(both).toBeGreaterThan(alone + 0.05);
      shares.add(Math.round(both * 20)).add(Math.round(alone * 20));
    }
    expect(shares.size).toBeGreaterThan(3);
  });

  test('its good ranks come first, and a pilot is as right as they are', async () => {
    const list = await right({ seed_domains, query: 'expense cards' });
    expect(shareOf(list.slice(0, 100))).toBeGreaterThan(0.65);
    expect(shareOf(list.slice(-40))).toBeLessThan(0.45);
    const pilot = await right({ seed_domains, query: 'expense cards', limit: 30 });
    expect(Math.abs(shareOf(pilot) - shareOf(list.slice(0, 100)))).toBeLessThan(0.2);
  });
});
