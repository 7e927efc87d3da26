import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { modelTools } from '../../.build/model-tools.ts';
import { call, connect } from '../harness.ts';
import { type Rows, realPages } from '../real-rows.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

/** What the definitions of all tools cost a model, results' schemas aside. Tokens (o200k). */
const MAX_CATALOGUE_TOKENS = 5_200;
const RULE = 'Completion is read from `status`, never from a null `next_cursor`.';
const tokens = (value: unknown) => encode(JSON.stringify(value)).length;

test('every tool has the rule, the hints, both schemas, and all of them together are cheap', async () => {
  const client = await connect({});
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'submit_lookalikes_bulk',
      'get_bulk_status',
      'get_bulk_page',
      'wait_and_collect',
      'cancel_bulk_job',
    ]),
  );
  for (const tool of tools) {
    expect(tool.title).toBeTruthy();
    expect(tool.description).toContain(RULE);
    // Clients that load tools by search find them by these.
    expect(tool.description).toMatch(/lookalike/);
    expect(tool.description).toMatch(/companies/);
    expect(tool.inputSchema).toMatchObject({ type: 'object' });
    expect(tool.outputSchema).toMatchObject({ type: 'object' });
    for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']) {
      expect(tool.annotations).toHaveProperty(hint, expect.any(Boolean));
    }
  }
  expect(client.getInstructions()).toContain('never a null next_cursor');
});

test('all tools together cost a model no more than was promised', () => {
  const given = modelTools().map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  expect(given).toHaveLength(15);
  expect(tokens(given)).toBeLessThanOrEqual(MAX_CATALOGUE_TOKENS);
});

test.each(modelTools().map(({ name, description }) => [name, description] as const))(
  'the description of %s is short, in plain sentences, with the rule at its end',
  (_, description) => {
    expect(description.endsWith(` ${RULE}`)).toBe(true);
    const own = description.slice(0, -RULE.length - 1);
    expect(own.length).toBeGreaterThanOrEqual(300);
    expect(own.length).toBeLessThanOrEqual(450);
    const sentences = own.split(/(?<=[.!?]) /);
    expect(sentences.filter((sentence) => sentence.split(' ').length >= 20)).toEqual([]);
    // A second colon, or a semicolon, makes a sentence a chain.
    expect(sentences.filter((sentence) => /;|:.*:(?!<)/.test(sentence))).toEqual([]);
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
  },
);

/** A finished job of these pages. */
async function over(pages: readonly Rows[]) {
  const count = pages.reduce((sum, rows) => sum + rows.length, 0);
  const page_size = pages[0]?.length;
  const manifest = { count, pages: pages.length, page_size, credits_consumed: count, partial: false };
  const { url } = await upstream(({ path }, res) =>
    json(res, pageOf([...pages], cursorOf(path), { manifest })),
  );
  return connect({ OPENFUNNEL_API_KEY: 'of_x', OPENFUNNEL_BASE_URL: url });
}

describe.each([
  { rows: 'synthetic', pages: syntheticPages(100) },
  { rows: 'recorded', pages: realPages },
])('budgets over $rows rows', ({ rows, pages }) => {
  test('no page breaks its budget', async (context) => {
    if (!pages) return context.skip(`the ${rows} rows are not at hand`);
    const some = pages.slice(0, 3);
    const client = await over(some);
    const raw: number[] = [];
    const ours: number[] = [];
    for (const [index, rawRows] of some.entries()) {
      const cursor = `page_${String(index).padStart(4, '0')}`;
      const byDefault = await call(client, 'get_bulk_page', { job_id: 'job-1', cursor });
      expect(byDefault.data.rows_returned).toBeGreaterThan(20);
      ours.push(tokens(byDefault.whole));
      raw.push(tokens(rawRows));
      // Every kind of choice on one page: tokens are dear to count.
      const chosen = [['all'], ['name', 'description'], ['name', 'match_reason', 'tagline']][index % 3];
      const page = await call(client, 'get_bulk_page', { job_id: 'job-1', cursor, fields: chosen });
      expect(tokens(page.whole)).toBeLessThanOrEqual(24_000);
      expect(page.data.rows_returned + page.data.rows_omitted).toBe(100);
      expect(page.data.rows_returned).toBeGreaterThan(10);
      if (page.data.rows_omitted > 0)
        expect(page.data.next_step).toContain(`"offset":${page.data.rows_returned}`);
    }
    expect(Math.max(...ours)).toBeLessThanOrEqual(8_000);
    const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
    expect(sum(ours)).toBeLessThanOrEqual(sum(raw) / 5);
  });

  test.for([
    [1, {}, 6_000],
    [6, {}, 6_000],
    [100, {}, 6_000],
    [6, { sample_rows: 20, fields: ['all'] }, 24_000],
    [100, { sample_rows: 20, fields: ['all'] }, 24_000],
  ] as Array<[number, Record<string, unknown>, number]>)(
    'collecting %i pages with %j costs its budget at most',
    async ([count, args, budget], context) => {
      if (!pages || pages.length < count) return context.skip(`there are not so many ${rows} rows`);
      // What 100 pages add to a result, each range of them, does not depend on how many rows a page has.
      const size = count === 100 ? 20 : 100;
      const client = await over(pages.slice(0, count).map((rows) => rows.slice(0, size)));
      const { whole, data } = await call(client, 'wait_and_collect', { job_id: 'job-1', ...args });
      expect(data).toMatchObject({ complete: true, summary: { companies: count * size } });
      expect(data.pages.reduce((sum: number, each: { pages: number }) => sum + each.pages, 0)).toBe(count);
      expect(tokens(whole)).toBeLessThanOrEqual(budget);
    },
  );
});
