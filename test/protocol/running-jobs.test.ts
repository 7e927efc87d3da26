import { expect, test } from 'vitest';
import { call, connect, hurried } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

// What is told of a job while it runs: one number, what it is, and companies from all of what is there.

const RUNNING = { status: 'running', manifest: null, progress_message: 'qualifying_companies' };
const page = (number: number, industry: string, rows = 100): Rows =>
  Array.from({ length: rows }, (_, at) => ({
    name: `Company ${number * 100 + at + 1}`,
    domain: `c${number * 100 + at + 1}.example`,
    industries: [industry],
  }));

/** A server over a job that has these pages by now. */
async function running(pages: Rows[], over: Record<string, unknown> = {}) {
  const job = { pages, over: { ...RUNNING, ...over } as Record<string, unknown> };
  const api = await upstream(({ path }, res) => json(res, pageOf(job.pages, cursorOf(path), job.over)));
  const client = await connect({ OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_API_KEY: 'of_x' }, [], {
    clock: hurried(100),
  });
  const wait = (args: Record<string, unknown> = {}) =>
    call(client, 'wait_and_collect', { job_id: 'job-1', max_wait_seconds: 0, ...args });
  return { job, api, wait };
}

const DRIFTING = [page(0, 'Software'), page(1, 'Software'), page(2, 'Restaurants')];

test('one number is told of a running job: what has qualified, and that it grows', async () => {
  const { wait } = await running(DRIFTING, { processed: 347 });
  const { text, data } = await wait();
  expect(data.processed).toBe(347);
  expect(text).toMatch(/347 companies have qualified so far, and the number grows/);
  expect(text).toContain('about 347 credits, or more');
  expect(text).not.toMatch(/at least/i);
  expect(data).not.toHaveProperty('readable_now');
});

test('with enough, the credits are that number too', async () => {
  const { wait } = await running(DRIFTING, { processed: 347 });
  const { text, data } = await wait({ enough: 250, max_wait_seconds: 30 });
  expect(data).toMatchObject({ enough_reached: true, net_new: 300, credits_so_far: 347 });
  expect(text).toContain('ENOUGH: 300');
  expect(text).not.toMatch(/at least/i);
});

test.each([
  ['a provisional answer', {}],
  ['the answer for enough', { enough: 250 }],
])('%s has the industries of each page, and samples spread over each', async (_, args) => {
  const { wait } = await running(DRIFTING, { processed: 347 });
  const { text, data } = await wait(args);
  expect(data.pages.map((each: { top_industries: string[] }) => each.top_industries)).toEqual([
    ['Software'],
    ['Software'],
    ['Restaurants'],
  ]);
  for (const [at, { sample, first_row }] of data.pages.entries()) {
    const ranks = sample.map(([row]: [number]) => row);
    expect(first_row).toBe(at * 100 + 1);
    expect(Math.max(...ranks) - Math.min(...ranks)).toBeGreaterThan(50);
    for (const rank of ranks) expect(text).toContain(`\n${rank}|Company ${rank}|`);
  }
  expect(text).toContain('page_0002: 100 rows (201 to 300); mostly "Restaurants"');
});

test('as many samples of a running job are shown as were asked for, spread over its page', async () => {
  const { wait } = await running([page(0, 'Software')], { processed: 100 });
  const [{ sample }] = (await wait({ sample_rows: 20 })).data.pages;
  expect(sample).toHaveLength(20);
  expect(sample.at(-1)[0]).toBe(96);
});

test('samples that do not fit are said to be left out', async () => {
  const long = (rows: Rows) => rows.map((row) => ({ ...row, description: 'x y '.repeat(900) }));
  const { wait } = await running(DRIFTING.map(long), { processed: 300 });
  const { text, data } = await wait({ sample_rows: 20, fields: ['name', 'description'], max_chars: 4000 });
  const shown = data.pages.flatMap(({ sample }: { sample: unknown[] }) => sample).length;
  expect(shown).toBeLessThan(60);
  expect(/To fit, .* are shown/.exec(text)?.[0]).toBe(`To fit, ${shown} of 60 sample companies are shown`);
});

test('enough that is there returns at once, and tells the time that passed', async () => {
  const { wait, api } = await running(DRIFTING, { processed: 300 });
  const { data } = await wait({ enough: 100, max_wait_seconds: 600 });
  expect(data.enough_reached).toBe(true);
  expect(data.waited_seconds).toBeLessThan(60);
  expect(api.requests.length).toBeLessThan(12);
});

test('enough counts pages that are written after all companies have qualified', async () => {
  const { wait, job } = await running([page(0, 'Software')], { processed: 300 });
  setTimeout(() => {
    job.pages = DRIFTING;
  }, 100);
  const { data } = await wait({ enough: 250, max_wait_seconds: 300 });
  expect(data).toMatchObject({ enough_reached: true, net_new: 300 });
});

test('the time that a wait for enough took is told', async () => {
  const { wait } = await running([page(0, 'Software', 10)], { processed: 10 });
  const { data } = await wait({ enough: 250, max_wait_seconds: 0.4 });
  expect(data).toMatchObject({ enough_reached: false });
  expect(data.waited_seconds).toBeGreaterThan(0);
});
