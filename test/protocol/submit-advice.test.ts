import { appendFileSync, mkdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const QUERY = 'corporate cards and expense software for start-ups';
const SEEDS = ['ramp.com', 'brex.com'];

/** An upstream whose jobs complete at once with as many companies as they were submitted for, the first being a seed. */
async function market(refuse?: (body: Record<string, unknown>) => unknown) {
  const limits: number[] = [];
  const api = await upstream(({ method, path, body }, res) => {
    if (path.endsWith('/balance')) json(res, { total_credits: 9000, credits_used: 0, credits_left: 9000 });
    else if (path.endsWith('/lookup-companies')) {
      const { companies } = JSON.parse(body) as { companies: unknown[] };
      json(res, { results: companies.map(() => ({ status: 'resolved', matches: [{ name: 'Ramp' }] })) });
    } else if (method === 'POST') {
      const given = JSON.parse(body) as Record<string, unknown>;
      const refused = refuse?.(given);
      if (refused !== undefined) json(res, refused, 422);
      else json(res, { job_id: `job-${limits.push(Number(given.limit))}`, status: 'pending' });
    } else {
      const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
      const count = limits[Number(job_id.slice(4)) - 1] ?? 0;
      const rows: Rows = Array.from({ length: count }, (_, at) => ({
        name: `Company ${at}`,
        domain: at === 0 ? 'ramp.com' : `${job_id}-${at}.example`,
      }));
      const pages = Array.from({ length: Math.ceil(count / 100) }, (_, at) =>
        rows.slice(at * 100, at * 100 + 100),
      );
      json(res, pageOf(pages, cursorOf(path), { job_id }));
    }
  });
  return { env: { OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_API_KEY: 'of_test_key' }, limits };
}

async function onMarket(env: Record<string, string> = {}, clock?: Clock) {
  const over = await market();
  const client = await connect({ ...over.env, ...env }, [], clock && { clock });
  const submit = async (args: Record<string, unknown>) => {
    const { data, text, isError } = await call(client, 'submit_lookalikes_bulk', args);
    expect(isError, text).toBe(false);
    const notices: string[] = data.notices ?? [];
    for (const notice of notices) expect(text.split(notice)).toHaveLength(2);
    return { id: data.job_id as string, said: notices.join('\n'), notices };
  };
  const judge = async (job_id: string, verdicts: Record<string, number[]>) => {
    await call(client, 'wait_and_collect', { job_id });
    const marks = Object.entries(verdicts).flatMap(([verdict, rows]) =>
      rows.map((row) => ({ row, verdict })),
    );
    const { isError, text } = await call(client, 'mark_companies', { job_id, marks });
    expect(isError, text).toBe(false);
  };
  return { client, submit, judge, limits: over.limits };
}

/** Every `step`th number. */
const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);

