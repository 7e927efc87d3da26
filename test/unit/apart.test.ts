import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Apart, apartOf, type Compared } from '../../src/judging/apart.ts';
import { fisher } from '../../src/judging/fisher.ts';
import { randomOf } from '../../src/sandbox/companies.ts';
import { HOSTILE_KINDS, hostileText } from '../hostile-lengths.ts';

const EMPTY = { industries: [], country_code: null, country: null, employees: null, text: null };
const of = (verdict: Compared['verdict'], count: number, more: Partial<Compared> = {}): Compared[] =>
  Array.from({ length: count }, () => ({ ...EMPTY, verdict, ...more }));

function apart(rows: readonly Compared[]): Apart {
  const found = apartOf(rows);
  if (found === null) throw new Error('too few verdicts');
  return found;
}

test.each([
  [[3, 4], [1, 4], 0.4857],
  [[1, 10], [11, 14], 0.0028],
  [[8, 9], [2, 11], 0.0055],
  [[0, 5], [5, 5], 0.0079],
  [[5, 5], [5, 5], 1],
] as const)('the exact test of %j against %j is as in the books', (first, second, p) => {
  expect(fisher(first, second).p).toBeCloseTo(p, 3);
});

test('the exact test is the same from both sides and for the opposite, and rare as often as it says', () => {
  const group = fc
    .integer({ min: 0, max: 60 })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size }), fc.constant(size)));
  fc.assert(
    fc.property(group, group, (first, second) => {
      const { p, rare } = fisher(first, second);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(rare).toBeLessThanOrEqual(0.05);
      if (p <= 0.05) expect(p).toBeLessThanOrEqual(rare + 1e-9);
      expect(fisher(second, first).p).toBeCloseTo(p, 9);
      const without = ([have, size]: readonly [number, number]) => [size - have, size] as const;
      expect(fisher(without(first), without(second)).p).toBeCloseTo(p, 9);
    }),
  );
});

test('it takes five keeps and five drops; a maybe is neither', () => {
  expect(apartOf([...of('keep', 5), ...of('drop', 4), ...of('maybe', 9)])).toBeNull();
  expect(apartOf([...of('keep', 4), ...of('drop', 5), ...of('maybe', 9)])).toBeNull();
  expect(apart([...of('keep', 5), ...of('drop', 5), ...of('maybe', 9)])).toMatchObject({
    keeps: 5,
    drops: 5,
    facts: [],
    filters: [],
  });
});

test('an industry, a country, a size and a word are found, with how many of either have it', () => {
  const rows = [
    ...of('keep', 4, { industries: ['FinTech'], country: 'Germany', country_code: 'DEU' }),
    ...of('keep', 4, { industries: ['FinTech'], employees: 40, text: 'Virtual CARDS.' }),
    ...of('keep', 4, { country: 'Germany', country_code: 'DEU', employees: 30, text: 'Cards for teams' }),
    ...of('drop', 8, { industries: ['Consulting'], country: 'India', country_code: 'IND' }),
    ...of('drop', 8, { employees: 900, text: 'We audit.' }),
  ];
  const { facts, filters } = apart(rows);
  expect(facts).toContainEqual({
    fact: 'industry',
    value: 'FinTech',
    keeps: 8,
    drops: 0,
    of_keeps: 8,
    of_drops: 8,
  });
  expect(facts).toContainEqual({
    fact: 'country',
    value: 'Germany',
    keeps: 8,
    drops: 0,
    of_keeps: 8,
    of_drops: 8,
  });
  expect(facts.find(({ fact }) => fact === 'employees')).toMatchObject({
    value: 'up to 50',
    keeps: 8,
    drops: 0,
  });
  expect(facts.length).toBeLessThanOrEqual(6);
  expect(filters).toEqual([
    { parameter: 'locations', value: 'DEU', keeps_left_out: 0, drops_left_out: 8, keeps_unknown: 4 },
    { parameter: 'max_employees', value: '50', keeps_left_out: 0, drops_left_out: 8, keeps_unknown: 4 },
  ]);
});

