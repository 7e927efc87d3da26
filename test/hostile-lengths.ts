import { randomOf } from '../src/sandbox/companies.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String.fromCodePoint(from + index)).join('');

/** Text that tokenizers have no words for, a kind each: its alphabet, the length of its words, what parts them. */
const KINDS: Readonly<Record<string, readonly [alphabet: string, word: number, between: string]>> = {
  gibberish: [LOWER, 7, ' '],
  'long gibberish': [LOWER, 60, ' '],
  capitals: [UPPER, 8, ' '],
  'mixed case': [LOWER + UPPER, 9, ' '],
  base64: [`${LOWER}${UPPER}${DIGITS}+/`, 200, '='],
  hex: [`${DIGITS}abcdef`, 40, ' '],
  slugs: [LOWER, 5, '-'],
  digits: [DIGITS, 30, ' '],
  punctuation: ['!#$%&()*+,-./:;<=>?@[]^_{}~', 12, ' '],
  'quotes and backslashes': ['"\\\'`', 6, ' '],
  accents: [range(0xc0, 0x17f), 8, ' '],
  greek: [range(0x391, 0x3ca).replace('\u03a2', ''), 8, ' '],
  cyrillic: [range(0x410, 0x450), 8, ' '],
  hebrew: [range(0x5d0, 0x5eb), 6, ' '],
  thai: [range(0xe01, 0xe2f), 9, ' '],
  georgian: [range(0x10d0, 0x10f1), 8, ' '],
  kana: [range(0x3041, 0x3097), 8, ''],
  han: [range(0x4e00, 0x9fa6), 8, ''],
  hangul: [range(0xac00, 0xd7a4), 6, ' '],
  'rare scripts': [range(0x1200, 0x1249) + range(0x13a0, 0x13f5) + range(0x1820, 0x1843), 7, ' '],
  symbols: [range(0x2190, 0x2300) + range(0x2580, 0x2600), 5, ''],
  emoji: [range(0x1f300, 0x1f5fb) + range(0x1f900, 0x1fa00), 4, ' '],
};

export const HOSTILE_KINDS = Object.keys(KINDS);
const SIGNS = new Map(Object.entries(KINDS).map(([kind, [alphabet]]) => [kind, [...alphabet]]));

/** Some `length` UTF-16 units of such text; the same for the same seed. */
export function hostileText(kind: string, length: number, seed: number): string {
  const [, word, between] = KINDS[kind] ?? ['x', 5, ' '];
  const signs = SIGNS.get(kind) ?? ['x'];
  const random = randomOf(seed, 1, 2);
  let text = '';
  while (text.length < length) {
    const count = 1 + Math.floor(random() * word * 1.5);
    for (let index = 0; index < count; index += 1) text += signs[Math.floor(random() * signs.length)] ?? '';
    text += between;
  }
  return text.slice(0, length);
}
