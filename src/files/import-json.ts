import { buffer } from 'node:stream/consumers';
import { parseShallow } from '../lib/json.ts';
import { type ImportFile, importRefused } from './import-file.ts';

/** A longer line is no company's: the file is no JSONL. Characters. */
const MAX_LINE = 1024 * 1024;
/** A JSON file is parsed as a whole. Bytes. */
const MAX_JSON = 32 * 1024 * 1024;
const LIST_KEYS = ['companies', 'rows', 'results', 'data', 'records', 'items', 'accounts'];

const ONE_A_LINE = 'a JSONL file has one JSON value a line.';

/** Takes an entry over, with its line (of a JSON file its number), from 1. */
type Take = (value: unknown, line: number) => void;

/**
 * Reads the entries of a JSON or JSONL file.
 * @throws {OpenFunnelError} `invalid_input`, saying what is wrong with the file and where; and what `take` throws.
 */
export function readJson(file: ImportFile, take: Take): Promise<void> {
  return file.format === 'jsonl' ? readLines(file, take) : readWhole(file, take);
}

async function readLines(file: ImportFile, take: Take): Promise<void> {
  let number = 0;
  let rest = '';
  const decoder = new TextDecoder();
  const line = (text: string) => {
    number += 1;
    if (text.trim() !== '') take(parsed(text.trim(), `Line ${number} is not JSON: ${ONE_A_LINE}`), number);
  };
  for await (const piece of file.pieces()) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
    if (rest.length > MAX_LINE) throw importRefused(`Line ${number + 1} is longer than 1 MB: ${ONE_A_LINE}`);
  }
  line(rest + decoder.decode());
}

async function readWhole(file: ImportFile, take: Take): Promise<void> {
  if (file.bytes > MAX_JSON)
    throw importRefused('A JSON file of more than 32 MB is not read. Ask the user for CSV or JSONL.');
  const json = parsed(
    new TextDecoder().decode(await buffer(file.pieces())),
    'The file is not JSON as a whole; one JSON value a line would be a .jsonl file.',
  );
  const held = LIST_KEYS.map((key) => (Object(json) as Record<string, unknown>)[key]);
  const list = [json, ...held].find((each) => Array.isArray(each));
  if (list === undefined)
    throw importRefused(
      `The JSON file holds no list; it should be one, or have one as ${LIST_KEYS.join(', ')}.`,
    );
  for (const [index, value] of list.entries()) take(value, index + 1);
}

function parsed(text: string, refusal: string): unknown {
  try {
    return parseShallow(text);
  } catch (error) {
    throw importRefused(refusal, error);
  }
}
