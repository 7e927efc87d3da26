import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanAndCut, cleanRecord, cleanText, oneLine, tableCell } from '../../src/lib/text.ts';
import { scaled } from '../scale.ts';
import { FORBIDDEN, HOSTILE_TEXT } from '../untrusted-text.ts';

test('any text comes out clean, well-formed and stable', () => {
  fc.assert(
    fc.property(HOSTILE_TEXT, (text) => {
      const clean = cleanText(text);
      expect(clean).not.toMatch(FORBIDDEN);
      expect(clean).not.toMatch(/[\u200c\u200d\ufe00-\ufe0f]{3}/);
      expect(clean.isWellFormed()).toBe(true);
      expect(cleanText(clean)).toBe(clean);
      expect(oneLine(text)).not.toMatch(/[\n\t]/);
      expect(tableCell(text)).not.toContain('|');
    }),
    { numRuns: scaled(300) },
  );
});

test('ANSI sequences go whole, ordinary text stays as it is', () => {
  expect(cleanText('\u001b[31mred\u001b[0m \u001b]0;title\u0007end')).toBe('red end');
  expect(cleanText('Zürich — 東京\n\tA|B 👩‍💻')).toBe('Zürich — 東京\n\tA|B 👩‍💻');
  expect(cleanText('❤️‍🔥 نمی‌خواهم')).toBe('❤️‍🔥 نمی‌خواهم');
  expect(cleanText('Ac\u200dme\u200c')).toBe('Acme');
});

test('a cut is marked and never splits a pair', () => {
  expect(cleanAndCut('abcdef', 3)).toBe('abc…[cut]');
  expect(cleanAndCut('ab😀', 3)).toBe('ab…[cut]');
  expect(cleanAndCut('x'.repeat(100_000), 10)).toBe(`${'x'.repeat(10)}…[cut]`);
});

test('a __proto__ key changes no prototype', () => {
  const clean = cleanRecord(JSON.parse('{"name":"A","__proto__":{"polluted":1}}'), 100);
  expect(clean).toEqual({ name: 'A' });
  expect(Object.getPrototypeOf(clean)).toBe(Object.prototype);
});
