import type { Tool } from '@modelcontextprotocol/sdk/types.js';

// Where only some tools are served, no word is said of the others: a model would try to call them.

/** Says the same without what is not served; the text itself where all of it may be said. */
export type ServedWords = (text: string) => string;

/** Whatever is served may be spoken of. */
export const EVERY_WORD: ServedWords = (text) => text;

/**
 * Leaves out sentences of our own that name a tool that is not served. What stands in quotes is others' text, and
 * makes no sentence ours.
 *
 * @param unserved Names of the tools that are not served.
 */
export function wordsWithout(unserved: readonly string[]): ServedWords {
  if (unserved.length === 0) return EVERY_WORD;
  const names = new Set(unserved);
  const isNamed = (text: string) => (text.match(/\w+/g) ?? []).some((word) => names.has(word));
  const lineInWords = (line: string) => {
    const said: string[] = [];
    const own = withoutQuoted(line);
    let start = 0;
    for (const sentence of own.split(/(?<=\.) (?=\w)/)) {
      if (!isNamed(sentence)) said.push(line.slice(start, start + sentence.length));
      start += sentence.length + 1;
    }
    return said.join(' ');
  };
  return (text) => (isNamed(text) ? text.split('\n').map(lineInWords).join('\n') : text);
}

/** The text with quotation marks in place of all that stands between them, as long as before. */
function withoutQuoted(text: string): string {
  let own = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    const escapes = quoted && sign === '\\' && at + 1 < text.length;
    own += quoted || sign === '"' ? '"' : sign;
    if (escapes) own += '"';
    if (escapes) at += 1;
    else if (sign === '"') quoted = !quoted;
  }
  return own;
}

/** A tool whose descriptions say no word of what is not served. */
export function toolInWords(tool: Tool, words: ServedWords): Tool {
  return described(tool, words) as Tool;
}

function described(value: unknown, words: ServedWords): unknown {
  if (Array.isArray(value)) return value.map((each) => described(each, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'description' && typeof each === 'string' ? words(each) : described(each, words),
    ]),
  );
}
