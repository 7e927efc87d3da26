import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRanks } from '../../src/lists/selecting/ranks.ts';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import { cursorOf, json, pageOf, shared, upstream } from '../upstream.ts';

/** Jobs "one" of 120 companies and "two" of 30: the first ten of "two" are rows 111 to 120 of "one"; row 40 is row 5 again. */
function rowsOf(job: string): Rows {
  const [from, count] = job === 'two' ? [111, 30] : [1, 120];
  return Array.from({ length: count }, (_, index) => {
    const number = job === 'one' && index === 39 ? 5 : from + index;
    return { name: `Company ${number}`, domain: `c${number}.example`, hq_country: 'Germany' };
  });
}

const over = shared(async () => {
  const api = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const rows = rowsOf(job_id);
    const pages = [rows.slice(0, 100), rows.slice(100)].filter((page) => page.length > 0);
    json(res, pageOf(pages, cursorOf(path), { job_id }));
  });
  const client = await connect({ OPENFUNNEL_BASE_URL: api.url, OPENFUNNEL_API_KEY: 'of_test_key' });
  return { client, tool: (name: string, args: Record<string, unknown>) => call(client, name, args) };
});

const ranksIn = (path: string) =>
  (parse(readFileSync(path), { columns: true, bom: true }) as Array<Record<string, string>>).map(({ name }) =>
    Number(name?.replace('Company ', '')),
  );
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('rows of an export', () => {
  test.each([
    ['1-3', [1, 2, 3]],
    ['118-', [118, 119, 120]],
    [' 2 , 4-5,4 ', [2, 4, 5]],
    ['120', [120]],
    ['1–2', [1, 2]],
  ])('%j', async (rows, ranks) => {
    const { data, text } = await over().tool('export_bulk_results', { job_id: 'one', rows });
    expect(ranksIn(data.path)).toEqual(ranks);
    expect(data).toMatchObject({ rows: ranks.length, partial: false });
    expect(data.notices.join()).toContain(`${ranks.length} of 120`);
    expect(text).toContain(`${ranks.length} of 120`);
  });

  test('what is left out is counted among them alone, and a company stays whose better row is not among them', async () => {
    const dedupe = async (rows: string) => {
      const { data } = await over().tool('export_bulk_results', {
        job_id: 'one',
        rows,
        exclude: ['duplicates'],
      });
      return [data.rows, data.excluded];
    };
    expect(await dedupe('1-60')).toEqual([59, { duplicates: 1 }]);
    expect(await dedupe('30-60')).toEqual([31, { duplicates: 0 }]);
    expect(await dedupe('61-120')).toEqual([60, { duplicates: 0 }]);
  });

  test('of several jobs they are the ranks of each', async () => {
    const { data } = await over().tool('export_bulk_results', { job_ids: ['one', 'two'], rows: '1-40' });
    expect(data.rows).toBe(70);
    expect(data.notices.join()).toContain('70 of 150');
  });
});

test('wait_and_collect cuts its file, and says so', async () => {
  const { data, text } = await over().tool('wait_and_collect', {
    job_id: 'one',
    format: 'csv',
    rows: '1-10',
  });
  expect(ranksIn(data.export.path)).toEqual(upTo(1, 10));
  expect(text).toContain('rows 1-10 (10 of 120)');
  const without = await over().tool('wait_and_collect', { job_id: 'one', rows: '1-10' });
  expect([without.isError, without.text]).toEqual([true, expect.stringContaining('format')]);
});

