import { describe, expect, test } from 'vitest';
import { OpenFunnelError } from '../../src/lib/errors.ts';
import { OpenFunnelClient } from '../../src/openfunnel/client.ts';
import { Gate, MAX_IN_FLIGHT } from '../../src/openfunnel/gate.ts';
import type { Exchange, HttpAnswer } from '../../src/openfunnel/http.ts';
import { TransportError } from '../../src/openfunnel/http.ts';
import { concernsOnePage, parseRetryAfter, retryInMs, worthWaiting } from '../../src/openfunnel/retry.ts';
import { FakeClock } from '../fake-clock.ts';

const page = {
  job_id: 'j',
  status: 'running',
  rows: [],
  page: 'page_0000',
  next_cursor: null,
};

type Step = Partial<HttpAnswer> | Error;

function clientOver(steps: Step[], apiKey: string | undefined = 'of_secret') {
  const clock = new FakeClock();
  const sent: Exchange[] = [];
  const client = new OpenFunnelClient({
    baseUrl: new URL('https://api.test/'),
    apiKey,
    clock,
    random: () => 0.5,
    userAgent: 'test',
    send: async (exchange) => {
      sent.push(exchange);
      const step = steps.length > 1 ? steps.shift() : steps[0];
      if (step instanceof Error) throw step;
      return {
        status: 200,
        retryAfter: undefined,
        body: JSON.stringify(page),
        ...step,
      };
    },
  });
  return { client, clock, sent };
}

describe('GET', () => {
  test('that its caller gave up leaves its place to others', async () => {
    const stuck = new OpenFunnelClient({
      baseUrl: new URL('https://api.test/'),
      apiKey: 'of_secret',
      clock: new FakeClock(),
      random: () => 0.5,
      userAgent: 'test',
      send: ({ url, signal }) =>
        url.pathname.endsWith('stuck')
          ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
          : Promise.resolve({ status: 200, retryAfter: undefined, body: JSON.stringify(page) }),
    });
    for (let round = 0; round < MAX_IN_FLIGHT; round += 1) {
      const caller = new AbortController();
      const call = stuck.getPage('stuck', undefined, caller.signal);
      await Promise.resolve();
      caller.abort(new Error('gone'));
      await expect(call).rejects.toThrow('gone');
    }
    expect((await stuck.getPage('j')).job_id).toBe('j');
  });

  test.each([
    ['a 503', { status: 503 }],
    ['a broken connection', new TransportError('broken', false)],
    ['HTML', { body: '<html>' }],
    ['nothing', { body: '' }],
    ['another job', { body: JSON.stringify({ ...page, job_id: 'other' }) }],
  ] as [string, Step][])('is tried again after %s', async (_, fault) => {
    const { client, clock, sent } = clientOver([fault, {}]);
    await clock.run(client.getPage('j'));
    expect(sent).toHaveLength(2);
  });

  test.each([
    [401, 'unauthorized'],
    [402, 'insufficient_credits'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [422, 'invalid_input'],
    [302, 'upstream_invalid_response'],
  ])('is not tried again after %i', async (status, code) => {
    const { client, clock, sent } = clientOver([{ status, body: '{"detail":"no"}' }]);
    await expect(clock.run(client.getPage('j'))).rejects.toMatchObject({
      code,
      httpStatus: status,
    });
    expect(sent).toHaveLength(1);
  });

  test('waits as long as Retry-After asks, and gives up at once where that is absurd', async () => {
    const polite = clientOver([{ status: 429, retryAfter: '7' }, {}]);
    await polite.clock.run(polite.client.getPage('j'));
    expect(polite.clock.elapsed).toBe(7_000);
    const zero = clientOver([{ status: 429, retryAfter: '0' }, {}]);
    await zero.clock.run(zero.client.getPage('j'));
    expect(zero.clock.elapsed).toBeGreaterThan(0);
    const absurd = clientOver([{ status: 429, retryAfter: '3600' }]);
    await expect(absurd.clock.run(absurd.client.getPage('j'))).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 3600,
    });
    expect(absurd.clock.elapsed).toBe(0);
  });

  test('callers of the same page share a request; it is aborted when all have left', async () => {
    const { client, clock, sent } = clientOver([{ status: 503 }]);
    const one = new AbortController();
    const two = new AbortController();
    const calls = [client.getPage('j', undefined, one.signal), client.getPage('j', undefined, two.signal)];
    const settled = Promise.allSettled(calls);
    await clock.settle();
    expect(sent).toHaveLength(1);
    one.abort(new Error('left'));
    await clock.settle();
    expect(sent[0]?.signal.aborted).toBe(false);
    two.abort(new Error('left'));
    await settled;
    expect(sent[0]?.signal.aborted).toBe(true);
  });
});

