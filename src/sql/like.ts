// SQLite's LIKE over all letters.
import { fold } from '../lib/letters.ts';

/** A text up to the next %: what it has to be, `null` for the one character that _ stands for. */
type Segment = Array<string | null>;
const BEYOND_16_BITS = /[\ud800-\udfff]/;
/** Stands for %. */
const ANY: unique symbol = Symbol('%');
type Sign = string | null | typeof ANY;

/**
 * A test for `pattern`: % stands for any characters, _ for one, all others for themselves in any case and
 * composition.
 *
 * @param escaping The character behind which % and _ stand for themselves.
 */
export function compilePattern(pattern: string, escaping: string | null): (text: string) => boolean {
  const segments = segmentsOf(pattern, escaping);
  const plain = segments.map((segment) => (segment.includes(null) ? null : segment.join('')));
  if (plain.every((each) => each !== null)) return (text) => hasInOrder(fold(text), plain);
  const signs = segments.flatMap<Sign>((segment, at) => (at === 0 ? segment : [ANY, ...segment]));
  return (text) => {
    const folded = fold(text);
    return matches(BEYOND_16_BITS.test(folded) ? [...folded] : folded, signs);
  };
}

/** Neighbouring characters are folded together, since some of them compose to one. */
function segmentsOf(pattern: string, escaping: string | null): Segment[] {
  const segments: Segment[] = [[]];
  let literal = '';
  const flush = () => {
    segments.at(-1)?.push(...fold(literal));
    literal = '';
  };
  const signs = [...pattern];
  for (let at = 0; at < signs.length; at += 1) {
    const sign = signs[at] ?? '';
    if (sign === escaping) {
      at += 1;
      literal += signs[at] ?? '';
    } else if (sign === '%') {
      flush();
      segments.push([]);
    } else if (sign === '_') {
      flush();
      segments.at(-1)?.push(null);
    } else literal += sign;
  }
  flush();
  return segments;
}

/** Whether the parts follow one another in the text, the first at its beginning and the last at its end. */
function hasInOrder(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The same for signs with _ among them; goes back to the last % alone. */
function matches(text: ArrayLike<string>, signs: readonly Sign[]): boolean {
  let at = 0;
  let sign = 0;
  let any = -1;
  let anyAt = 0;
  while (at < text.length) {
    const wanted = signs[sign];
    if (wanted === ANY) {
      any = sign;
      anyAt = at;
      sign += 1;
    } else if (sign < signs.length && (wanted === null || wanted === text[at])) {
      at += 1;
      sign += 1;
    } else if (any >= 0) {
      anyAt += 1;
      at = anyAt;
      sign = any + 1;
    } else return false;
  }
  while (signs[sign] === ANY) sign += 1;
  return sign === signs.length;
}
