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

test('emoji and joined letters stay where the sign between them is seen, in that one form', () => {
  for (const text of ['👩‍💻', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'क्‍ष', 'ക്‍', '1️⃣ 2️⃣', 'I ❤️ ☎️', '☎ ✈'])
    expect(cleanText(text)).toBe(text);
  expect(cleanText('👩\u200d🍌 ر\u200cس x\u200d日')).toBe('👩🍌 رس x日');
  expect(cleanText('😀\ufe0f ❤\ufe0e a\ufe0f ®\ufe0f')).toBe('😀 ❤ a ®');
});

test('signs with and without a selector in one text are a message, so none keeps it', () => {
  expect(cleanText('❤️❤❤️❤❤')).toBe('❤❤❤❤❤');
});

const NOBODY_SEES =
  /^[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}]$/u;

/** Every character that Unicode counts among those that nobody sees; ESC and CSI take what follows with them. */
const UNSEEN = Array.from({ length: 0x110000 }, (_, code) => code).filter(
  (code) =>
    (code < 0xd800 || code > 0xdfff) &&
    ![9, 10, 0x1b, 0x9b].includes(code) &&
    NOBODY_SEES.test(String.fromCodePoint(code)),
);

test('invisible characters carry no message, whatever surrounds them', () => {
  const carrier = fc.constantFrom(...UNSEEN.map((code) => String.fromCodePoint(code)));
  const seen = fc.constantFrom('a', 'é', '日', 'Ж', '😀', '👩', '®', '1', '#', '🇩🇪', '👍🏽', 'ر', '|', ' ');
  fc.assert(
    fc.property(fc.array(fc.tuple(seen, fc.array(carrier, { maxLength: 3 }))), (parts) => {
      const plain = parts.map(([sign]) => sign).join('');
      const loaded = parts.map(([sign, signs]) => sign + signs.join('')).join('');
      // A line separator is a line break, which is seen.
      expect(cleanText(loaded).replaceAll('\n', '')).toBe(plain);
    }),
    { numRuns: scaled(300) },
  );
  expect(UNSEEN.length).toBeGreaterThan(4_000);
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

test('what is left out of a value says why, in its place, and does so once', () => {
  const row = {
    deep: JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`),
    long: Array.from({ length: 300 }, (_, at) => at),
    wide: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, at])),
  };
  const clean = cleanRecord(row, 100);
  expect(JSON.stringify(clean.deep)).toContain('…[cut: nested deeper than 6 levels]');
  expect((clean.long as unknown[]).at(-1)).toBe('…[cut: more than 200 items]');
  expect(Object.entries(clean.wide as object).at(-1)).toEqual(['…[cut]', '…[cut: more than 200 items]']);
  expect(cleanRecord(clean, 100)).toEqual(clean);
});