describe('one deadline a read', () => {
  /** Answers the first request never, the others at once. */
  function hanging() {
    const clock = new FakeClock();
    const sent: number[] = [];
    const client = new OpenFunnelClient({
      baseUrl: new URL('https://api.test/'),
      apiKey: 'of_secret',
      clock,
      random: () => 0.5,
      userAgent: 'test',
      send: async ({ signal, timeoutMs }) => {
        sent.push(clock.elapsed);
        if (sent.length > 1) return { status: 200, retryAfter: undefined, body: JSON.stringify(page) };
        await clock.sleep(timeoutMs, signal);
        throw new TransportError('timeout', false);
      },
    });
    return { client, clock, sent };
  }

  test('who joins a read that has a second left keeps his own time, and so does the other', async () => {
    const { client, clock, sent } = hanging();
    const short = client.getPage('j', undefined, undefined, { at: 1_000 });
    const long = client.getPage('j', undefined, undefined, { at: 30_000 });
    const early = expect(clock.run(short)).rejects.toMatchObject({ code: 'timeout' });
    await early;
    expect(clock.elapsed).toBe(1_000);
    expect((await clock.run(long)).status).toBe('running');
    expect(sent).toHaveLength(2);
  });

  test('a known failure is reported when the time is up', async () => {
    const { client, clock } = clientOver([{ status: 503 }]);
    await expect(clock.run(client.getPage('j', undefined, undefined, { at: 6_000 }))).rejects.toMatchObject({
      code: 'upstream_unavailable',
    });
    expect(clock.elapsed).toBeLessThanOrEqual(6_000);
  });

  test('a read whose turn never comes ends at its deadline', async () => {
    const { client, clock } = clientOver([{ status: 429, retryAfter: '18' }, {}]);
    const limited = client.getPage('j');
    await clock.settle();
    await expect(clock.run(client.getPage('two', undefined, undefined, { at: 5_000 }))).rejects.toMatchObject(
      { code: 'timeout' },
    );
    expect(clock.elapsed).toBe(5_000);
    await clock.run(limited);
  });

  test('setting the system clock back stalls nothing', async () => {
    const { client, clock } = clientOver([{ status: 503 }, { status: 429, retryAfter: '2' }, {}]);
    const call = client.getPage('j');
    await clock.settle();
    clock.setClockBy(-3_600_000);
    await clock.run(call);
    expect(clock.elapsed).toBeLessThan(5_000);
  });
});

test.each([
  ['network', true, { again: true, wait: true, onePage: true }],
  ['network', false, { again: false, wait: false, onePage: true }],
  ['timeout', true, { again: true, wait: true, onePage: true }],
  ['upstream_unavailable', true, { again: true, wait: true, onePage: true }],
  ['rate_limited', true, { again: true, wait: true, onePage: false }],
  ['upstream_invalid_response', true, { again: true, wait: true, onePage: false }],
  ['not_found', false, { again: false, wait: false, onePage: true }],
  ['unauthorized', false, { again: false, wait: false, onePage: false }],
] as const)('the retry table: %s, retryable %s', (code, retryable, expected) => {
  const failure = new OpenFunnelError(code, '', { retryable });
  const facts = { attempt: 1, leftMs: 20_000, pausedMs: 0, random: () => 0 };
  expect({
    again: retryInMs(failure, facts) !== null,
    wait: worthWaiting(failure, 10_000),
    onePage: concernsOnePage(failure),
  }).toEqual(expected);
});

