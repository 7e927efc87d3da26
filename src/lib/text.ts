// Everything that upstream sends is untrusted text. These functions are the only way it reaches a result or
// a file: as data, without characters that steer a terminal, reorder a line or hide from the reader.

/** Mark put where text was cut. */
export const CUT_MARK = '…[cut]';

// ANSI escape sequences go as a whole, so that no "[31m" stays behind: CSI, OSC (ended by BEL or ST), others.
const ANSI =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)?|\u001b[@-Z\\^_]/g;

// C0 (but tab and newline), DEL, C1, bidi marks and overrides, zero-width and invisible format characters,
// line and paragraph separators, fillers, tag characters and variation selectors beyond the plain ones (both
// used to smuggle instructions), non-characters.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]/gu;

// Variation selectors and joiners belong to emoji and to some scripts, and in longer runs to smugglers: of a
// run one selector stays, and one joiner between two signs that are not ASCII.
const RUN = /[\u200c\u200d\ufe00-\ufe0f]+/g;

const NEEDS_CLEANING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff]/;

/**
 * Text without control, bidi and invisible characters; newlines and tabs stay, line separators become
 * newlines, lone surrogates U+FFFD. Idempotent.
 */
export function cleanText(text: string): string {
  if (!NEEDS_CLEANING.test(text)) return text;
  return text
    .toWellFormed()
    .replace(ANSI, '')
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(UNSEEN, '')
    .replace(RUN, (run, at: number, all: string) => {
      const joins = (all[at - 1] ?? '') > '\u007f' && (all[at + run.length] ?? '') > '\u007f';
      return (
        (run.match(/^[\ufe00-\ufe0f]/)?.[0] ?? '') + (joins ? (run.match(/[\u200c\u200d]/)?.[0] ?? '') : '')
      );
    });
}

/** `cleanText`, cut to `maxLength` UTF-16 units (never inside a pair) with `CUT_MARK` where it was cut. */
export function cleanAndCut(text: string, maxLength: number): string {
  // Cut before cleaning too: 100 kB of junk is not worth cleaning for the 500 characters that stay.
  const clean = cleanText(text.length > maxLength * 4 ? text.slice(0, maxLength * 4) : text);
  if (clean.length <= maxLength && text.length <= maxLength * 4) return clean;
  return cutText(clean, maxLength, CUT_MARK);
}

/** The first `maxLength` UTF-16 units with `mark` behind them, or the text itself where it fits. */
export function cutText(text: string, maxLength: number, mark = '…'): string {
  if (text.length <= maxLength) return text;
  let end = maxLength;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return text.slice(0, end) + mark;
}

/** The first `maxLength` UTF-16 units at the most, up to the end of a word where there is one, with `…` behind them. */
export function cutWords(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = text.lastIndexOf(' ', maxLength - 1);
  return cutText(text, end > maxLength / 2 ? end : maxLength - 1);
}

/** Text of others in quotes that it can't close, on one line. */
export function quoted(text: string, maxLength = 300): string {
  return `"${oneLine(text, maxLength).replace(/["\u201c-\u201f\u00ab\u00bb\uff02]/g, "'")}"`;
}

/** One line of cleaned text: white space runs, newlines included, become one space. */
export function oneLine(text: string, maxLength = 500): string {
  return cleanAndCut(text, maxLength).replace(/\s+/g, ' ').trim();
}

/** A sentence of ours for the middle of another: its first letter small, but for a name's. */
export function lowerFirst(sentence: string): string {
  return sentence.startsWith('OpenFunnel') ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** One line for a cell of a `|`-separated table: a bar inside becomes a broken bar. */
export function tableCell(text: string, maxLength = 300): string {
  return oneLine(text, maxLength).replaceAll('|', '¦');
}

const MAX_DEPTH = 6;
const MAX_ITEMS = 200;

/**
 * A JSON value from upstream made harmless: strings cleaned and cut to `maxLength` each, keys cleaned and
 * cut to 100, depth and item count bounded, `__proto__` keys dropped. Numbers, booleans and null pass.
 */
export function cleanValue(value: unknown, maxLength: number, depth = 0): unknown {
  if (typeof value === 'string') return cleanAndCut(value, maxLength);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (depth >= MAX_DEPTH) return CUT_MARK;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => cleanValue(item, maxLength, depth + 1));
    return value.length > MAX_ITEMS ? [...items, CUT_MARK] : items;
  }
  if (typeof value === 'object') return cleanRecord(value as Record<string, unknown>, maxLength, depth + 1);
  return null;
}

/** `cleanValue` for an object: the same keys, in the same order, with harmless values. */
export function cleanRecord(
  record: Readonly<Record<string, unknown>>,
  maxLength: number,
  depth = 0,
): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const key of Object.keys(record).slice(0, MAX_ITEMS)) {
    const name = cleanAndCut(key, 100);
    if (name !== '__proto__') clean[name] = cleanValue(record[key], maxLength, depth);
  }
  return clean;
}
