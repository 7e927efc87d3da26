import { isAscii } from 'node:buffer';
import { DELIMITERS } from './csv.ts';
import { importRefused } from './import-file.ts';

/** A row of a table. Its cells become texts only when they are asked for. */
export interface TableRow {
  readonly width: number;
  readonly line: number;
  /** The text of a cell; '' where the row has none. */
  cell(index: number): string;
}

/** The texts of all cells of a row. */
export function cellsOf(row: TableRow): string[] {
  return Array.from({ length: row.width }, (_, index) => row.cell(index));
}

/** A row at a table's beginning. */
export interface FirstRow {
  cells: string[];
  line: number;
}

/** A longer row is no company's: a quote was not closed. Bytes. */
const MAX_ROW = 1024 * 1024;
/** Behind so many bytes a cell is a text of its own: a part of a longer text keeps all of that in memory. */
const LARGE = 64 * 1024 * 1024;
const QUOTE = 34;
const FEED = 10;
const RETURN = 13;
const BEYOND_ASCII = /[^\0-\x7f]/;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Reads a table row by row, blank ones included: the rows that csv-parse finds with `bom`, `relax_quotes`,
 * `relax_column_count` and every way to end a line, in a fifth of the time. A quote inside a cell is one of its signs, and
 * a quoted cell with more behind its end is taken as it stands.
 * @param pieces Its bytes, in UTF-8. @param delimiter One character. @param take Gets one row after the other, each of which is gone when the next one comes.
 * @throws {OpenFunnelError} `invalid_input` for a quote that is not closed; and what `take` throws.
 */
export async function readTable(
  pieces: AsyncIterable<Buffer>,
  delimiter: string,
  take: (row: TableRow) => void,
): Promise<void> {
  const scanner = new Scanner(delimiter, take);
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const piece of pieces) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (!begun && rest.length < BYTE_ORDER_MARK.length) continue;
    if (!begun && rest.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
      rest = rest.subarray(BYTE_ORDER_MARK.length);
    begun = true;
    rest = rest.subarray(scanner.rows(rest, false));
  }
  scanner.rows(rest, true);
}

/** Rows that the delimiter is told from, and those of them that are looked through for headers. */
const FIRST_ROWS = 200;
const HEADER_ROWS = 30;
/** Stands between no cells: for files of one column, whatever else is in it. */
const NONE = '\u001f';

/**
 * The first rows of a table, blank ones included, and the sign between its cells. A line "sep=;", as Excel writes it,
 * says so itself, and is no row; else it is the sign by which most headers are known, and of these, or where none is, the
 * one that most rows have equally often.
 * @param start The file's beginning. @param known How many of the cells of a row are headers that are known.
 */
export function beginningOf(
  start: string,
  fileName: string,
  known: (cells: readonly string[]) => number,
): { delimiter: string; rows: FirstRow[] } {
  const said = /^\s{0,200}"?sep=([^\r\n])"?[,;\t]{0,200}[\r\n]/i.exec(start)?.[1];
  if (said !== undefined) return { delimiter: said, rows: firstRows(start, said) };
  const headersAmong = (rows: readonly FirstRow[]) =>
    Math.max(0, ...rows.slice(0, HEADER_ROWS).map(({ cells }) => known(cells)));
  const signs = [...(/\.(?:tsv|tab)$/i.test(fileName) ? ['\t'] : []), ...DELIMITERS, '|'];
  const all = signs.map((delimiter) => {
    const rows = firstRows(start, delimiter);
    const filled = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
    const often = mode(filled.map(({ cells }) => cells.length - 1));
    const evenly = filled.filter(({ cells }) => cells.length - 1 === often).length;
    const headers = headersAmong(filled.filter(({ cells }) => cells.length > 1));
    return { delimiter, rows, headers, often, even: often === 0 ? 0 : evenly / filled.length };
  });
  const best = all.reduce((one, other) => {
    const evener = Math.round((other.even - one.even) * 20);
    const better = other.headers - one.headers || evener || (other.even > 0 ? other.often - one.often : 0);
    return better > 0 ? other : one;
  });
  if (best.headers > 0) return best;
  const rows = firstRows(start, NONE);
  return headersAmong(rows) > 0 ? { delimiter: NONE, rows } : best;
}

function firstRows(text: string, delimiter: string): FirstRow[] {
  const rows: FirstRow[] = [];
  const take = (row: TableRow) => {
    const isFirst = rows.length === 0 && /^\s*sep=/i.test(row.cell(0));
    if (rows.length < FIRST_ROWS && !isFirst) rows.push({ cells: cellsOf(row), line: row.line });
  };
  new Scanner(delimiter, take).rows(Buffer.from(`${text}\n`), false);
  return rows;
}