describe('what is said of a search before it is paid for, and never refused for', () => {
  test('seeds alone, once; with a query nothing', async () => {
    const { submit } = await onMarket();
    const alone = await submit({ seed_domains: SEEDS, limit: 30 });
    expect(alone.notices).toEqual([expect.stringMatching(/seeds alone.*query of at most 200 characters/)]);
    expect((await submit({ seed_domains: SEEDS, query: QUERY, limit: 30 })).notices).toEqual([]);
    expect((await submit({ query: QUERY, limit: 150 })).notices).toEqual([]);
  });

  test('more than 150 credits without a judged search of the words or seeds', async () => {
    const { submit, judge } = await onMarket();
    const big = { seed_domains: SEEDS, query: QUERY, limit: 151 };
    expect((await submit(big)).notices).toEqual([expect.stringMatching(/pilot \(limit 30.*for 30 credits/)]);
    const pilot = await submit({ ...big, limit: 30 });
    // Collected and not judged, or another search that is, says nothing of this one.
    expect((await submit({ ...big, limit: 152 })).said).toContain('pilot');
    const other = await submit({ query: 'bakeries', limit: 30 });
    await judge(other.id, { keep: every(2, 2, 30) });
    expect((await submit({ ...big, limit: 153 })).said).toContain('pilot');
    await judge(pilot.id, { keep: every(2, 2, 30) });
    expect((await submit({ ...big, limit: 154 })).said).not.toContain('pilot (');
  });

  test('nothing is said again of a search that stands already', async () => {
    const { submit } = await onMarket();
    const args = { seed_domains: SEEDS, limit: 300 };
    const first = await submit(args);
    expect(first.notices).toHaveLength(2);
    const again = await submit(args);
    expect([again.id, again.notices]).toEqual([first.id, []]);
  });
});

describe('what a judged pilot lets expect', () => {
  const numbers = (said: string) => {
    const [, of, fit, low, high, credits] =
      /of (\d+), about (\d+) \((\d+)–(\d+)\) fit, ([\d.]+) credits a fitting company/.exec(said) ?? [];
    return [of, fit, low, high, credits].map(Number);
  };

  test('its share applied to the new size, with the interval of a sample, though all of it is judged', async () => {
    const { submit, judge } = await onMarket();
    const pilot = await submit({ seed_domains: SEEDS, query: QUERY, limit: 31 });
    // Row 1 is a seed, and counts nowhere: 21 of 30 fit.
    await judge(pilot.id, { keep: every(1, 1, 22), drop: every(1, 23, 31) });
    const { said } = await submit({ seed_domains: SEEDS, query: QUERY, limit: 310 });
    const [of, fit, low, high, credits] = numbers(said) as [number, number, number, number, number];
    expect([of, fit, credits]).toEqual([310, 210, 1.5]);
    expect(low).toBeGreaterThan(120);
    expect(low).toBeLessThan(165);
    expect(high).toBeGreaterThan(235);
    expect(high).toBeLessThan(275);
    expect(said).toContain(`job ${pilot.id}`);
    expect(said).toContain('the same search; All 30 judged');
    expect(said).toContain('get worse with rank');
  });

  test('a maybe counts half, and more verdicts narrow it', async () => {
    const width = async (step: number) => {
      const { submit, judge } = await onMarket();
      const pilot = await submit({ query: QUERY, limit: 121 });
      await judge(pilot.id, { maybe: every(step, 2, 121) });
      const [, fit, low, high] = numbers(
        (await submit({ query: QUERY, limit: 1210, confirm_credits: 1210 })).said,
      );
      expect(fit).toBe(605);
      return (high ?? 0) - (low ?? 0);
    };
    expect(await width(4)).toBeLessThan(await width(12));
  });

  test('the search most like it speaks for it, and what differs is said; other letters are the same words', async () => {
    const { submit, judge } = await onMarket();
    const seeds = await submit({ seed_domains: SEEDS, limit: 30 });
    await judge(seeds.id, { drop: every(3, 2, 30), keep: every(3, 3, 30) });
    const better = await submit({ seed_domains: [...SEEDS].reverse(), query: QUERY, limit: 300 });
    expect(better.said).toContain(`job ${seeds.id} (like this one but for query`);
    await judge(better.id, { keep: every(10, 2, 300) });
    const cased = await submit({ seed_domains: SEEDS, query: QUERY.toUpperCase(), limit: 250 });
    expect(cased.said).toContain(`job ${better.id} (the same search`);
    const filtered = await submit({ seed_domains: SEEDS, query: QUERY, limit: 250, locations: ['USA'] });
    expect(filtered.said).toContain(`job ${better.id} (like this one but for locations`);
  });

  test('of a list whose first ranks alone are judged nothing is expected', async () => {
    const { submit, judge } = await onMarket();
    const pilot = await submit({ query: QUERY, limit: 100 });
    await judge(pilot.id, { keep: every(1, 2, 20) });
    const { said, notices } = await submit({ query: QUERY, limit: 300 });
    expect(notices).toHaveLength(2);
    expect(said).toContain(`Job ${pilot.id} is the same search, with limit `);
    expect(said).toMatch(/is judged in part, which tells nothing.*nothing is known of 21–100/);
    expect(numbers(said)).toEqual(Array(5).fill(Number.NaN));
  });

  test('where nothing fits no price is made up', async () => {
    const { submit, judge } = await onMarket();
    const pilot = await submit({ query: QUERY, limit: 21 });
    await judge(pilot.id, { drop: every(1, 2, 21) });
    const { said } = await submit({ query: QUERY, limit: 200 });
    expect(said).toMatch(/of 200, about 0 \(0–\d+\) fit\./);
  });
});

describe('what is stored of an earlier search is damaged or out of reach', () => {
  /** A judged pilot whose records are in `state`. */
  async function judgedPilot(clock?: Clock) {
    const state = temporaryFolder();
    const market = await onMarket({ OPENFUNNEL_STATE_DIR: state }, clock);
    const { id } = await market.submit({ query: QUERY, limit: 30 });
    await market.judge(id, { keep: every(2, 2, 30) });
    return { ...market, id, marks: join(state, 'marks', `marks-${id}.jsonl`) };
  }

  test('of damaged marks it is said that there were more', async () => {
    const { submit, id, marks } = await judgedPilot();
    appendFileSync(marks, 'no mark\n{"at":"x","ma');
    const { said } = await submit({ query: QUERY, limit: 200 });
    expect(said).toContain(`as right as job ${id}`);
    expect(said).toMatch(/Not all of its marks can be read \(\d of their records are damaged\)/);
  });

  test('where marks can not be read it is submitted, and not said that nothing is judged', async () => {
    const { submit, marks } = await judgedPilot();
    rmSync(marks);
    mkdirSync(marks);
    const { said } = await submit({ query: QUERY, limit: 200 });
    expect(said).toMatch(/may be judged here, but .* could not be read just now/);
    expect(said).not.toContain('pilot');
  });

  test('marks that can not be of our making are not taken into memory', async () => {
    const { submit, marks } = await judgedPilot();
    truncateSync(marks, 3_000_000_000);
    expect((await submit({ query: QUERY, limit: 200 })).said).toContain('could not be read just now');
  });

  test('a search does not wait for the end of a long query', async () => {
    const quick: Clock = {
      ...systemClock,
      monotonic: () => systemClock.monotonic() * 10,
      sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
    };
    const { client, submit } = await judgedPilot(quick);
    const given = new AbortController();
    const sql = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n';
    let asked = true;
    const query = call(client, 'query_companies', { sql }, { signal: given.signal })
      .catch(() => {})
      .finally(() => {
        asked = false;
      });
    expect((await submit({ query: QUERY, limit: 200 })).said).toContain('could not be read just now');
    expect(asked).toBe(true);
    given.abort();
    await query;
  });
});

describe('before the question about cost', () => {
  const long = `${'companies that sell software '.repeat(8)}`.trim();

  test('in a client without forms the refusal has it', async () => {
    const { env, limits } = await market();
    const client = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: '100' });
    const { isError, text, data } = await call(client, 'submit_lookalikes_bulk', { query: long, limit: 300 });
    expect([isError, limits.length]).toEqual([true, 0]);
    for (const said of [text, data.error.message]) {
      expect(said).toMatch(/query has 231 characters, and OpenFunnel may refuse one of more than 200/);
      expect(said).toMatch(/pilot \(limit 30/);
    }
  });

  test('in one with forms the question has it', async () => {
    const { env } = await market();
    const asked: string[] = [];
    const client = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: '100' }, [], {
      capabilities: { elicitation: { form: {} } },
      prepare: (each) =>
        each.setRequestHandler(ElicitRequestSchema, ({ params }) => {
          asked.push(params.message);
          return { action: 'accept', content: { confirm: true } };
        }),
    });
    await call(client, 'submit_lookalikes_bulk', { query: long, limit: 300 });
    expect(asked).toEqual([
      expect.stringMatching(/231 characters.*pilot.*Start a bulk lookalike search for up to 300/),
    ]);
  });

  test('a query of 200 characters is none too long, however many units its letters take', async () => {
    const { submit } = await onMarket();
    expect((await submit({ query: '\u{1f950}'.repeat(200), limit: 30 })).notices).toEqual([]);
  });
});

