import { parseShallow } from '../lib/json.ts';
import { later } from '../lib/later.ts';
import { type ImportFile, importRefused } from './import-file.ts';
import { delimiterOf } from './import-sniff.ts';

/** What takes a file's rows over, with the line that each begins in (of a JSON file its number), from 1. */
export interface RowSink {
  /** A row of a table, blank ones included. */
  cells(cells: readonly string[], line: number): void;
  /** An entry of a JSON file. */
  value(value: unknown, line: number): void;
  /** How many of the cells of a line are headers that are known. */
  headersIn(cells: readonly string[]): number;
}

/** A longer record is no company's: a quote was not closed. Bytes. */
const MAX_RECORD = 1024 * 1024;
/** A JSON file is parsed as a whole. Bytes. */
const MAX_JSON = 32 * 1024 * 1024;
/** Every way to end a line: one file can have several, such as a header of another program's. */
const LINE_ENDS = ['\r\n', '\n', '\r'];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Names under which JSON files hold their list. */
const LIST_KEYS = ['companies', 'rows', 'results', 'data', 'records', 'items', 'accounts'];

/**
 * Reads a file row by row; memory is that of a row, but for JSON.
 *
 * @throws {OpenFunnelError} `invalid_input`, saying what is wrong with the file and where; and what the sink throws.
 */
export async function readRows(file: ImportFile, sink: RowSink): Promise<void> {
  if (file.format === 'csv') return readTable(file, sink);
  if (file.format === 'jsonl') return readLines(file, sink);
  return readJson(file, sink);
}

const csvParse = later(() => import('csv-parse'));

async function readTable(file: ImportFile, sink: RowSink): Promise<void> {
  const delimiter = delimiterOf(file.start, file.name, (cells) => sink.headersIn(cells));
  if (file.unquoted && delimiter.charCodeAt(0) < 128) return readUnquoted(file, delimiter, sink);
  const { parse, CsvError } = await csvParse();
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: file.plainEnds ? '\n' : LINE_ENDS,
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD,
  });
  withoutErrors(parser);
  let line = 1;
  const finished = new Promise<void>((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
    parser.on('data', (cells: string[]) => {
      const at = line;
      line += 1;
      for (const cell of cells) if (cell.includes('\n')) line += cell.split('\n').length - 1;
      try {
        sink.cells(cells, at);
      } catch (error) {
        reject(error);
      }
    });
  });
  const feed = async () => {
    for await (const piece of file.pieces()) {
      if (parser.destroyed) return;
      await new Promise<void>((resolve, reject) => {
        parser.write(piece, (error) => (error ? reject(error) : resolve()));
      });
    }
    parser.end();
  };
  try {
    const fed = feed();
    fed.catch(() => {});
    await Promise.race([finished, fed.then(() => finished)]);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw importRefused(csvFault(error.code, parser.info.records, parser.info.lines), error);
  } finally {
    parser.destroy();
  }
}

/** Reads a table without quotes, where a line is a row and nothing stands for anything else, faster than the CSV library. */
async function readUnquoted(file: ImportFile, delimiter: string, sink: RowSink): Promise<void> {
  const sign = delimiter.charCodeAt(0);
  let line = 0;
  const take = (row: Buffer) => {
    line += 1;
    if (row.length > MAX_RECORD) throw importRefused(csvFault('CSV_MAX_RECORD_SIZE', line - 1, line));
    const cells: string[] = [];
    for (let at = 0; at <= row.length; ) {
      const next = row.indexOf(sign, at);
      const end = next < 0 ? row.length : next;
      cells.push(row.toString('utf8', at, end));
      at = end + 1;
    }
    sink.cells(cells, line);
  };
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const piece of file.pieces()) {
    const bytes = Buffer.concat([rest, typeof piece === 'string' ? Buffer.from(piece) : piece]);
    let at = 0;
    if (!begun && line === 0 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) at = 3;
    begun ||= bytes.length >= 3;
    let feed = bytes.indexOf(10, at);
    let back = file.plainEnds ? -1 : bytes.indexOf(13, at);
    while (feed >= 0 || back >= 0) {
      const end = back < 0 || (feed >= 0 && feed < back) ? feed : back;
      // What follows may be the other half of this line's end.
      if (end === back && end === bytes.length - 1) break;
      take(bytes.subarray(at, end));
      at = end === back && bytes[end + 1] === 10 ? end + 2 : end + 1;
      if (feed >= 0 && feed < at) feed = bytes.indexOf(10, at);
      if (back >= 0 && back < at) back = bytes.indexOf(13, at);
    }
    rest = bytes.subarray(at);
    if (rest.length > MAX_RECORD) take(rest);
  }
  if (rest.at(-1) === 13) rest = rest.subarray(0, -1);
  else if (rest.length === 0) return;
  take(rest);
}

