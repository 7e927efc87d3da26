import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { estimateTokens } from '../../src/lib/tokens.ts';
import { HOSTILE_KINDS, hostileText } from '../hostile-lengths.ts';
import { scaled } from '../scale.ts';
import { syntheticPages } from '../synthetic-rows.ts';

test.each(HOSTILE_KINDS)('%s never costs more than is estimated', (kind) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1_000, max: 3_000 }), (seed, length) => {
      const text = hostileText(kind, length, seed);
      for (const each of [text, JSON.stringify({ name: text, cells: [text.slice(0, 40), null, 12] })])
        expect(estimateTokens(each)).toBeGreaterThanOrEqual(encode(each).length);
    }),
    { numRuns: scaled(4) },
  );
});

test('of company data the estimate is never too low, and not twice too high', () => {
  for (const page of syntheticPages(2, 20)) {
    for (const text of [JSON.stringify(page), page.map((row) => Object.values(row).join('|')).join('\n')]) {
      const cost = encode(text).length;
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(cost);
      expect(estimateTokens(text)).toBeLessThanOrEqual(cost * 2);
    }
  }
});
