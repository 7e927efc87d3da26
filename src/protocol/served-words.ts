import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { reworded, type ToolResult } from '../results/result.ts';

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
  const named = new RegExp(`\\b(?:${unserved.join('|')})\\b`);
  const lineInWords = (line: string) => {
    const said: string[] = [];
    const own = withoutQuoted(line);
    let start = 0;
    for (const sentence of own.split(/(?<=\.) (?=\w)/)) {
      if (!named.test(sentence)) said.push(line.slice(start, start + sentence.length));
      start += sentence.length + 1;
    }
    return said.join(' ');
  };
  return (text) => (named.test(text) ? text.split('\n').map(lineInWords).join('\n') : text);
}

/** The text with other characters in place of what stands in quotes, as long as before. */
function withoutQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (quote) => '"'.repeat(quote.length));
}

/** A tool whose descriptions say no word of what is not served. */
export function toolInWords(tool: Tool, words: ServedWords): Tool {
  return described(tool, words) as Tool;
}

/** A result that says no word of what is not served; rows, and what stands in quotes, stay as they are. */
export function resultInWords(result: ToolResult, words: ServedWords): ToolResult {
  return words === EVERY_WORD ? result : reworded(result, words);
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
