import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

// How a file is written: what people's programs write, told from all of it.

/** How a file's text is written. */
export interface Encoding {
  /** As `TextDecoder` names it. */
  name: string;
  /** Whether its bytes are UTF-8 as they stand, but for a few. */
  faulty: boolean;
  /** Whether all its lines end in "\n" alone. */
  plainEnds: boolean;
  /** Whether it is surely UTF-8 without a single quote ("). */
  unquoted: boolean;
}

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
/** Lines that the sign between cells is told from. */
const MAX_LINES = 200;
const DELIMITERS = [',', ';', '\t', '|'];
/** Stands between no cells: for files of one column, whatever else is in it. */
const NONE = '\u001f';

/** The encoding of a file, from all its bytes; null where it is no text. */
export async function encodingOf(file: FileHandle, size: number): Promise<Encoding | null> {
  const buffer = Buffer.alloc(Math.min(CHUNK, size));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  const first = buffer.subarray(0, bytesRead);
  if (first[0] === 0xff && first[1] === 0xfe)
    return { name: 'utf-16le', faulty: false, plainEnds: false, unquoted: false };
  if (first[0] === 0xfe && first[1] === 0xff)
    return { name: 'utf-16be', faulty: false, plainEnds: false, unquoted: false };
  if (first.includes(0)) return utf16Of(first);
  // Valid as UTF-8 or not: a sign that is cut by the end of a chunk is looked at with the next one.
  let rest = 0;
  let valid = true;
  let plainEnds = true;
  let unquoted = true;
  for (let at = 0; at < size && valid; ) {
    const { bytesRead: read } = await file.read(buffer, rest, buffer.length - rest, at);
    if (read === 0) break;
    at += read;
    const bytes = buffer.subarray(0, rest + read);
    if (bytes.includes(0)) return null;
    plainEnds &&= !bytes.includes(CARRIAGE_RETURN);
    unquoted &&= !bytes.includes(QUOTE);
    const end = at < size ? wholeEnd(bytes) : bytes.length;
    valid = isUtf8(bytes.subarray(0, end));
    bytes.copyWithin(0, end);
    rest = bytes.length - end;
  }
  if (valid) return { name: 'utf-8', faulty: false, plainEnds, unquoted };
  return (await mostlyUtf8(file))
    ? { name: 'utf-8', faulty: true, plainEnds: false, unquoted: false }
    : { name: 'windows-1252', faulty: false, plainEnds: false, unquoted: false };
}

/** UTF-16 without a mark has a zero in every other byte of what is Latin. */
function utf16Of(first: Buffer): Encoding | null {
  const nulls = [0, 0];
  for (const [at, byte] of first.entries()) if (byte === 0) nulls[at % 2] = (nulls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nulls;
  const many = first.length / 2 / 4;
  if (odd > many && even * 10 < odd)
    return { name: 'utf-16le', faulty: false, plainEnds: false, unquoted: false };
  if (even > many && odd * 10 < even)
    return { name: 'utf-16be', faulty: false, plainEnds: false, unquoted: false };
  return null;
}

/** Where the last whole sign of UTF-8 ends. */
function wholeEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return bytes.length - back;
  }
  return bytes.length;
}

/** Whether a file has more signs of UTF-8 beyond ASCII than bytes that are none. */
async function mostlyUtf8(file: FileHandle): Promise<boolean> {
  const decoder = new TextDecoder('utf-8');
  let signs = 0;
  let faults = 0;
  const source = file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK });
  for await (const bytes of source as AsyncIterable<Buffer>) {
    for (const sign of decoder.decode(bytes, { stream: true }).match(/[^\0-\x7f]/gu) ?? [])
      if (sign === '\ufffd') faults += 1;
      else signs += 1;
  }
  return signs > faults;
}

/**
 * The sign between the cells of a table. A line "sep=;", as Excel writes it, says so itself; else it is the one by
 * which most headers are known, and of these, or where none is, the one that most lines have equally often.
 *
 * @param start The file's beginning. @param known How many of the cells of a line are headers that are known.
 */
export function delimiterOf(
  start: string,
  fileName: string,
  known: (cells: readonly string[]) => number,
): string {
  const text = start.replace(/^\ufeff/, '');
  const said = /^\s{0,200}"?sep=([^\r\n])"?[,;\t]{0,200}[\r\n]/i.exec(text)?.[1];
  if (said !== undefined) return said;
  const signs = /\.(?:tsv|tab)$/i.test(fileName) ? ['\t', ',', ';', '|'] : DELIMITERS;
  let best = { sign: signs[0] ?? ',', headers: 0, even: 0, often: 0 };
  for (const sign of signs) {
    const lines = linesOf(text, sign);
    const counts = lines.map((cells) => cells.length - 1);
    const often = mode(counts);
    const even = often === 0 ? 0 : counts.filter((count) => count === often).length / counts.length;
    const headers = Math.max(0, ...lines.slice(0, 30).map((cells) => (cells.length > 1 ? known(cells) : 0)));
    const better =
      headers - best.headers || Math.round((even - best.even) * 20) || (even > 0 ? often - best.often : 0);
    if (better > 0) best = { sign, headers, even, often };
  }
  const alone = linesOf(text, NONE)
    .slice(0, 30)
    .some((cells) => known(cells) > 0);
  return best.headers === 0 && alone ? NONE : best.sign;
}

/** The first lines with something in them, as cells; a quote opens at the beginning of a cell alone. */
function linesOf(text: string, delimiter: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && lines.length < MAX_LINES; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '"' && (quoted || cell === '')) quoted = !quoted;
    else if (quoted) cell += sign;
    else if (sign === delimiter) {
      cells.push(cell);
      cell = '';
    } else if (sign === '\n' || sign === '\r') {
      cells.push(cell);
      if (cells.some((each) => each.trim() !== '')) lines.push(cells);
      cells = [];
      cell = '';
    } else cell += sign;
  }
  if (lines.length === 0) lines.push([...cells, cell]);
  return lines;
}

function mode(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
}