function mode(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
}

/** Finds rows in bytes, and is the row that it has found. */
class Scanner implements TableRow {
  readonly #delimiter: Buffer;
  readonly #take: (row: TableRow) => void;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Texts of cells that do not stand in the file as they are. */
  readonly #texts: Array<string | null> = [];
  #bytes: Buffer = Buffer.alloc(0);
  /** The bytes as a text with one character for each, of which a part is had faster than of the bytes. */
  #signs = '';
  /** Whether all that is beyond ASCII in that text stands for something else. */
  #several = false;
  #read = 0;
  #rows = 0;
  #inside = 0;
  width = 0;
  line = 1;

  constructor(delimiter: string, take: (row: TableRow) => void) {
    this.#delimiter = Buffer.from(delimiter);
    this.#take = take;
  }

  cell(index: number): string {
    if (index >= this.width) return '';
    return this.#texts[index] ?? this.#text(this.#starts[index] ?? 0, this.#ends[index] ?? 0);
  }

  /**
   * Hands over the rows that end in the bytes.
   * @param last Whether nothing follows. @returns Where the next row begins.
   */
  rows(bytes: Buffer, last: boolean): number {
    this.#bytes = bytes;
    this.#read += bytes.length;
    this.#several = !isAscii(bytes);
    this.#signs = bytes.toString('latin1');
    let at = 0;
    while (at < bytes.length) {
      const next = this.#find(at, last);
      if (next === -1) break;
      this.#take(this);
      this.#rows += 1;
      this.line += 1 + this.#inside;
      at = next;
    }
    if (bytes.length - at > MAX_ROW)
      throw this.#refused(
        'A row is longer than 1 MB',
        ': most likely a quote (") is opened there and never closed',
      );
    return at;
  }

  /** Finds the cells of the row at `from`: where the next row begins, or -1 where this one does not end in the bytes. */
  #find(from: number, last: boolean): number {
    const bytes = this.#bytes;
    const size = bytes.length;
    const delimiter = this.#delimiter[0];
    this.width = 0;
    this.#inside = 0;
    for (let at = from; ; at += this.#delimiter.length) {
      let start = at;
      let close = -1;
      let doubled = false;
      if (bytes[at] === QUOTE) {
        for (close = at + 1; ; close += 2) {
          for (; close < size && bytes[close] !== QUOTE; close += 1)
            if (bytes[close] === FEED) this.#inside += 1;
          if (close >= size && last) throw this.#refused('A quote (") is opened', ' and never closed');
          if (close >= size - 1 && !last) return -1;
          if (bytes[close + 1] !== QUOTE) break;
          doubled = true;
        }
        start += 1;
        at = close + 1;
      }
      let byte = bytes[at];
      while (
        at < size &&
        byte !== FEED &&
        byte !== RETURN &&
        !(byte === delimiter && this.#isDelimiter(at))
      ) {
        at += 1;
        byte = bytes[at];
      }
      if (!last && (at === size || (byte === RETURN && at === size - 1))) return -1;
      const index = this.width;
      this.width += 1;
      this.#starts[index] = start;
      this.#ends[index] = close === -1 ? at : close;
      this.#texts[index] = null;
      if (doubled || (close !== -1 && at > close + 1)) {
        const inside = this.#text(start, close).replaceAll('""', '"');
        this.#texts[index] = at > close + 1 ? `"${inside}${this.#text(close, at)}` : inside;
      }
      if (at === size) return size;
      if (byte === FEED) return at + 1;
      if (byte === RETURN) return bytes[at + 1] === FEED ? at + 2 : at + 1;
    }
  }

  #isDelimiter(at: number): boolean {
    const { length } = this.#delimiter;
    return length === 1 || this.#bytes.subarray(at, at + length).equals(this.#delimiter);
  }

  #text(start: number, end: number): string {
    const text = this.#signs.slice(start, end);
    if (this.#several && BEYOND_ASCII.test(text)) return this.#bytes.toString('utf8', start, end);
    return this.#read > LARGE ? Buffer.from(text, 'utf16le').toString('utf16le') : text;
  }

  #refused(what: string, cause: string): Error {
    return importRefused(
      `${what} in the row after row ${this.#rows} (near line ${this.line})${cause}. Ask the user to fix that row or to export the list again.`,
    );
  }
}
