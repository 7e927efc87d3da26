// Everything that upstream sends is untrusted text. These functions are the only way it reaches a result or
// a file: as data, without characters that steer a terminal, reorder a line or hide from the reader.

export const CUT_MARK = '…[cut]';

// ANSI escape sequences go as a whole, so that no "[31m" stays behind: CSI, OSC (ended by BEL or ST), others.
const ANSI =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)?|\u001b[@-Z\\^_]/g;

// What nobody sees, as Unicode itself has it, and not as a list of ours: control and format characters, what is
// ignorable by default (zero-width, fillers, tags), variation selectors, non-characters and separators of lines.
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}]/u;

// A surrogate that is half of nothing needs cleaning too; in a text with the flag `u`, `\p{Cs}` is no other.
const NEEDS_CLEANING =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/u;

// Where something unseen changes what is seen, and is spelled one way only, so that it carries no message: in emoji
// that Unicode lists (a technologist, a flag), behind the vowel killer of an Indic script, and between two letters
// of an Arabic script that would else be joined (Unicode 16, chapters 9 and 12; RFC 5892, appendix A).
const EMOJI = /\p{RGI_Emoji_ZWJ_Sequence}|\p{RGI_Emoji_Tag_Sequence}/v;
const BEHIND_VIRAMA =
  /(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u103a\u17d2])[\u200c\u200d]/;
const BETWEEN_LETTERS =
  /(?<=(?![\u0621-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2-\u06d5\u06ee\u06ef])[\u0620-\u064a\u066e-\u06ff])\u200c(?=[\u0620-\u064a\u066e-\u06ff])/;

