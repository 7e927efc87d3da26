/** A word so short is no key, and could stand in anybody's text. Characters. */
const SHORTEST = 8;

/**
 * A secret that must never be shown, however it is written: in any case, each of its characters as it is or escaped for
 * JSON, a URL or HTML, however often, and with what nobody sees between them.
 */
export class Secret {
  readonly #spellings: RegExp | null;

  /** @param value In ASCII; undefined, or too short to be a key, for none. */
  constructor(value: string | undefined) {
    this.#spellings = value === undefined || value.length < SHORTEST ? null : spellingsOf(value);
  }

  isIn(text: string): boolean {
    return this.#spellings !== null && text.search(this.#spellings) !== -1;
  }

  /** The text with a mark in its place. A text in JSON stays one. */
  mask(text: string): string {
    return this.#spellings === null ? text : text.replaceAll(this.#spellings, '[api key]');
  }
}

/** Hexadecimal digits of a byte that is no printable ASCII character. */
const UNPRINTED = '(?:[01][0-9a-f]|7f|[89a-f][0-9a-f])';
/**
 * What may stand between two characters: whatever is not printable ASCII, also escaped, and the rest of a terminal's
 * sequence. That ends before the word's first letter, where it may begin anew: no part of a text is passed over twice.
 */
const gapOf = (first: string) =>
  [
    "(?:(?![ !-$'-[\\]-~])", // Most texts have no gap; that is seen by the next character alone.
    `(?:\\\\*(?:[^ -~]|(?<=\\\\)(?:u(?:00${UNPRINTED}|(?!00)[0-9a-f]{4})|x${UNPRINTED})|%(?:25)*${UNPRINTED}|`,
    `&#(?:x0*(?:[1-9a-f]|${UNPRINTED}|[1-9a-f][0-9a-f]{2,5})(?![0-9a-f])|`,
    '0*(?:[1-9]|[12][0-9]|3[01]|12[7-9]|1[3-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3,6})(?![0-9]));?)',
    `(?:\\[[0-9;?]{0,32}(?!${first})[a-z])?)*\\\\*)?`,
  ].join('');

/** Takes linear time: no place of a text is read more often than the word is long. Its backslashes may stand anywhere. */
function spellingsOf(word: string): RegExp | null {
  const [first, ...others] = Array.from(word.replaceAll('\\', ''), (letter) => {
    const code = letter.charCodeAt(0);
    const hex = code.toString(16).padStart(2, '0');
    const escaped = `%(?:25)*${hex}|&#(?:x0*${hex}|0*${code});?`;
    return { plain: `\\u00${hex}`, escaped, behindBackslash: `u00${hex}|x${hex}` };
  });
  if (!first) return null;
  // Most of a text is passed over by the first four characters.
  const next = others.slice(0, 3).reduceRight((rest, { plain }) => `(?:[^ -~]|[%&\\\\]|${plain}${rest})`, '');
  const beginning = [
    `${first.plain}(?=${next})`,
    first.escaped,
    `(?<!\\\\)\\\\+(?:${first.plain}|${first.behindBackslash}|${first.escaped})`,
  ].join('|');
  const gap = gapOf(first.plain);
  const behind = others.map(
    ({ plain, escaped, behindBackslash }) => `${gap}(?:${plain}|(?<=\\\\)(?:${behindBackslash})|${escaped})`,
  );
  return new RegExp(`(?:${beginning})${behind.join('')}`, 'gi');
}