test('larger keeps are told as such, and the filter says which of them it would have left out', () => {
  const rows = [
    ...of('keep', 9, { employees: 800 }),
    ...of('keep', 1, { employees: 3 }),
    ...of('drop', 9, { employees: 8 }),
  ];
  const { facts, filters } = apart(rows);
  expect(facts).toMatchObject([{ fact: 'employees', value: 'over 10', keeps: 9, drops: 0 }]);
  expect(filters).toEqual([
    { parameter: 'min_employees', value: '11', keeps_left_out: 1, drops_left_out: 9, keeps_unknown: 0 },
  ]);
});

test('no filter follows from a country of the drops', () => {
  const rows = [
    ...of('keep', 8, { country: 'Germany', country_code: 'DEU' }).map((company, row) =>
      row % 2 ? company : { ...company, country: 'France', country_code: 'FRA' },
    ),
    ...of('drop', 8, { country: 'India', country_code: 'IND' }),
  ];
  const { facts, filters } = apart(rows);
  expect(facts[0]).toMatchObject({ fact: 'country', value: 'India', keeps: 0, drops: 8 });
  expect(filters.map(({ value }) => value)).not.toContain('IND');
});

test('a company of which nothing is known is not one that lacks it', () => {
  const rows = [...of('keep', 6, { industries: ['FinTech'] }), ...of('drop', 6)];
  expect(apart(rows).facts).toEqual([]);
});

test('two words of the same companies are one fact', () => {
  const rows = [...of('keep', 9, { text: 'Corporate cards' }), ...of('drop', 9, { text: 'Freight' })];
  expect(apart(rows).facts.map(({ value }) => value)).toEqual(['corporate', 'freight']);
});

test('of verdicts given by chance it says how much is found by chance, and is right on the whole', () => {
  const words = Array.from(
    { length: 60 },
    (_, word) => `word${String.fromCharCode(97 + (word % 26))}${'x'.repeat(word / 26)}`,
  );
  let differing = 0;
  let expected = 0;
  for (let list = 0; list < 60; list += 1) {
    const random = randomOf(9, list, 2);
    const rows = Array.from({ length: 40 }, () => ({
      ...EMPTY,
      verdict: random() < 0.6 ? ('keep' as const) : ('drop' as const),
      text: words.filter(() => random() < 0.3).join(' '),
    }));
    const [, found, byChance] = /, (\d+) set .* about ([\d.]+) would/.exec(apart(rows).note) ?? [];
    differing += Number(found);
    expected += Number(byChance);
  }
  expect(differing).toBeGreaterThan(expected * 0.7);
  expect(differing).toBeLessThan(expected * 1.3);
});

test('few verdicts are a hint, and as many differences as by chance are told as that', () => {
  const few = apart([...of('keep', 10, { text: 'cards' }), ...of('drop', 10, { text: 'freight' })]);
  expect(few.note).toContain('With 20 verdicts this is a hint, no more.');
  expect(few.note).toMatch(/^Of \d+ facts compared, \d+ set keeps and drops apart at 5 %; by chance/);
  expect(apart([...of('keep', 60), ...of('drop', 60)]).note).not.toContain('hint');
});

test.each(HOSTILE_KINDS)('%s is told as a line of 60 characters at the most', (kind) => {
  const rows = [0, 1, 2, 3, 4, 5].flatMap((row) => [
    ...of('keep', 1, { industries: [hostileText(kind, 5_000, 1)], text: hostileText(kind, 5_000, row) }),
    ...of('drop', 1, { industries: ['Other'], text: 'plain' }),
  ]);
  for (const { value } of apart(rows).facts) {
    expect(value).not.toMatch(/[\n\r\t\u0000]/);
    expect(value.length).toBeLessThanOrEqual(70);
  }
});
