import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gistOf } from '../../src/results/gist.ts';
import { realPages } from '../real-rows.ts';

test.each([
  [
    'Ramp fits because it is an "all-in-one financial operations platform" with corporate cards.',
    'all-in-one financial…',
  ],
  [
    'Yes — it offers "full-service commercial real estate development" and more.',
    'full-service commercial real…',
  ],
  [
    'Virtana Corp. matches the trait with a "full-stack AI observability" platform.',
    'full-stack AI observability…',
  ],
  ['A short reason: Ramp fits because it is Ramp.', 'A short reason: Ramp fits because it is Ramp.'],
  [
    'Acme barely fits because it is only a reseller of what Ramp offers to firms.',
    'Acme barely fits because it…',
  ],
  [
    'Acme does not fit because it is a bakery, whatever its web site says of it.',
    'Acme does not fit because it…',
  ],
  [`Acme${'x'.repeat(100)}`, `Acme${'x'.repeat(24)}…`],
])('%s', (reason, gist) => {
  expect(gistOf(reason)).toBe(gist);
});

test('a gist is short, and made of the words of its reason', () => {
  const check = (reason: string) => {
    const gist = gistOf(reason);
    expect(gist.length).toBeLessThanOrEqual(Math.min(reason.length, 55) + 1);
    const plain = (text: string) => text.replace(/["“”]/g, '');
    expect(plain(reason)).toContain(plain(gist.replace(/…$/, '')));
  };
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), check));
  for (const { match_reason: reason } of realPages?.flat() ?? [])
    if (typeof reason === 'string') check(reason);
});
