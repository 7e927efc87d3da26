import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CompanyTable, type RowsRequest } from '../../src/lists/company-table.ts';
import { Exporter } from '../../src/lists/selecting/export.ts';
import { SORTS } from '../../src/lists/selecting/selection.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { listsOver } from '../lists.ts';

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
const ALL: RowsRequest = {
  search: '',
  countries: [],
  sizes: [],
  stages: [],
  verdicts: [],
  known: '',
  duplicates: true,
  sort: 'row',
  descending: false,
  offset: 0,
  limit: 50,
};
const call = { signal: new AbortController().signal };
const folder = mkdtempSync(join(tmpdir(), 'table-'));
const { lists, marks, known } = listsOver(folder, {
  [JOB]: { rows: ROWS, request: { seed_domains: ['brex.com'], limit: 5 } },
});
const exporter = new Exporter({ lists, directory: folder, sandbox: false });
const table = new CompanyTable({ lists, exporter, marks, known });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers of the rows that a request shows, in order. */
async function shown(request: Partial<RowsRequest>): Promise<number[]> {
  const { rows } = await table.rows(JOB, { ...ALL, ...request }, call);
  return rows.map(([row]) => Number(row));
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
  ] as const)('%j leaves rows %j', async (request, expected) => {
    expect(await shown(request)).toEqual(expected);
  });

  test('tells how many there are on all pages, and how many duplicates are hidden', async () => {
    const request = { ...ALL, search: 'ramp', duplicates: false, limit: 1, offset: 5 };
    expect(await table.rows(JOB, request, call)).toMatchObject({
      rows: [],
      matching: 1,
      hiddenDuplicates: 1,
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
    const { counts, countries, sizes, stages } = await table.overview(JOB, '1', call);
    expect(counts).toEqual({
      companies: 5,
      keep: 1,
      drop: 2,
      maybe: 0,
      open: 2,
      duplicates: 1,
      known: 0,
      known_maybe: 0,
    });
    expect(countries[0]).toMatchObject({
      value: 'USA',
      label: expect.stringMatching(/^United States/),
      count: 2,
    });
    expect(sizes.map(({ value }) => value)).toEqual(['11-50', '51-200', '501-1000', '1001-5000', 'unknown']);
    expect(stages.at(-1)).toEqual({ value: 'unknown', label: 'unknown', count: 1 });
    await marks.add(JOB, [{ rows: [1], verdict: 'clear' }]);
    expect((await table.overview(JOB, '2', call)).counts).toMatchObject({ drop: 1, open: 3 });
    expect(await table.company(JOB, 2, call)).toMatchObject({
      name: 'pleo',
      verdict: 'keep',
      reason: 'a peer',
      score: 9,
    });
    expect(await table.company(JOB, 99, call)).toBeNull();
  });
  test("the user's lists filter and count", async () => {
    await known.write('crm', null, [
      { keys: ['pleo.io'], name: null },
      { keys: [], name: 'Brex Inc.' },
    ]);
    expect(await shown({ known: 'known' })).toEqual([2]);
    expect(await shown({ known: 'maybe' })).toEqual([4]);
    expect(await shown({ known: 'new' })).toEqual([1, 3, 5]);
    expect((await table.overview(JOB, '3', call)).counts).toMatchObject({ known: 1, known_maybe: 1 });
  });
});
