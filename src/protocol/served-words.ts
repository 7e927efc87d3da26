import type { Tool } from '@modelcontextprotocol/sdk/types.js';

// Where only some tools are served, no word is said of the others: a model would try to call them.

/** Leaves out sentences of our own that name a tool that is not served. What stands in quotes is others' text. */
export function wordsWithout(unserved: readonly string[]): (text: string) => string {
  const names = new Set(unserved);
  const isNamed = (text: string) => (text.match(/\w+/g) ?? []).some((word) => names.has(word));
  const lineInWords = (line: string) => {
    const said: string[] = [];
    // As long as before, with quotation marks in place of all that stands between them.
    const own = line.replace(/"(?:\\.|[^"\\])*"?/g, (text) => '"'.repeat(text.length));
    let start = 0;
    for (const sentence of own.split(/(?<=\.) (?=\w)/)) {
      if (!isNamed(sentence)) said.push(line.slice(start, start + sentence.length));
      start += sentence.length + 1;
    }
    return said.join(' ');
  };
  return (text) => (isNamed(text) ? text.split('\n').map(lineInWords).join('\n') : text);
}

/** A tool whose descriptions say no word of what is not served. */
export function toolInWords(tool: Tool, words: (text: string) => string): Tool {
  const told = (key: string, value: unknown) =>
    key === 'description' && typeof value === 'string' ? words(value) : value;
  return JSON.parse(JSON.stringify(tool), told) as Tool;
}