describe('rows of a question', () => {
  const ask = async (sql: string, more: Record<string, unknown>) =>
    (await over().tool('query_companies', { sql, job_ids: ['one'], ...more })).data;

  test('every table has these alone, and the answer says so in both halves', async () => {
    const { data, text } = await over().tool('query_companies', {
      sql: 'SELECT count(*), min(row), max(row) FROM companies',
      job_ids: ['one'],
      rows: '11-20, 31',
    });
    expect(data.rows).toEqual([[11, 11, 31]]);
    expect(data.scope).toBe('Queried: 1 list, only rows 11-20, 31 (11 of 120).');
    expect(text.split('\n')[0]).toBe(data.scope);
    const distinct = await ask('SELECT count(*) FROM distinct_companies', { rows: '1-40' });
    expect(distinct.rows).toEqual([[39]]);
    // The next question is asked of all again.
    const next = await ask('SELECT count(*) FROM companies', {});
    expect([next.rows, next.scope]).toEqual([[[120]], null]);
  });

  test('what stands in another list beyond them does not count as in both', async () => {
    const both = (rows?: string) =>
      ask("SELECT count(*) FROM companies WHERE also_in <> '[]'", {
        job_ids: ['one', 'two'],
        ...(rows && { rows }),
      });
    expect((await both()).rows).toEqual([[20]]);
    const cut = await both('1-115');
    expect(cut.rows).toEqual([[10]]);
    expect(cut.scope).toContain('2 lists, only rows 1-115 of each (145 of 150)');
  });

  test('its file has them alone', async () => {
    const { export: file } = await ask('SELECT name FROM companies', { rows: '5-8', format: 'csv' });
    expect(ranksIn(file.path)).toEqual(upTo(5, 8));
  });
});

describe('rows of the table in the chat', () => {
  test('it opens with them, pages and exports them', async () => {
    const { tool } = over();
    const { data, text } = await tool('show_companies', { job_id: 'one', rows: '1-30' });
    expect(data.rows).toBe('1-30');
    expect(text).toContain('1-30');
    const page = await tool('view_rows', { job_id: 'one', ranks: '1-30', duplicates: true, limit: 5 });
    expect(page.data.matching).toBe(30);
    const file = await tool('view_export', { job_id: 'one', which: 'shown', ranks: '21-30' });
    expect(ranksIn(file.data.export.path)).toEqual(upTo(21, 30));
  });
});

test.each([
  ['0-5', /begin at 1/],
  ['9-3', /backwards.*"3-9"/],
  ['1-121', /beyond the list, which has rows 1 to 120/],
  ['500', /beyond the list, which has rows 1 to 120/],
  ['121-', /beyond the list, which has rows 1 to 120/],
  ['top 10', /"top 10" is no range/],
  ['1-5,', /"" is no range/],
  ['1-2-3', /no range/],
  ['-5', /no range/],
])('rows %j are refused wherever they are given, with what is wrong', async (rows, why) => {
  const calls: Array<[tool: string, args: Record<string, unknown>]> = [
    ['export_bulk_results', { job_id: 'one' }],
    ['query_companies', { job_ids: ['one'], sql: 'SELECT 1' }],
    ['show_companies', { job_id: 'one' }],
    ['view_rows', { job_id: 'one' }],
  ];
  for (const [tool, args] of calls) {
    // The table's own tools name single rows by that word.
    const given = tool === 'view_rows' ? { ranks: rows } : { rows };
    const { isError, data, text } = await over().tool(tool, { ...args, ...given });
    expect([tool, isError, data.error?.code]).toEqual([tool, true, 'invalid_input']);
    expect(text).toMatch(why);
    expect(data.error.message).toMatch(why);
  }
});

test('as many ranges as there is room for have an answer', async () => {
  const odd = Array.from({ length: 60 }, (_, at) => 2 * at + 1);
  const rows = [...odd, ...odd, ...odd, ...odd].join(',').slice(0, 999).replace(/,\d*$/, '');
  const { data } = await over().tool('query_companies', {
    sql: 'SELECT count(*) FROM companies',
    job_ids: ['one'],
    rows,
  });
  expect(data.rows).toEqual([[60]]);
});

test('whatever ranges are written in whatever order, just the rows in one of them are meant', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), (ranges) => {
      const ranks = toRanks(ranges.map(([from, more]) => `${from}-${from + more}`).join(','));
      const meant = new Set(ranges.flatMap(([from, more]) => upTo(from, from + more)));
      expect(ranks.flatMap(({ from, to }) => upTo(from, to))).toEqual([...meant].sort((a, b) => a - b));
    }),
    { numRuns: scaled(100) },
  );
});
