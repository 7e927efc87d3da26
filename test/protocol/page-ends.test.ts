import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

const rowsFrom = (from: number): Rows =>
  Array.from({ length: 100 }, (_, index) => ({
    name: `C${from + index}`,
    domain: `c${from + index}.example`,
  }));

/** A job of so many pages, one of which may be gone. */
async function over(pages: number, gone?: string) {
  const all = Array.from({ length: pages }, (_, page) => rowsFrom(page * 100));
  const { url } = await upstream(({ path }, res) => {
    if (gone !== undefined && cursorOf(path) === gone) return json(res, { detail: 'gone' }, 404);
    json(res, pageOf(all, cursorOf(path), { job_id: 'j' }));
  });
  return connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
}

test.each([{}, { max_rows: 10 }])(
  'an offset behind the last row leads to rows that there are: %j',
  async (args) => {
    const alone = await call(await over(1), 'get_bulk_page', { job_id: 'j', offset: 999, ...args });
    expect(alone.data.next_step).toBe('offset below 100 reads rows of this page.');
    const first = await call(await over(2), 'get_bulk_page', { job_id: 'j', offset: 999, ...args });
    expect(first.data.next_step).toMatch(/offset below 100.*reads the next page/);
  },
);

test('offset and cursor are named where they read further rows', async () => {
  const one = await over(1);
  const step = async (offset: number) =>
    (await call(one, 'get_bulk_page', { job_id: 'j', offset, max_rows: 50 })).data.next_step;
  expect(await step(0)).toBe('offset 50 reads further rows of this page.');
  expect(await step(50)).toBe('These are the last rows.');
  const two = await over(2);
  const last = await call(two, 'get_bulk_page', { job_id: 'j', offset: 50, max_rows: 50 });
  expect(last.data.next_step).toBe('cursor reads the next page.');
});

test.each([
  [3, 'page_0001'],
  [4, 'page_0002'],
])('of %i pages, all but %s are told, and the next call goes on from there', async (pages, gone) => {
  const read = await call(await over(pages, gone), 'wait_and_collect', { job_id: 'j', max_wait_seconds: 0 });
  expect(read.data.pages).toHaveLength(pages - 1);
  expect(read.data.next_step).toContain('it goes on where this call stopped');
});

test('blanks around a job_id are no part of it', async () => {
  const client = await over(1);
  for (const tool of ['get_bulk_status', 'get_bulk_page', 'wait_and_collect', 'export_bulk_results'])
    expect((await call(client, tool, { job_id: ' j \n' })).data).toMatchObject({
      job_id: 'j',
      status: 'completed',
    });
  const several = await call(client, 'export_bulk_results', { job_ids: [' j '] });
  expect(several.data.jobs).toMatchObject([{ job_id: 'j' }]);
});
