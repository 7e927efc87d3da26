import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { cursorOf, json, pageOf, upstream } from '../upstream.ts';

const COUNTRIES = ['United States', 'Germany', 'France', null];
const SIZES = [5, 60, 200, null];
/** 32 companies: each country with each size, twice; the last one is the first one again. */
const ROWS = Array.from({ length: 32 }, (_, at) => ({
  name: `Company ${at + 1}`,
  domain: `c${at === 31 ? 0 : at}.example`,
  hq_country: COUNTRIES[at % 4],
  employee_count: SIZES[Math.floor(at / 4) % 4],
}));

async function collected() {
  const pages = [ROWS.slice(0, 20), ROWS.slice(20)];
  const { url, requests } = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    json(res, pageOf(pages, cursorOf(path), { job_id }));
  });
  const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
  const page = (args: Record<string, unknown>) => call(client, 'get_bulk_page', { job_id: 'job-1', ...args });
  return { client, requests, page };
}

test('companies are counted and filtered by country and size over the whole list', async () => {
  const { page, requests } = await collected();
  const german = await page({ locations: ['Germany'] });
  const before = requests.length;
  const expected = ROWS.flatMap(({ hq_country }, at) => (hq_country === 'Germany' ? [at + 1] : []));
  expect(german.data).toMatchObject({
    matching: { rows: 8, distinct: 8, unknown: 8, of: 32 },
    ...{ row_count: 8, rows_returned: 8, rows_omitted: 0, more_pages: 'no', next_cursor: null },
  });
  expect(german.data.rows.map(([row]: unknown[]) => row)).toEqual(expected);
  expect(german.text).toContain('8 of 32 rows match');
  expect(german.text).toContain('8 more rows are not counted');

  const middle = await page({ locations: 'EU', min_employees: 50, max_employees: 200 });
  const both = ROWS.filter(
    ({ hq_country, employee_count }) =>
      ['Germany', 'France'].includes(hq_country ?? '') && [60, 200].includes(employee_count ?? 0),
  );
  expect(middle.data.matching).toMatchObject({ rows: both.length, of: 32 });
  expect(middle.data.rows.map(([, name]: unknown[]) => name)).toEqual(both.map(({ name }) => name));

  // The last row is the first company again, of unknown country and size, so that only rows count it.
  expect((await page({ max_employees: 10_000 })).data.matching).toEqual({
    rows: 24,
    distinct: 24,
    unknown: 8,
    of: 32,
  });
  expect(requests.length).toBe(before);
});

test('what matches is read on by offset, and what can not be is refused', async () => {
  const { client, page } = await collected();
  await call(client, 'wait_and_collect', { job_id: 'job-1' });
  const first = await page({ locations: ['DEU'], max_rows: 3 });
  expect(first.data).toMatchObject({ rows_returned: 3, rows_omitted: 5, matching: { rows: 8 } });
  const next = JSON.parse(/get_bulk_page (\{.*\})/.exec(first.data.next_step)?.[1] ?? '{}');
  expect(next).toMatchObject({ locations: ['DEU'], max_rows: 3, offset: 3 });
  const rows = [first];
  for (const offset of [3, 6]) rows.push(await page({ ...next, offset }));
  const numbers = rows.flatMap(({ data }) => data.rows.map(([row]: unknown[]) => row));
  expect(new Set(numbers).size).toBe(8);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const none = await page({ locations: ['JPN'] });
  expect(none.data).toMatchObject({ matching: { rows: 0 }, rows: [] });
  expect(none.data.next_step).toContain('No company');
  for (const args of [
    { locations: ['Atlantis'] },
    { min_employees: 9, max_employees: 8 },
    { locations: ['DEU'], cursor: 'page_0001' },
  ])
    expect((await page(args)).data.error.code).toBe('invalid_input');
});

test.each([
  ['running', {}, 'wait_and_collect'],
  ['completed', { count: 40, pages: 2 }, 'allow_partial'],
  ['failed', {}, 'allow_partial'],
])(
  'of a %s job that has no whole list nothing is counted, and what leads on is named',
  async (status, totals, way) => {
    const manifest = { pages: 2, page_size: 20, count: 32, ...totals };
    const pages = [ROWS.slice(0, 20), ROWS.slice(20)];
    const { url } = await upstream(({ path }, res) =>
      json(
        res,
        pageOf(pages, cursorOf(path), { status, manifest: status === 'completed' ? manifest : null }),
      ),
    );
    const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
    await call(client, 'wait_and_collect', { job_id: 'job-1', max_wait_seconds: 0 });
    const none = await call(client, 'get_bulk_page', { job_id: 'job-1', min_employees: 50 });
    expect(none.isError).toBe(true);
    expect(none.data.next_step).toContain(way);
    if (way !== 'wait_and_collect') expect(none.text).not.toContain('wait_and_collect');
  },
);

test('a size given as a range counts by its lower end, as in the summary', async () => {
  const sizes = ['11-50', '51–200', '10,001+', 30, null];
  const rows = sizes.map((employee_count, at) => ({
    name: `N${at}`,
    domain: `n${at}.example`,
    employee_count,
  }));
  const { url } = await upstream(({ path }, res) => json(res, pageOf([rows], cursorOf(path))));
  const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
  const { data } = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  const counted = async (min_employees: number, max_employees: number) =>
    (await call(client, 'get_bulk_page', { job_id: 'job-1', min_employees, max_employees })).data.matching;
  expect(await counted(11, 50)).toMatchObject({ rows: data.summary.employee_sizes['11-50'], unknown: 1 });
  expect(await counted(51, 200)).toMatchObject({ rows: 1 });
  expect(await counted(10_000, 1_000_000)).toMatchObject({ rows: 1 });
});
