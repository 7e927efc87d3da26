// SQLite's LIKE over all letters.
import { RE2JS } from 're2js';
import { fold } from '../lib/letters.ts';

/** A text up to the next %: what it has to be, `null` for the one character that _ stands for. */
type Segment = Array<string | null>;
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
  const sources = segments.map((each) =>
    each.map((sign) => (sign === null ? '.' : RE2JS.quote(sign))).join(''),
  );
  const compiled = RE2JS.compile(sources.join('.*'), RE2JS.DOTALL);
  return (text) => compiled.matches(fold(text));
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