// A sign that is text or emoji by the selector behind it. A text in which each has one keeps them, any other none:
// one here and none there would be a message.
const EITHER =
  /(?:[[\p{Emoji}--\p{Emoji_Presentation}]&&[\u2300-\u{1faff}]](?!\p{Emoji_Modifier})|[#*0-9](?=\ufe0f?\u20e3))(?<selector>\ufe0f?)/v;

// No piece begins with what the first class has, which is most of a text.
const PIECES = new RegExp(
  `(?![ -"$-\\)+-\\/:-~])(?:(?<seen>${EMOJI.source}|${BEHIND_VIRAMA.source}|${BETWEEN_LETTERS.source})|(?<either>${EITHER.source})|[\\t\\n]|(?:(?![\\t\\n])${UNSEEN.source})+)`,
  'gv',
);

/** What most texts are made of needs no second look: printable ASCII, Latin letters, typographic signs, symbols. */
const UNCOMMON = /[^\t\n -~\u00a1-\u00ac\u00ae-\u034e\u2010-\u2027\u20a0-\u2cff]/;

/** Without these there is no piece to keep: nothing joins signs, selects their form or tags them. */
const JOINS = /[\u200c\u200d\ufe0f\u{e0020}-\u{e007f}]/u;
const UNSEEN_RUNS = new RegExp(`(?:(?![\\t\\n])${UNSEEN.source})+`, 'gu');

/**
 * Text without control, bidi and invisible characters; newlines and tabs stay. Emoji and joined letters stay in the one
 * form that can be seen. Idempotent.
 */
export function cleanText(text: string): string {
  if (!UNCOMMON.test(text) || !NEEDS_CLEANING.test(text)) return text;
  const lines = text
    .toWellFormed()
    .replace(ANSI, '')
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n');
  if (!JOINS.test(lines)) return lines.replace(UNSEEN_RUNS, '');
  const selected = lines.includes('\ufe0f') && everyOneSelected(lines);
  return lines.replace(PIECES, (piece, ...rest) => {
    if (piece === '\t' || piece === '\n') return piece;
    const { seen, either }: Pieces = rest.at(-1);
    if (either !== undefined) return selected ? either : either.replace('\ufe0f', '');
    return seen ?? '';
  });
}

interface Pieces {
  seen?: string;
  either?: string;
}

function everyOneSelected(text: string): boolean {
  return [...text.matchAll(PIECES)].every(
    ({ groups }) => groups?.either === undefined || groups.selector !== '',
  );
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

/** The first `maxLength` UTF-16 units at the most, up to the end of a word where one ends in the last 15, with `…` behind them. */
export function cutWords(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const end = text.lastIndexOf(' ', maxLength - 1);
  return cutText(text, end >= maxLength - 16 ? end : maxLength - 1);
}

/** Marks of one letter that are looked at: what Unicode itself calls enough (UAX #15, "Stream-Safe Text Format"). */
const MARKS = /\p{M}{31,}/gu;
/** Where marks can be at all: Latin texts with typographic quotes and dashes have none of these. */
const NEAR_MARKS = /[\u0300-\u1fff\u20d0-\u20ff\u2c00-\uffff]/;
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** `text.normalize(form)` in linear time: a letter keeps its first 30 marks, which are sorted by insertion. */
export function normalForm(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  if (!BEYOND_ASCII.test(text)) return text;
  const bounded = NEAR_MARKS.test(text)
    ? text.replace(MARKS, (marks) => [...marks].slice(0, 30).join(''))
    : text;
  return bounded.normalize(form);
}

/** The text without such signs at its end; one pattern for it all would walk back over each run of them. */
export function withoutEnd(text: string, sign: RegExp): string {
  let end = text.length;
  while (end > 0 && sign.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Text of others in quotes that it can't close, on one line. */
export function quoted(text: string, maxLength = 300): string {
  return `"${oneLine(text, maxLength).replace(/["\u201c-\u201f\u00ab\u00bb\uff02]/g, "'")}"`;
}

/** One line of cleaned text: white space runs, newlines included, become one space. */
export function oneLine(text: string, maxLength = 500): string {
  return cleanAndCut(text, maxLength).replace(/\s+/g, ' ').trim();
}

const SINGULAR_VERBS: Readonly<Record<string, string>> = { are: 'is', were: 'was', have: 'has' };

/**
 * A count before what is counted: "1 row", "2 rows", "3 companies", and with a verb "1 row is", "2 rows are".
 * @param what In the singular. @param verb In the plural.
 */
export function counted(count: number, what: string, verb = ''): string {
  const said = count === 1 ? [what, SINGULAR_VERBS[verb] ?? withS(verb)] : [withS(what), verb];
  return `${count} ${said.join(' ').trim()}`;
}

/** A noun in the plural, and likewise a verb in the singular. */
function withS(word: string): string {
  if (word === '') return '';
  if (word.endsWith('y')) return `${word.slice(0, -1)}ies`;
  return /(?:ch|x)$/.test(word) ? `${word}es` : `${word}s`;
}

/** A sentence of ours for the middle of another: its first letter small, but for a name's. */
export function lowerFirst(sentence: string): string {
  return sentence.startsWith('OpenFunnel') ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** One line for a cell of a `|`-separated table: a bar inside becomes a broken bar. */
export function tableCell(text: string, maxLength = 300): string {
  return oneLine(text, maxLength).replaceAll('|', '¦');
}

/** The words of a text, parted by one blank each. */
export function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

/** Whether a word is one of these. */
export function oneOf(words: string): (word: string) => boolean {
  const known = setOf(words);
  return (word) => known.has(word);
}

const MAX_DEPTH = 6;
const MAX_ITEMS = 200;
const TOO_DEEP = `…[cut: nested deeper than ${MAX_DEPTH} levels]`;
const TOO_MANY = `…[cut: more than ${MAX_ITEMS} items]`;

/** A JSON value from upstream made harmless: strings cleaned and cut to `maxLength`, keys to 100, depth and items bounded. */
export function cleanValue(value: unknown, maxLength: number, depth = 0): unknown {
  if (typeof value === 'string') return cleanAndCut(value, maxLength);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (depth >= MAX_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => cleanValue(item, maxLength, depth + 1));
    return value.length > MAX_ITEMS ? [...items, TOO_MANY] : items;
  }
  if (typeof value === 'object') return cleanRecord(value as Record<string, unknown>, maxLength, depth + 1);
  return null;
}

export function cleanRecord(
  record: Readonly<Record<string, unknown>>,
  maxLength: number,
  depth = 0,
): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  const keys = Object.keys(record);
  for (const key of keys.slice(0, MAX_ITEMS)) {
    const name = cleanAndCut(key, 100);
    if (name !== '__proto__') clean[name] = cleanValue(record[key], maxLength, depth);
  }
  if (keys.length > MAX_ITEMS) clean[CUT_MARK] = TOO_MANY;
  return clean;
}
