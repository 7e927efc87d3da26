import { isUnseen } from './text.ts';

/** A word so short is no key, and could stand in anybody's text. Characters. */
const SHORTEST = 8;
const MARK = '[api key]';
/** What stands between the first characters of a terminal's sequence and its last. Characters. */
const LONGEST_SEQUENCE = 32;

const BACKSLASH = 92;
const PERCENT = 37;
const AMPERSAND = 38;
const BRACKET = 91;

/**
 * A secret that must never be shown, however it is written: as it is, escaped for JSON, a URL or HTML, or with
 * characters between its own that are gone when it is shown (see `cleanText`). Case does not matter.
 *
 * A text is walked through once. At each of its places stands how much of the secret can end there, for one place
 * may be read in two ways: so the time grows with the text alone, whatever it holds.
 */
export class Secret {
  /** Its characters but backslashes, which stand before any character as often as somebody escaped it. */
  readonly #codes: readonly number[];
  readonly #begins: Uint8Array;

  /** @param value Undefined, or too short to be a key, for none. */
  constructor(value: string | undefined) {
    const wanted = value === undefined || value.length < SHORTEST ? '' : value;
    this.#codes = Array.from({ length: wanted.length }, (_, at) => lower(wanted.charCodeAt(at))).filter(
      (code) => code !== BACKSLASH,
    );
    this.#begins = beginnings(this.#codes);
  }

  /** Whether the text holds it in any form. */
  isIn(text: string): boolean {
    return !this.#found(text).next().done;
  }

  /** The text with a mark in its place. A text in JSON stays one. */
  mask(text: string): string {
    let masked = '';
    let end = 0;
    for (const place of this.#found(text)) {
      masked += text.slice(end, place.start) + MARK;
      end = place.end;
    }
    return end === 0 ? text : masked + text.slice(end);
  }

  /** Where it stands, from first to last. */
  *#found(text: string): Generator<{ start: number; end: number }> {
    const codes = this.#codes;
    const [first] = codes;
    if (first === undefined) return;
    // By place: how many of its characters may end there, each with where they begin.
    let open = new Map<number, Map<number, number>>();
    const note = (place: number, length: number, start: number) => {
      const here = open.get(place);
      if (here === undefined) open.set(place, new Map([[length, start]]));
      else if (!here.has(length)) here.set(length, start);
    };
    for (let at = 0; at < text.length; at += 1) {
      if (open.size === 0) at = nextBegin(text, at, codes, this.#begins);
      const code = text.charCodeAt(at);
      const here = open.get(at);
      const begins = code === BACKSLASH || code === PERCENT || code === AMPERSAND || lower(code) === first;
      if (here === undefined && !begins) continue;
      open.delete(at);
      const written = isEscape(text, at) ? writtenAt(text, at) : [];
      const unseen = here === undefined ? [] : unseenAt(text, at, written);
      const begun = here ?? new Map<number, number>();
      if (!begun.has(0)) begun.set(0, at);
      for (const [length, start] of begun) {
        if (code === BACKSLASH) note(at + 1, length, start);
        if (length > 0) for (const end of unseen) note(end, length, start);
        const ends = written.filter((each) => lower(each.code) === codes[length]).map(({ end }) => end);
        if (lower(code) === codes[length]) ends.push(at + 1);
        for (const end of ends) note(end, length + 1, start);
        const end = ends.at(-1);
        if (end === undefined || length + 1 < codes.length) continue;
        yield { start, end };
        open = new Map();
        at = end - 1;
        break;
      }
    }
  }
}

/** By the code of a character: 1 for what begins an escape, and for the first of the secret in either case. */
function beginnings([first = 0]: readonly number[]): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const code of [BACKSLASH, PERCENT, AMPERSAND, first, first - 32])
    if (isEscaping(code) || lower(code) === first) table[code] = 1;
  return table;
}

