import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

const KEY = 'of_test_key';

test('a page whose cursor is its own, with a row too large and a count that disagrees, is told as that', async () => {
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
