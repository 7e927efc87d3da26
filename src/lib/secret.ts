import { isUnseen } from './text.ts';

/** A word so short is no key, and could stand in anybody's text. Characters. */
const SHORTEST = 8;
const MARK = '[api key]';
/** What may stand for another character, or be gone when the text is shown. */
const OTHER = String.raw`[%&\\\x00-\x1f\x7f-\uffff]`;
/** What is left of a terminal's sequence behind the character of it that nobody sees. */
const SEQUENCE = /\[[0-9;?]{0,32}[a-z]/iy;

/**
 * A secret that must never be shown, however it is written: as it is, escaped for JSON, a URL or HTML, or with
 * characters between its own that are gone when it is shown (see `cleanText`). Case does not matter.
 *
 * From each place where it may begin, a text is read on for as long as it says the secret: so the time grows with the
 * text alone, whatever it holds.
 */
export class Secret {
  /** Its characters but backslashes, which stand before any character as often as somebody escaped it. */
  readonly #codes: readonly number[];

  /** Finds where it may begin: most of a text is passed over by it. */
  readonly #beginning: RegExp;

  /** @param value Undefined, or too short to be a key, for none. */
  constructor(value: string | undefined) {
    const wanted = value === undefined || value.length < SHORTEST ? '' : value.replaceAll('\\', '');
    this.#codes = Array.from(wanted, (_, at) => lower(wanted.charCodeAt(at)));
    this.#beginning = beginningOf(this.#codes);
  }

  /** Whether the text holds it in any form. */
  isIn(text: string): boolean {
    return this.#next(text, 0) !== null;
  }

  /** The text with a mark in its place. A text in JSON stays one. */
  mask(text: string): string {
    let masked = '';
    let end = 0;
    for (let found = this.#next(text, 0); found !== null; found = this.#next(text, end)) {
      masked += text.slice(end, found.start) + MARK;
      end = found.end;
    }
    return masked + text.slice(end);
  }

  /** Where it stands first from a place on. */
  #next(text: string, from: number): { start: number; end: number } | null {
    if (this.#codes.length === 0) return null;
    const beginning = this.#beginning;
    beginning.lastIndex = from;
    for (let found = beginning.exec(text); found !== null; found = beginning.exec(text)) {
      const end = this.#endOf(text, found.index, 0);
      if (end !== null) return { start: found.index, end };
      beginning.lastIndex = found.index + 1;
    }
    return null;
  }

  /** Where it ends whose characters from `length` on begin at a place, which may be read in more than one way. */
  #endOf(text: string, from: number, length: number): number | null {
    if (length === this.#codes.length) return from;
    let unseen = false;
    for (let at = from; ; ) {
      for (; text[at] === '\\'; at += 1) unseen = false;
      const readings = readingsAt(text, at);
      for (const { code, end } of readings) {
        const found = lower(code) === this.#codes[length] ? this.#endOf(text, end, length + 1) : null;
        if (found !== null) return found;
      }
      SEQUENCE.lastIndex = at;
      const inSequence = unseen && SEQUENCE.test(text);
      const skipped = length > 0 && readings.find(({ code }) => isUnseen(code));
      unseen = false;
      if (inSequence) at = SEQUENCE.lastIndex;
      else if (skipped) {
        at = skipped.end;
        unseen = true;
      } else return null;
    }
  }
}

/** Its first four characters up to one that may be another, or an escape that may be its first. */
function beginningOf(codes: readonly number[]): RegExp {
  const [first = '', ...next] = codes.slice(0, 4).map((code) => {
    const [hex, capital] = [code, upper(code)].map((each) => `\\u${each.toString(16).padStart(4, '0')}`);
    return `[${hex}${capital}]`;
  });
  const behind = next.reduceRight((rest, each) => `(?:${OTHER}|${each}${rest})`, '');
  const escaped = String.raw`[%&]|(?<!\\)\\+(?:${first}|[uUxX%&])`;
  return new RegExp(`${first}(?=${behind})|${escaped}`, 'g');
}

/** A character, and the place behind it. */
interface Reading {
  code: number;
  end: number;
}

/** What stands here: an escape's character, or the one that is written. */
function readingsAt(text: string, at: number): Reading[] {
  const code = text.codePointAt(at) ?? 0xfffd;
  return [...escapedAt(text, at), { code, end: at + (code > 0xffff ? 2 : 1) }];
}

const BEHIND_BACKSLASH = /(?<=\\)(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/iy;
/** What was escaped twice has the code of "%" between, which may be that sign itself too. */
const ESCAPED_PERCENT = /%(?:25)*(25)/iy;
const IN_URL = /%(?:25)*([0-9a-f]{2})/iy;
const IN_HTML = /&#(?:x0*([0-9a-f]{1,6})|0*([0-9]{1,7}));?/iy;

/** The characters that an escape may stand for: behind a backslash in JSON or JavaScript, in a URL, in HTML. */
function escapedAt(text: string, at: number): Reading[] {
  const sign = text[at];
  if (sign !== '%' && sign !== '&' && text[at - 1] !== '\\') return [];
  return [BEHIND_BACKSLASH, ESCAPED_PERCENT, IN_URL, IN_HTML].flatMap((pattern) => {
    pattern.lastIndex = at;
    const [whole, hex, other] = pattern.exec(text) ?? [];
    if (whole === undefined) return [];
    const decimal = pattern === IN_HTML && other !== undefined;
    const code = Number.parseInt(hex ?? other ?? '', decimal ? 10 : 16);
    return code > 0x10ffff ? [] : [{ code, end: at + whole.length }];
  });
}

/** The code of an ASCII letter's small form; any other code as it is. */
function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** The code of an ASCII letter's capital; any other code as it is. */
function upper(code: number): number {
  return code >= 97 && code <= 122 ? code - 32 : code;
}