/**
 * For each row of another length than the first, csv-parse makes an error with all that it knows, and lets it fall
 * (`relax_column_count`): 25 µs each, in which a file of empty lines holds up everything else for half a minute. Here
 * each row has the length that is expected of it.
 */
function withoutErrors(parser: object): void {
  const state: unknown = Reflect.get(parser, 'state');
  if (typeof state !== 'object' || state === null) return;
  Object.defineProperty(state, 'expectedRecordLength', {
    get(this: { record: unknown[] }) {
      return this.record.length;
    },
    set() {},
  });
}

function csvFault(code: string, records: number, lines: number): string {
  const where = `in the row after row ${records} (near line ${lines})`;
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `A quote (") is opened ${where} and never closed. Ask the user to fix that row or to export the list again.`;
    case 'CSV_MAX_RECORD_SIZE':
      return `A row is longer than 1 MB ${where}: most likely a quote (") is opened there and never closed. Ask the user to fix that row or to export the list again.`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `A quote (") is misplaced ${where}. Ask the user to fix that row or to export the list again.`;
    default:
      return `The table can't be read ${where} (${code}). Ask the user to export the list again as CSV.`;
  }
}

async function readLines(file: ImportFile, sink: RowSink): Promise<void> {
  let number = 0;
  let rest = '';
  const decoder = new TextDecoder('utf-8');
  const line = (text: string) => {
    number += 1;
    const trimmed = text.trim();
    if (trimmed === '') return;
    let value: unknown;
    try {
      value = parseShallow(trimmed);
    } catch (error) {
      throw importRefused(`Line ${number} is not JSON: a JSONL file has one JSON value a line.`, error);
    }
    sink.value(value, number);
  };
  for await (const piece of file.pieces()) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    if (number === 0) rest = rest.replace(/^\ufeff/, '');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
    if (rest.length > MAX_RECORD)
      throw importRefused(`Line ${number + 1} is longer than 1 MB: a JSONL file has one JSON value a line.`);
  }
  line(rest + decoder.decode());
}

async function readJson(file: ImportFile, sink: RowSink): Promise<void> {
  if (file.bytes > MAX_JSON)
    throw importRefused('A JSON file of more than 32 MB is not read. Ask the user for CSV or JSONL.');
  const decoder = new TextDecoder('utf-8');
  let text = '';
  for await (const piece of file.pieces())
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  text += decoder.decode();
  let json: unknown;
  try {
    json = parseShallow(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw importRefused(
      'The file is not JSON as a whole; one JSON value a line would be a .jsonl file.',
      error,
    );
  }
  const list = listIn(json);
  if (list === null)
    throw importRefused(
      `The JSON file holds no list; it should be one, or have one as ${LIST_KEYS.join(', ')}.`,
    );
  for (const [index, value] of list.entries()) sink.value(value, index + 1);
}

function listIn(json: unknown): readonly unknown[] | null {
  if (Array.isArray(json)) return json;
  if (typeof json !== 'object' || json === null) return null;
  for (const key of LIST_KEYS) {
    const list: unknown = (json as Record<string, unknown>)[key];
    if (Array.isArray(list)) return list;
  }
  return null;
}