describe('a query that upstream refuses for its length', () => {
  const entry = (msg: string, type: string) => ({ detail: [{ loc: ['body', 'query'], msg, type }] });
  test.each([
    [entry('String should have at most 200 characters', 'string_too_long'), 'at most 200 characters'],
    [entry('Too big', 'string_too_long'), 'for its length'],
    [{ detail: 'query: String should have at most 180 characters' }, 'at most 180 characters'],
    [{ message: 'The query is too long' }, 'for its length'],
  ])('%j', async (refusal, words) => {
    const { env } = await market(() => refusal);
    const client = await connect(env);
    const { isError, data, text } = await call(client, 'submit_lookalikes_bulk', {
      query: 'x'.repeat(250),
      limit: 30,
    });
    expect([isError, data.error.code, data.error.submitted]).toEqual([true, 'invalid_input', 'no']);
    expect(data.error.message).toContain('refused the query for its length');
    expect(data.error.message).toContain(words);
    expect(data.error.message).toContain('nothing is billed');
    expect(text).toContain('nothing is billed');
    const jobs = await call(client, 'list_bulk_jobs', {});
    expect(jobs.data.jobs).toEqual([]);
  });

  test.each([
    { detail: [{ loc: ['body', 'limit'], msg: 'Input should be at most 100', type: 'less_than_equal' }] },
    {
      detail: [
        { loc: ['body', 'label'], msg: 'String should have at most 20 characters', type: 'string_too_long' },
      ],
    },
  ])('another refusal is told as it is: %j', async (refusal) => {
    const { env } = await market(() => refusal);
    const { data } = await call(await connect(env), 'submit_lookalikes_bulk', { query: 'x', limit: 30 });
    expect(data.error.message).not.toContain('for its length');
  });
});