/** The next place at which the secret may begin, or the text's length: what can't be one is passed over quickly. */
function nextBegin(text: string, from: number, codes: readonly number[], begins: Uint8Array): number {
  const second = codes[1];
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (begins[code] === 0) continue;
    const start = at;
    if (code === BACKSLASH) while (text.charCodeAt(at) === BACKSLASH) at += 1;
    else if (!isEscaping(code)) {
      const next = text.charCodeAt(at + 1);
      if (isPlain(next) && lower(next) !== second) continue;
    }
    if (mayBegin(text, at, codes)) return start;
    if (code === BACKSLASH) at -= 1;
  }
  return text.length;
}

/** Whether it may begin here: not where its characters are followed by a plain one that is not the next. */
function mayBegin(text: string, at: number, codes: readonly number[]): boolean {
  const written = isEscape(text, at) ? writtenAt(text, at) : [];
  if (written.some(({ code }) => lower(code) === codes[0])) return true;
  for (let length = 0; length < codes.length; length += 1) {
    const code = text.charCodeAt(at + length);
    if (length > 0 && !isPlain(code)) return true;
    if (lower(code) !== codes[length]) return false;
  }
  return true;
}

/** Whether what stands here can stand for another character. */
function isEscape(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === PERCENT || code === AMPERSAND || text.charCodeAt(at - 1) === BACKSLASH;
}

/** Whether a character begins an escape. */
function isEscaping(code: number): boolean {
  return code === BACKSLASH || code === PERCENT || code === AMPERSAND;
}

/** Whether a character is seen, and stands for itself alone. */
function isPlain(code: number): boolean {
  return code >= 32 && code < 127 && !isEscaping(code);
}

interface Written {
  code: number;
  /** Behind the escape. */
  end: number;
}

/** What an escape may stand for: behind a backslash in JSON or JavaScript, in a URL, in HTML. */
function writtenAt(text: string, at: number): Written[] {
  const form = text.charAt(at).toLowerCase();
  if (form === '%') {
    // What was escaped twice has the code of "%" between, which may be that sign itself too.
    const found: Written[] = [];
    let end = at + 1;
    for (; text.startsWith('25', end); end += 2) found.push({ code: PERCENT, end: end + 2 });
    return [...found, ...hexAt(text, end, 2)];
  }
  if (form === 'u') return hexAt(text, at + 1, 4);
  if (form === 'x') return hexAt(text, at + 1, 2);
  if (form !== '&' || text.charAt(at + 1) !== '#') return [];
  const hex = text.charAt(at + 2).toLowerCase() === 'x';
  let end = at + (hex ? 3 : 2);
  let code = 0;
  for (; ; end += 1) {
    const digit = digitAt(text, end, hex ? 16 : 10);
    if (digit < 0) break;
    code = Math.min(code * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (code > 0x10ffff) return [];
  return [{ code, end: text.charAt(end) === ';' ? end + 1 : end }];
}

function hexAt(text: string, at: number, digits: number): Written[] {
  let code = 0;
  for (let place = at; place < at + digits; place += 1) {
    const digit = digitAt(text, place, 16);
    if (digit < 0) return [];
    code = code * 16 + digit;
  }
  return [{ code, end: at + digits }];
}

/** The value of a digit, or -1 for what is none. */
function digitAt(text: string, at: number, base: 10 | 16): number {
  const code = lower(text.charCodeAt(at));
  if (code >= 48 && code <= 57) return code - 48;
  return base === 16 && code >= 97 && code <= 102 ? code - 87 : -1;
}

/** The places behind a character that nobody sees, and behind what is left of a terminal's sequence after it. */
function unseenAt(text: string, at: number, written: readonly Written[]): number[] {
  const plain = text.codePointAt(at) ?? 0;
  const ends: number[] = [];
  for (const { code, end } of [{ code: plain, end: at + (plain > 0xffff ? 2 : 1) }, ...written]) {
    if (!isUnseen(code)) continue;
    ends.push(end);
    if (text.charCodeAt(end) !== BRACKET) continue;
    let last = end + 1;
    while (last - end < LONGEST_SEQUENCE && /[0-9;?]/.test(text.charAt(last))) last += 1;
    if (/[a-z]/i.test(text.charAt(last))) ends.push(last + 1);
  }
  return ends;
}

/** The code of an ASCII letter's small form; any other code as it is. */
function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}
