import { isUtf8 } from 'node:buffer';

// How a file is written: what people's programs write, told from all of it.

/** How a file's text is written. */
export interface Encoding {
  /** As `TextDecoder` names it. */
  encoding: string;
  /** Whether it is UTF-8 but for some bytes, which are read as U+FFFD. */
  faulty: boolean;
}

/** Lines that the sign between cells is told from. */
const MAX_LINES = 200;
const DELIMITERS = [',', ';', '\t', '|'];
/** Stands between no cells: for files of one column, whatever else is in it. */
const NONE = '\u001f';

/**
 * The encoding of a file, from all its bytes; null where it is no text.
 *
 * @param start Its beginning. @param pieces All of it, from the beginning at each call.
 */
export async function encodingOf(
  start: Buffer,
  pieces: () => AsyncIterable<Buffer>,
): Promise<Encoding | null> {
  const utf16 = utf16Of(start);
  if (utf16 !== null) return { encoding: utf16, faulty: false };
  let valid = true;
  let cut: Buffer = Buffer.alloc(0);
  for await (const piece of pieces()) {
    if (piece.includes(0)) return null;
    const bytes = cut.length === 0 ? piece : Buffer.concat([cut, piece]);
    const end = wholeEnd(bytes);
    valid &&= isUtf8(bytes.subarray(0, end));
    if (!valid) break;
    cut = bytes.subarray(end);
  }
  if (valid && cut.length === 0) return { encoding: 'utf-8', faulty: false };
  const faulty = await mostlyUtf8(pieces());
  return { encoding: faulty ? 'utf-8' : 'windows-1252', faulty };
}

/** UTF-16 has a mark at its beginning, or a zero in every other byte of what is Latin. */
function utf16Of(start: Buffer): string | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (!start.includes(0)) return null;
  const nulls = [0, 0];
  for (const [at, byte] of start.entries()) if (byte === 0) nulls[at % 2] = (nulls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nulls;
  const many = start.length / 2 / 4;
  if (odd > many && even * 10 < odd) return 'utf-16le';
  return even > many && odd * 10 < even ? 'utf-16be' : null;
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
async function mostlyUtf8(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  let signs = 0;
  let faults = 0;
  /** Bytes that the sign still has to come to. */
  let open = 0;
  for await (const bytes of pieces) {
    for (const byte of bytes) {
      const inside = byte >= 0x80 && byte < 0xc0;
      if (open > 0 && inside) {
        open -= 1;
        if (open === 0) signs += 1;
        continue;
      }
      if (open > 0 || inside || byte > 0xf4 || byte === 0xc0 || byte === 0xc1) faults += 1;
      open = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    }
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
