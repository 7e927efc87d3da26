import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyNumbers } from '../../src/lists/import/key-numbers.ts';
import { scaled } from '../scale.ts';

test('keys have the numbers that a map would have, many and repeated ones too', () => {
  const key = fc.oneof(fc.constantFrom('', 'acme.com', 'acme.io', '__proto__'), fc.string({ maxLength: 3 }));
  const step = fc.record({ key, number: fc.integer({ min: -1, max: 1_000 }), asks: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 9_000 }), (steps, many) => {
      const [numbers, map] = [new KeyNumbers(), new Map<string, number>()];
      const all = [
        ...Array.from({ length: many }, (_, at) => ({ key: `company-${at}.com`, number: at, asks: false })),
        ...steps,
      ];
      const [found, expected]: [number[], number[]] = [[], []];
      for (const { key: text, number, asks } of all) {
        const before = map.get(text) ?? -1;
        expected.push(before);
        found.push(numbers.get(text, asks ? number : -1));
        if (asks && before !== -1) continue;
        if (!asks) numbers.set(text, number);
        map.set(text, number);
      }
      expect(found).toEqual(expected);
      expect([...map.keys()].map((text) => numbers.get(text))).toEqual([...map.values()]);
    }),
    { numRuns: scaled(50) },
  );
});

/** Texts that lie in one place of a table of 8,192. */
function inOnePlace(count: number): string[] {
  const slots = new Map<number, string[]>();
  for (let at = 0; ; at += 1) {
    const text = `c${at}`;
    let hash = text.length;
    for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16_777_619);
    const slot = (hash ^ (hash >>> 15)) & 0x1fff;
    const texts = slots.get(slot) ?? [];
    if (texts.push(text) === count) return texts;
    slots.set(slot, texts);
  }
}

test('keys made to lie in one place of the table keep their numbers when it grows', () => {
  const numbers = new KeyNumbers();
  const texts = inOnePlace(70);
  const others = Array.from({ length: 20_000 }, (_, at) => `company-${at}.com`);
  const all = [...texts, ...others];
  const none = all.map(() => -1);
  expect(all.map((text, at) => numbers.get(text, at))).toEqual(none);
  expect(all.map((text) => numbers.get(text))).toEqual([...all.keys()]);
  for (const text of all) numbers.set(text, -1);
  expect(all.map((text, at) => numbers.get(text, at + 1))).toEqual(none);
  expect(all.map((text) => numbers.get(text))).toEqual(all.map((_, at) => at + 1));
});
