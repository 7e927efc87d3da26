import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateTokens } from '../../src/lib/tokens.ts';
import { backoffMs } from '../../src/openfunnel/retry.ts';
import { largestFitting } from '../../src/results/budget.ts';

test('backoff is exponential, capped and fully jittered', () => {
  expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 0.999999))).toEqual([250, 500, 1000, 4000]);
  expect(backoffMs(5, () => 0)).toBe(0);
});

test('largestFitting finds the most that fits', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(400), (max, budget) => {
      const build = (n: number) => 'word '.repeat(n);
      const { n, built } = largestFitting(max, { chars: Infinity, tokens: budget }, build);
      expect(built).toBe(build(n));
      if (n > 0) expect(estimateTokens(JSON.stringify(built))).toBeLessThanOrEqual(budget);
      if (n < max) expect(estimateTokens(JSON.stringify(build(n + 1)))).toBeGreaterThan(budget);
    }),
  );
});
