import { type ImportFile, importRefused } from './import-file.ts';

/** A row of a table, or an entry of a JSON file: text by text, or a value. */
export type ImportRow = { kind: 'cells'; cells: readonly string[] } | { kind: 'value'; value: unknown };

/** A longer record is no company's: a quote was not closed. Bytes. */
const MAX_RECORD = 1024 * 1024;
/** A JSON file is parsed as a whole. Bytes. */
const MAX_JSON = 32 * 1024 * 1024;
const DELIMITERS = [',', ';', '\t', '|'];
/** Names under which JSON files hold their list. */
const LIST_KEYS = ['companies', 'rows', 'results', 'data', 'records', 'items', 'accounts'];

/**
 * Reads a file row by row; memory is that of a row, but for JSON.
 *
 * @param take Takes a row over; what it returns is waited for.
 * @throws {OpenFunnelError} `invalid_input`, saying what is wrong with the file and where; and what `take` throws.
 */
export async function readRows(
  file: ImportFile,
  take: (row: ImportRow) => Promise<void> | undefined,
): Promise<void> {
  if (file.format === 'csv') return readTable(file, take);
  if (file.format === 'jsonl') return readLines(file, take);
  return readJson(file, take);
}

/** The sign between the cells, by the first line; a line "sep=;" as Excel writes it says so itself. */
export function delimiterOf(start: string, fileName: string): { delimiter: string; fromLine: number } {
  const text = start.replace(/^\ufeff/, '');
  const said = /^sep=(.)\r?\n/.exec(text)?.[1];
  if (said !== undefined) return { delimiter: said, fromLine: 2 };
  const counts = new Map(DELIMITERS.map((sign) => [sign, 0]));
  let quoted = false;
  let content = false;
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '\n' || sign === '\r')) {
      if (content) break;
    } else {
      content = true;
      const count = counts.get(sign);
      if (!quoted && count !== undefined) counts.set(sign, count + 1);
    }
  }
  const [first = ',', ...others] = /\.(?:tsv|tab)$/i.test(fileName) ? ['\t', ',', ';', '|'] : DELIMITERS;
  let best = first;
  for (const sign of others) if ((counts.get(sign) ?? 0) > (counts.get(best) ?? 0)) best = sign;
  return { delimiter: best, fromLine: 1 };
}

async function readTable(
  file: ImportFile,
  take: (row: ImportRow) => Promise<void> | undefined,
): Promise<void> {
  const { parse, CsvError } = await import('csv-parse');
  const { delimiter, fromLine } = delimiterOf(file.start, file.name);
  const parser = parse({
    bom: true,
    delimiter,
    from_line: fromLine,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD,
  });
  // The rows flow; where one has to be waited for, they stop until then.
  const finished = new Promise<void>((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
    parser.on('data', (cells: string[]) => {
      try {
        const waiting = take({ kind: 'cells', cells });
        if (!waiting) return;
        parser.pause();
        waiting.then(() => parser.resume(), reject);
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

function csvFault(code: string, records: number, lines: number): string {
  const where = `in the row after row ${records} (near line ${lines})`;
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `A quote (") is opened ${where} and never closed. Ask the user to mend that row or to export the list again.`;
    case 'CSV_MAX_RECORD_SIZE':
      return `A row is longer than 1 MB ${where}: most likely a quote (") is opened there and never closed. Ask the user to mend that row or to export the list again.`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `A quote (") stands where none can be ${where}. Ask the user to mend that row or to export the list again.`;
    default:
      return `The table can't be read ${where} (${code}). Ask the user to export the list again as CSV.`;
  }
}

async function readLines(
  file: ImportFile,
  take: (row: ImportRow) => Promise<void> | undefined,
): Promise<void> {
  let number = 0;
  let rest = '';
  const decoder = new TextDecoder('utf-8');
  const line = async (text: string) => {
    number += 1;
    const trimmed = text.trim();
    if (trimmed === '') return;
    let value: unknown;
    try {
      value = JSON.parse(trimmed);
    } catch (error) {
      throw importRefused(`Line ${number} is not JSON: a JSONL file has one JSON value a line.`, error);
    }
    await take({ kind: 'value', value });
  };
  for await (const piece of file.pieces()) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    if (number === 0) rest = rest.replace(/^\ufeff/, '');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) await line(text);
    if (rest.length > MAX_RECORD)
      throw importRefused(`Line ${number + 1} is longer than 1 MB: a JSONL file has one JSON value a line.`);
  }
  await line(rest + decoder.decode());
}

async function readJson(
  file: ImportFile,
  take: (row: ImportRow) => Promise<void> | undefined,
): Promise<void> {
  if (file.bytes > MAX_JSON)
    throw importRefused('A JSON file of more than 32 MB is not read. Ask the user for CSV or JSONL.');
  const decoder = new TextDecoder('utf-8');
  let text = '';
  for await (const piece of file.pieces())
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
  text += decoder.decode();
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
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
  for (const value of list) await take({ kind: 'value', value });
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
