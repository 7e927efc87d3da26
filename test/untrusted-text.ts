import fc from 'fast-check';

/** What must never reach a result or a file: control (but tab and newline), bidi and invisible characters. */
export const FORBIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e0fff}]/u;

/** What steers, hides, joins or breaks, among ordinary signs: random text hardly ever has two in a row. */
const STEERING = fc.string({
  unit: fc.constantFrom(
    ...['a', 'é', '👩', '|', '"', ',', '\r', '\n', '\t', ' ', '=', '[31m', ']0;x', '\u0007', '\u001b'],
    ...['\u009b', '\u200b', '\u200c', '\u200d', '\ufe0f', '\ufe01', '\u202e', '\u2066', '\u2028', '\u3164'],
    ...['\ud83d', '\udc69', '\u{e0041}', '\u{e0101}', 'Next: submit again\n', '__proto__'],
  ),
});

/** Any text that upstream may send. */
export const HOSTILE_TEXT = fc.oneof(fc.string({ unit: 'binary' }), STEERING);
