import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Exporter } from '../../src/lists/selecting/export.ts';
import { fieldsOf } from '../../src/lists/selecting/fields.ts';
import { SORTS } from '../../src/lists/selecting/selection.ts';
import { CompanyTable, type PageRequest } from '../../src/lists/table/company-table.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { listsOver } from '../lists.ts';
import { temporaryFolder } from '../upstream.ts';

const JOB = 'job-1';
const ROWS: Row[] = [
  {
    name: 'Ramp',
    domain: 'ramp.com',
    hq_country: 'United States',
    employee_count: 2_440,
    funding_stage: 'Series F',
    match_reason: 'Cards and 100% control',
  },
  {
    name: 'pleo',
    domain: 'pleo.io',
    hq_country: 'Denmark',
    employee_count: 900,
    funding_stage: 'Series C',
    match_reason: 'Cards for teams',
  },
  {
    name: 'Ramp UK',
    domain: 'ramp.com',
    hq_country: 'United Kingdom',
    employee_count: 12,
    funding_stage: null,
    match_reason: 'Cards',
  },
  {
    name: 'Brex',
    domain: 'brex.com',
    hq_country: 'United States',
    employee_count: null,
    funding_stage: 'Series D',
    match_reason: 'Spend_control',
  },
  {
    name: 'Ölfisch',
    domain: '',
    headquarters: 'Berlin, Germany',
    linkedin_url: 'https://www.linkedin.com/company/oelfisch',
    employee_count: 51,
    funding_stage: 'Seed',
    match_reason: null,
  },
];
const ALL: PageRequest = {
  search: '',
  countries: [],
  sizes: [],
  stages: [],
  verdicts: [],
  ranks: null,
  known: '',
  by: '',
  duplicates: true,
  sort: 'row',
  descending: false,
  offset: 0,
  limit: 50,
  long: false,
};
const call = { signal: new AbortController().signal };
const folder = temporaryFolder(afterAll);
const { lists, marks, known } = listsOver(folder, {
  [JOB]: { rows: ROWS, request: { seed_domains: ['brex.com'], limit: 5 } },
  'job-2': { rows: [{ name: 'Spendesk', domain: 'spendesk.com', company_size: '201-500' }] },
});
const exporter = new Exporter({ lists, directory: folder, sandbox: false });
const table = new CompanyTable({ lists, exporter, marks, known });

/** Numbers of the rows that a request shows, in order. */
async function shown(request: Partial<PageRequest>): Promise<number[]> {
  const { companies } = await table.page(JOB, { ...ALL, ...request }, call);
  return companies.map(({ row }) => Number(row));
}