describe('submit', () => {
  test.each([
    ['a 500', { status: 500 }],
    ['a redirect', { status: 302 }],
    ['a reset', new TransportError('broken', false)],
    ['silence', new TransportError('timeout', false)],
    ['a success without a job id', { status: 200, body: '{"status":"pending"}' }],
  ] as [string, Step][])('is sent once and of unknown outcome after %s', async (_, fault) => {
    const { client, clock, sent } = clientOver([fault]);
    await expect(clock.run(client.submit({ query: 'x', limit: 1 }))).rejects.toMatchObject({
      code: 'submit_outcome_unknown',
      submitted: 'unknown',
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['a refused connection', new TransportError('refused', true), 'network'],
    ['a failed look-up', new TransportError('dns', true), 'network'],
    ['a 429', { status: 429 }, 'rate_limited'],
    ['a 400 for credits', { status: 400, body: '{"error_code":"CREDITS_EXCEEDED"}' }, 'insufficient_credits'],
  ] as [string, Step, string][])('did not happen after %s', async (_, fault, code) => {
    const { client, clock, sent } = clientOver([fault]);
    await expect(clock.run(client.submit({ query: 'x', limit: 1 }))).rejects.toMatchObject({
      code,
      submitted: 'no',
    });
    expect(sent).toHaveLength(1);
  });
});

test('a key that upstream echoes never gets out', async () => {
  const { client, clock } = clientOver([{ status: 403, body: '{"detail":"bad key of_secret"}' }]);
  const error = await clock.run(client.getPage('j')).catch((caught: Error) => caught);
  expect(String(error)).toContain('[api key]');
  expect(String(error)).not.toContain('of_secret');
});

test('Retry-After: seconds, dates, nonsense', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(parseRetryAfter('5', undefined, now)).toBe(5);
  const dates = [
    'Thu, 01 Jan 2026 00:00:30 GMT',
    'Thursday, 01-Jan-26 00:00:30 GMT',
    'Thu Jan  1 00:00:30 2026',
    '2026-01-01T00:00:30Z',
    '2026-01-01T01:00:30+01:00',
    '2026-01-01 00:00:30',
  ];
  for (const date of dates) expect(parseRetryAfter(date, undefined, now), date).toBe(30);
  expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', undefined, now)).toBe(0);
  for (const nonsense of [undefined, '', '-5', 'soon', '5 minutes'])
    expect(parseRetryAfter(nonsense, undefined, now)).toBeNull();
});

test('Retry-After as a date is measured by the server’s clock, whatever ours says', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const http = (ms: number) => new Date(ms).toUTCString();
  for (const ahead of [-86_400_000, -3_600_000, 0, 3_600_000, 86_400_000])
    expect(parseRetryAfter(http(now + ahead + 2_000), http(now + ahead), now), `${ahead}`).toBe(2);
  for (const nonsense of ['', 'now', '0']) expect(parseRetryAfter(http(now + 2_000), nonsense, now)).toBe(2);
});

test.each([200, 201, 202, 203])('an answer of HTTP %d is taken', async (status) => {
  const { client, clock } = clientOver([{ status, body: '{"job_id":"j","status":"running","rows":[]}' }]);
  expect(await clock.run(client.getPage('j'))).toMatchObject({ status: 'running' });
});

test.each([
  ['page_0001', 'page_0001'],
  [7, '7'],
  [0, '0'],
  ['eyJvIjoxMDB9+/=', 'eyJvIjoxMDB9+/='],
  ['what? cursor=', 'what? cursor='],
  [{ offset: 100 }, '{"offset":100}'],
  ['https://api.test/api/v1/account/x/j?limit=100&cursor=a%2Bb', 'a+b'],
  ['/api/v1/account/x/j?cursor=page_0002', 'page_0002'],
  ['?cursor=page_0002', 'page_0002'],
  ['', null],
  ['  ', '  '],
  [null, null],
  [false, null],
  [undefined, null],
])('the cursor %j is sent back as %j', async (next_cursor, sent) => {
  const page = { job_id: 'j', status: 'running', rows: [{ name: 'x' }], next_cursor };
  const { client, clock } = clientOver([{ status: 200, body: JSON.stringify(page) }]);
  expect((await clock.run(client.getPage('j'))).next_cursor).toBe(sent);
});

test('only two page names can be known to differ', async () => {
  const page = (name: string) => ({
    status: 200,
    body: JSON.stringify({ job_id: 'j', status: 'running', rows: [], page: name }),
  });
  const { client, clock } = clientOver([page('page_0001'), page('2'), page('page_0002')]);
  expect((await clock.run(client.getPage('j', 'eyJvIjoxMDB9'))).page).toBe('page_0001');
  expect((await clock.run(client.getPage('j', 'page_0002'))).page).toBe('2');
  expect((await clock.run(client.getPage('j', 'page_0002'))).page).toBe('page_0002');
});

test('the gate bounds what is in flight, and a 429 halves it once', async () => {
  const gate = new Gate(new FakeClock());
  const { signal } = new AbortController();
  const leaves = await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, () => gate.enter(signal)));
  let entered = false;
  const ninth = gate.enter(signal).then((leave) => {
    entered = true;
    return leave;
  });
  await Promise.resolve();
  expect(entered).toBe(false);
  for (const leave of leaves) leave('throttled');
  expect(gate.limit).toBe(MAX_IN_FLIGHT / 2);
  (await ninth)('ok');
});
