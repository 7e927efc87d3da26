import { parseShallow } from '../lib/json.ts';
import { type ImportFile, importRefused } from './import-file.ts';
import { delimiterOf } from './import-sniff.ts';
import { readTable, type TableRow } from './table.ts';

/** What takes a file's rows over, with the line that each begins in (of a JSON file its number), from 1. */
export interface RowSink {
  /** A row of a table, blank ones included; gone when the next one comes. */
  row(row: TableRow): void;
  /** An entry of a JSON file. */
  value(value: unknown, line: number): void;
  /** How many of the cells of a line are headers that are known. */
  headersIn(cells: readonly string[]): number;
}

/** A longer line of JSON is no company's. Characters. */
const MAX_LINE = 1024 * 1024;
/** A JSON file is parsed as a whole. Bytes. */
const MAX_JSON = 32 * 1024 * 1024;
/** Names under which JSON files hold their list. */
const LIST_KEYS = ['companies', 'rows', 'results', 'data', 'records', 'items', 'accounts'];

/**
 * Reads a file row by row; memory is that of a row, but for JSON.
 *
 * @throws {OpenFunnelError} `invalid_input`, saying what is wrong with the file and where; and what the sink throws.
 */
export async function readRows(file: ImportFile, sink: RowSink): Promise<void> {
  if (file.format === 'jsonl') return readLines(file, sink);
  if (file.format === 'json') return readJson(file, sink);
  const delimiter = delimiterOf(file.start, file.name, (cells) => sink.headersIn(cells));
  return readTable(file.pieces(), delimiter, (row) => sink.row(row));
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
    rest += decoder.decode(piece, { stream: true });
    if (number === 0) rest = rest.replace(/^\ufeff/, '');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
    if (rest.length > MAX_LINE)
      throw importRefused(`Line ${number + 1} is longer than 1 MB: a JSONL file has one JSON value a line.`);
  }
  line(rest + decoder.decode());
}

async function readJson(file: ImportFile, sink: RowSink): Promise<void> {
  if (file.bytes > MAX_JSON)
    throw importRefused('A JSON file of more than 32 MB is not read. Ask the user for CSV or JSONL.');
  const decoder = new TextDecoder('utf-8');
  let text = '';
  for await (const piece of file.pieces()) text += decoder.decode(piece, { stream: true });
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