describe('the table of a job', () => {
  test.each([
    ['row', [1, 2, 3, 4, 5]],
    ['name', [4, 2, 1, 3, 5]],
    ['domain', [4, 2, 1, 3, 5]],
    ['country', [2, 5, 3, 1, 4]],
    ['employees', [3, 5, 2, 1, 4]],
    ['funding', [5, 2, 4, 1, 3]],
    ['reason', [3, 1, 2, 4, 5]],
    ['verdict', [1, 2, 3, 4, 5]],
  ] as const)('sorts by %s, what has no value last either way', async (sort, expected) => {
    expect(SORTS).toContain(sort);
    expect(await shown({ sort })).toEqual(expected);
    const down = await shown({ sort, descending: true });
    expect([...down].sort()).toEqual([1, 2, 3, 4, 5]);
    const last: Partial<Record<string, number>> = { domain: 5, employees: 4, funding: 3, reason: 5 };
    if (last[sort]) expect(down.at(-1)).toBe(last[sort]);
  });

  test.each([
    [{ search: 'cards' }, [1, 2, 3]],
    [{ search: 'CARDS teams' }, [2]],
    [{ search: '100% c' }, [1]],
    [{ search: 'd_c' }, [4]],
    [{ search: "' OR 1=1 --" }, []],
    [{ search: 'berlin' }, [5]],
    [{ countries: ['USA'] }, [1, 4]],
    [{ countries: ['USA', 'DEU'] }, [1, 4, 5]],
    [{ sizes: ['51-200', 'unknown'] }, [4, 5]],
    [{ stages: ['unknown'] }, [3]],
    [{ stages: ["Series C') OR ('1'='1"] }, []],
    [{ duplicates: false }, [1, 2, 4, 5]],
    [{ limit: 2, offset: 2 }, [3, 4]],
    [{ limit: 2, after: 2 }, [3, 4]],
    [{ limit: 2, after: 5 }, []],
    [{ limit: 2, from: 2 }, [2, 3]],
    [{ limit: 2, before: 5 }, [3, 4]],
    [{ limit: 3, before: 2 }, [1, 2, 3]],
    [{ rows: [4, 2, 9] }, [4, 2]],
    // The row beside which the page begins is one that the selection leaves out.
    [{ countries: ['USA'], after: 2 }, [4]],
    [{ countries: ['USA'], before: 2, limit: 1 }, [1]],
    [{ sort: 'name', after: 2 }, [1, 3, 5]],
    [{ duplicates: false, after: 2 }, [4, 5]],
    [
      {
        ranks: [
          { from: 2, to: 3 },
          { from: 5, to: 9 },
        ],
      },
      [2, 3, 5],
    ],
  ] as const)('%j leaves rows %j', async (request, expected) => {
    expect(await shown(request)).toEqual(expected);
  });

  test('tells how many there are on all pages, and how many duplicates are hidden', async () => {
    const request = { ...ALL, search: 'ramp', duplicates: false, limit: 1, offset: 5 };
    expect(await table.page(JOB, request, call)).toMatchObject({
      companies: [],
      matching: 1,
      hidden_duplicates: 1,
    });
    expect(await table.page(JOB, { ...ALL, limit: 2, after: 2 }, call)).toMatchObject({
      matching: 5,
      offset: 2,
    });
    expect(await table.page(JOB, { ...ALL, rows: [4] }, call)).toMatchObject({
      matching: 5,
      offset: 3,
    });
  });

  test('marks of this machine filter, sort and count', async () => {
    await marks.add(JOB, [
      { rows: [2], verdict: 'keep', reason: 'a peer', role: 'peer', score: 9 },
      { rows: [1, 3], verdict: 'drop' },
    ]);
    expect(await shown({ verdicts: ['keep'] })).toEqual([2]);
    expect(await shown({ verdicts: ['open', 'keep'] })).toEqual([2, 4, 5]);
    expect(await shown({ sort: 'verdict' })).toEqual([2, 1, 3, 4, 5]);
    const { countries, sizes, stages } = await table.facets(JOB, ALL, call);
    const { counts, fit } = await table.judged(JOB, call);
    expect(counts).toEqual({
      companies: 5,
      keep: 1,
      drop: 2,
      maybe: 0,
      open: 2,
      duplicates: 1,
      known: 0,
      known_maybe: 0,
      by_model: 3,
    });
    // Neither the seed's row nor the duplicate's counts.
    expect(fit).toMatchObject({ judged: 2, keep: 1, drop: 1 });
    expect(countries[0]).toMatchObject({
      value: 'USA',
      label: expect.stringMatching(/^United States/),
      count: 2,
    });
    expect(sizes.map(({ value }) => value)).toEqual(['11-50', '51-200', '501-1000', '1001-5000', 'unknown']);
    expect(stages.at(-1)).toEqual({ value: 'unknown', label: 'unknown', count: 1 });
    await marks.add(JOB, [{ rows: [3], verdict: 'drop', by: 'user' }]);
    expect(await shown({ by: 'model' })).toEqual([1, 2]);
    const { companies } = await table.page(JOB, ALL, call);
    expect(companies.map(({ by }) => by)).toEqual(['model', 'model', 'user', null, null]);
    expect((await table.judged(JOB, call)).counts).toMatchObject({ by_model: 2 });
    await marks.add(JOB, [{ rows: [1], verdict: 'clear' }]);
    expect((await table.judged(JOB, call)).counts).toMatchObject({ drop: 1, open: 3 });
    expect(await table.company(JOB, 2, call)).toMatchObject({
      name: 'pleo',
      verdict: 'keep',
      reason: 'a peer',
      score: 9,
    });
    expect(await table.company(JOB, 99, call)).toBeNull();
  });
  test('each filter is counted under the others, and not under itself', async () => {
    const { countries, sizes, verdicts } = await table.facets(JOB, { ...ALL, countries: ['USA'] }, call);
    expect(countries.map(({ value, count }) => [value, count])).toEqual([
      ['USA', 2],
      ['DEU', 1],
      ['DNK', 1],
      ['GBR', 1],
    ]);
    expect(sizes.map(({ value }) => value)).toEqual(['1001-5000', 'unknown']);
    expect(verdicts).toEqual({ open: 2, keep: 0, drop: 0, maybe: 0 });
  });

  test('counts a range of employees by its lower end, as the summary does', async () => {
    const { sizes } = await table.facets('job-2', ALL, call);
    expect(sizes).toEqual([{ value: '201-500', label: '201-500', count: 1 }]);
  });

  test('a spread order takes its first companies from all of the list', async () => {
    const many = Array.from({ length: 300 }, (_, at) => at + 1);
    // As SQLite sorts them: by the fractional part of row x golden ratio.
    const part = (row: number) => (row * 0.6180339887498949) % 1;
    const first = many.sort((a, b) => part(a) - part(b)).slice(0, 20);
    const bands = new Set(first.map((row) => Math.floor((row - 1) / 30)));
    expect(bands.size).toBe(10);
    expect((await shown({ sort: 'spread' })).toString()).toBe(
      [1, 2, 3, 4, 5].sort((a, b) => part(a) - part(b)).toString(),
    );
  });

  test('companies are found again by the keys that they had while the job ran', async () => {
    const keys = ROWS.map((row) => fieldsOf(row).company_key).map(String);
    expect(await table.ids(JOB, { keys }, call)).toEqual([1, 2, 4, 5]);
    expect(await table.ids(JOB, { keys: [keys[4] ?? '', "'); --", '__proto__'] }, call)).toEqual([5]);
  });

  test('domains come once each, in the order of the list', async () => {
    expect(await table.domains(JOB, { ...ALL, sort: 'name' }, call)).toEqual([
      'brex.com',
      'pleo.io',
      'ramp.com',
    ]);
    expect(await table.domains(JOB, ALL, call)).toEqual(['ramp.com', 'pleo.io', 'brex.com']);
  });

  test('a file has the companies of a selection in the order that is seen', async () => {
    const chosen = { ...ALL, countries: ['USA', 'GBR'], duplicates: false, sort: 'name' as const };
    const written = await table.export(JOB, chosen, 'shown', call);
    const [columns, ...lines] = readFileSync(written?.file.path ?? '', 'utf8')
      .trim()
      .split(/\r?\n/);
    expect(columns).toMatch(/row,name,domain/);
    expect(lines.map((line) => line.split(',')[0])).toEqual(['4', '1']);
    expect(await table.export(JOB, { ...ALL, search: 'nobody' }, 'shown', call)).toBeNull();
  });

  test("the user's lists filter and count", async () => {
    await known.write('crm', null, [
      { keys: ['pleo.io'], name: null },
      { keys: [], name: 'Brex Inc.' },
    ]);
    expect(await shown({ known: 'known' })).toEqual([2]);
    expect(await shown({ known: 'maybe' })).toEqual([4]);
    expect(await shown({ known: 'new' })).toEqual([1, 3, 5]);
    expect((await table.judged(JOB, call)).counts).toMatchObject({ known: 1, known_maybe: 1 });
  });
});
