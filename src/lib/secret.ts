// Characters that the cleaning of upstream's text takes out (see text.ts), and their JSON escapes: put between the
// characters of a key, they would be gone when it is shown.
const UNSEEN =
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff]';
const UNSEEN_ESCAPE =
  '\\\\+u(?:00[01][0-9a-f]|007f|00[89][0-9a-f]|00ad|034f|061c|115f|1160|17b[45]|180e|200[b-f]|202[89a-e]|206[0-9a-f]|3164|fe0[0-9a-f]|feff|ffa0|fff[0-9a-f])';
/** What is left of an escape sequence of a terminal when its first character is matched as unseen. */
const SEQUENCE = '(?:\\[[0-9;?]*[a-z])?';

/** A word so short is no key, and could stand in anybody's text. Characters. */
const SHORTEST = 8;

/** A secret that must never be shown, however it is written: as it is, escaped for JSON, a URL or HTML, or hidden. */
export class Secret {
  readonly #pattern: RegExp | null;

  /** @param value Undefined, or too short to be a key, for none. */
  constructor(value: string | undefined) {
    const between = `(?:(?:${UNSEEN}|${UNSEEN_ESCAPE})${SEQUENCE})*`;
    this.#pattern =
      value === undefined || value.length < SHORTEST
        ? null
        : new RegExp([...value].map(anyForm).join(between), 'gi');
  }

  /** Whether the text holds it in any form. */
  isIn(text: string): boolean {
    if (this.#pattern === null) return false;
    this.#pattern.lastIndex = 0;
    return this.#pattern.test(text);
  }

  /** The text with a mark in its place. A text in JSON stays one. */
  mask(text: string): string {
    return this.#pattern === null ? text : text.replace(this.#pattern, '[api key]');
  }
}

/** A character as it is, with backslashes before it, or by its code in the escapes of JSON, URLs and HTML. */
function anyForm(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(2, '0');
  const plain = character.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return `(?:\\\\*(?:${plain}|u00${hex}|x${hex})|%(?:25)*${hex}|&#0*${code};?|&#x0*${hex};?)`;
}
