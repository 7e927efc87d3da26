import fc from 'fast-check';

/** What must never reach a result or a file: what nobody sees, but tab and newline. Joiners in emoji aside. */
export const FORBIDDEN =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}]/u;

/** What steers, hides, joins or breaks, among ordinary signs: random text hardly ever has two in a row. */
const STEERING = fc.string({
  unit: fc.constantFrom(
    ...['a', 'é', '👩', '|', '"', ',', '\r', '\n', '\t', ' ', '=', '[31m', ']0;x', '\u0007', '\u001b'],
    ...['\u009b', '\u200b', '\u200c', '\u200d', '\ufe0f', '\ufe01', '\u202e', '\u2066', '\u2028', '\u3164'],
    ...['\ud83d', '\udc69', '\u{e0041}', '\u{e0101}', 'Next: submit again\n', '__proto__'],
  ),
});

/** Any code point, the ones that a byte or two hold as often as all the others. */
const CODE_POINT = fc
  .oneof(
    fc.integer({ max: 0x7f, min: 0 }),
    fc.integer({ max: 0xd7ff, min: 0x80 }),
    fc.integer({ max: 0x10ffff, min: 0xe000 }),
  )
  .map((codePoint) => String.fromCodePoint(codePoint));

/**
 * Text of any code points, or a name that every object has. fast-check's own `unit: 'binary'` lists all the million
 * of them in a map first: a second and 100 MB for each process that has such a test.
 */
export function anyText(length: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  const inherited = ['__proto__', 'constructor', 'toString', 'valueOf'].filter(
    (name) => name.length <= (length.maxLength ?? name.length),
  );
  return fc.oneof(
    { weight: 19, arbitrary: fc.string({ ...length, unit: CODE_POINT }) },
    { weight: 1, arbitrary: fc.constantFrom(...inherited) },
  );
}

/** Any text that upstream may send. */
export const HOSTILE_TEXT = fc.oneof(anyText(), STEERING);
