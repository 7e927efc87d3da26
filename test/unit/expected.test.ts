import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Earlier, expectedOf } from '../../src/judging/expected.ts';
import { fitOf, type Judged } from '../../src/judging/fit.ts';
import { scaled } from '../scale.ts';

const VERDICTS = ['keep', 'maybe', 'drop'] as const;

/** A list of which some rows are judged, and some count nowhere. */
const lists: fc.Arbitrary<Judged> = fc
  .array(fc.constantFrom(...VERDICTS, 'open' as const, 'aside' as const), { minLength: 1, maxLength: 120 })
  .map((rows) => ({
    companies: rows.length,
    verdicts: new Map(
      rows.flatMap((row, at) => (row === 'open' || row === 'aside' ? [] : [[at + 1, row] as const])),
    ),
    excluded: new Set(rows.flatMap((row, at) => (row === 'aside' ? [at + 1] : []))),
    credits: null,
  }));

const judgedAs = (judged: Judged): Earlier => ({
  companies: judged.companies,
  counting: judged.companies - judged.excluded.size,
  fit: fitOf(judged),
});

test('there is an expectation where the earlier list has a share, within its interval and the new list', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 10_000 }), (judged, companies) => {
      const earlier = judgedAs(judged);
      const expected = expectedOf(earlier, companies);
      const share = earlier.fit?.share ?? null;
      expect(expected === null).toBe(share === null);
      if (expected === null) return;
      const { fitting, low, high, credits_per_fit } = expected;
      expect(low).toBeGreaterThanOrEqual(0);
      expect(fitting).toBeGreaterThanOrEqual(low - 1e-9);
      expect(high).toBeGreaterThanOrEqual(fitting - 1e-9);
      expect(high).toBeLessThanOrEqual(companies + 1e-9);
      expect(credits_per_fit === null).toBe(fitting === 0);
    }),
    { numRuns: scaled(200) },
  );
});

test('a list that is judged whole is still only a sample of a larger one', () => {
  const judged = (companies: number): Judged => ({
    companies,
    verdicts: new Map(Array.from({ length: companies }, (_, at) => [at + 1, at % 10 < 7 ? 'keep' : 'drop'])),
    excluded: new Set(),
    credits: companies,
  });
  const width = (size: number) => {
    const { fitting, low, high } = expectedOf(judgedAs(judged(size)), 300) ?? { fitting: 0, low: 0, high: 0 };
    expect(fitting).toBeCloseTo(210, 6);
    return high - low;
  };
  expect(width(30)).toBeGreaterThan(60);
  expect(width(120)).toBeLessThan(width(30) * 0.8);
  // The same list again is known for sure.
  expect(width(300)).toBeCloseTo(0, 6);
});
