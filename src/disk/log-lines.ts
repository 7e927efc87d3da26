import type * as z from 'zod';
import { jsonIn } from '../lib/json.ts';

/** A record of a log, or a line of which something can't be read. */
export type LogEntry<T> = { record: T } | { damagedLine: number };

/**
 * The records in a piece of a log behind so many line breaks, and how many bytes and line breaks are settled: a last
 * line that may still be being written is not. Of a damaged line all whole records are taken that stand at its begin or
 * behind zeros: what was flushed is not lost to what a power cut left behind it.
 */
export function readLines<T>(
  bytes: Buffer,
  before: number,
  schema: z.ZodType<T>,
): { entries: Array<LogEntry<T>>; taken: number; line: number } {
  const lines = bytes.toString('utf8').split('\n');
  const last = lines.pop() ?? '';
  const entries = lines.flatMap((text, index) => entriesIn(text, before + index + 1, schema));
  const line = before + lines.length;
  // Without a line break behind it, what only begins is still being written, or torn: the next reading tells.
  const rest = isBeginning(last) ? [] : entriesIn(last, line + 1, schema);
  const taken = rest.length > 0 ? bytes.length : bytes.lastIndexOf('\n') + 1;
  return { entries: [...entries, ...rest], taken, line };
}

/** What one line holds; takes time in proportion to its length. */
function entriesIn<T>(text: string, damagedLine: number, schema: z.ZodType<T>): Array<LogEntry<T>> {
  if (text.trim() === '') return [];
  const all = schema.safeParse(jsonIn(text)).data;
  if (all !== undefined) return [{ record: all }];
  const entries = text.split('\0').flatMap((piece) => {
    const record = schema.safeParse(jsonIn(piece.slice(0, objectEnd(piece) ?? piece.length))).data;
    return record === undefined ? [] : [{ record }];
  });
  return [...entries, { damagedLine }];
}

function isBeginning(text: string): boolean {
  return text.startsWith('{') && !text.includes('\0') && objectEnd(text) === null;
}

/** Where the JSON object ends that a piece begins with; null where it does not end. */
function objectEnd(piece: string): number | null {
  let depth = 0;
  for (const { 0: token, index } of piece.matchAll(/"(?:[^"\\]|\\(?:.|$))*"?|[{}]/gs)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    if (token === '}' && depth === 0) return index + 1;
  }
  return null;
}
