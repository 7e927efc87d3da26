import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { scaled } from '../scale.ts';

describe('a secret', () => {
  // A backslash in a key is as good as none: any number of them may stand before any of its characters.
  const key = fc.stringMatching(/^[!-[\]-~]{8,40}$/);
  const escaped = (each: string, how: number): string => {
    const hex = each.charCodeAt(0).toString(16).padStart(2, '0');
    const forms = [each, `\\u00${hex.toUpperCase()}`, `%${hex}`, `&#${each.charCodeAt(0)};`, `${each}\u200b`];
    return forms[how % forms.length] ?? each;
  };

  test('is found however each of its characters is written, and is gone once masked', () => {
    fc.assert(
      fc.property(key, fc.array(fc.nat(4), { minLength: 40, maxLength: 40 }), (value, how) => {
        const secret = new Secret(value);
        const text = `before ${[...value].map((each, at) => escaped(each, how[at] ?? 0)).join('')} after`;
        expect(secret.isIn(text)).toBe(true);
        expect(secret.mask(text)).not.toContain(value);
        expect(secret.isIn(secret.mask(text))).toBe(false);
      }),
      { numRuns: scaled(50) },
    );
  });

  test('leaves JSON whole, and other text alone', () => {
    fc.assert(
      fc.property(key, fc.jsonValue(), (value, around) => {
        const secret = new Secret(value);
        const json = JSON.stringify({ around, said: `x ${value} y`, end: value });
        expect(JSON.parse(secret.mask(json))).toMatchObject({ end: '[api key]' });
      }),
      { numRuns: scaled(50) },
    );
    const secret = new Secret('of_0123456789');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(secret.mask(text)).toBe(text);
      }),
    );
    expect(new Secret('short').isIn('short')).toBe(false);
  });

  test('costs no more than one walk through the text, whatever that holds', () => {
    const secret = new Secret('of_0123456789');
    // A walk back over any of these would take minutes.
    for (const unit of [
      '\\',
      'o',
      'o\u200b',
      '%25',
      '&#0',
      'of_\\u200b',
      'o\\',
      'of_012345678\u001b[1',
      'o\u0001[1;1',
    ])
      expect(secret.mask(`${unit.repeat(100_000)} of_0123456789`)).toMatch(/ \[api key\]$/);
  });
});
