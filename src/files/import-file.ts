import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openFile } from '../disk/open-file.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { errnoOf } from '../lib/patience.ts';
import { encodingOf } from './encoding.ts';

export type ImportFormat = 'csv' | 'json' | 'jsonl';

/** A file of the export folder, open for reading. */
export type ImportFile = Awaited<ReturnType<typeof openImport>>;

const PIECE = 512 * 1024;
/** What is looked at as a text to see how a table is written. Bytes. */
const START = 64 * 1024;
/** Larger files are no list of companies. Bytes. */
const MAX_BYTES = 1024 * 1024 * 1024;
const FORMATS: ReadonlyArray<[RegExp, ImportFormat]> = [
  [/\.(?:csv|tsv|tab|txt)$/i, 'csv'],
  [/\.json$/i, 'json'],
  [/\.(?:jsonl|ndjson)$/i, 'jsonl'],
];

/** What is wrong with a file that was to be imported; nothing was imported. */
export function importRefused(message: string, cause?: unknown): OpenFunnelError {
  return new OpenFunnelError('invalid_input', `${message} Nothing was imported.`, { cause });
}

/**
 * Opens a file that lies in the folder itself, by its bare name: no path, link, device or pipe leads elsewhere.
 * @throws {OpenFunnelError} `invalid_input` for what is no such file.
 */
export async function openImport(directory: string, name: string) {
  const given = JSON.stringify(name.slice(0, 120));
  if (!/^(?!\.\.?$)[^\\/:\p{Cc}]{1,255}$/u.test(name))
    throw importRefused(
      `file must be the bare name of a file in the export folder, without any folder, not ${given}. Ask the user to put the file into ${directory}.`,
    );
  const [, format] = FORMATS.find(([ending]) => ending.test(name)) ?? [];
  if (/\.(?:xls[xmb]?|ods|numbers)$/i.test(name)) throw importRefused(workbook(given));
  if (format === undefined)
    throw importRefused(
      `${given} is no CSV, TSV, JSON or JSONL file by its name. Ask the user to save the list as CSV.`,
    );
  const file = await openFile(join(directory, name), 'r').catch((error: unknown) => {
    throw importRefused(notOpened(errnoOf(error), directory, given), error);
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw importRefused(`${given} is larger than 1 GB.`);
    if (size === 0) throw importRefused(`${given} is empty.`);
    const first = Buffer.alloc(Math.min(size, START));
    const { bytesRead } = await file.read(first, 0, first.length, 0);
    const start = first.subarray(0, bytesRead);
    refuseOthers(start, given);
    const found = await encodingOf(start, () => piecesOf(file));
    if (found === null) throw importRefused(`${given} is not a text file.`);
    const { encoding } = found;
    const text = new TextDecoder(encoding).decode(start, { stream: true });
    return {
      ...found,
      name,
      format: heldIn(text) ?? format,
      bytes: size,
      start: text,
      /** Its text from the beginning, in pieces of UTF-8. */
      pieces: () => (encoding === 'utf-8' ? piecesOf(file) : recoded(piecesOf(file), encoding)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What a file of JSON is, however it is called: as a table it would give a few of its values without a word. */
function heldIn(text: string): ImportFormat | null {
  if (/^\s{0,200}\[\s{0,200}\{/.test(text)) return 'json';
  return /^\s{0,200}\{"[^\n]{0,10000}\}\r?\n\s{0,200}\{"/.test(text) ? 'jsonl' : null;
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* recoded(pieces: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const bytes of pieces) yield Buffer.from(decoder.decode(bytes, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function notOpened(code: string, directory: string, given: string): string {
  return code === 'ENOENT'
    ? `There is no file ${given} in the export folder. Ask the user to put it into ${directory}.`
    : `${given} ${code === 'ELOOP' ? 'is a link' : 'could not be opened'}. Only a plain file that lies in ${directory} itself is read.`;
}

function workbook(given: string): string {
  return `${given} is a workbook (Excel or the like) or an archive, not text. Ask the user to open it and save the sheet as CSV: in Excel File > Save As > "CSV UTF-8 (Comma delimited)", in Google Sheets File > Download > CSV.`;
}

/** Refuses files that are something else by their first bytes, whatever they are called. */
function refuseOthers(start: Buffer, given: string): void {
  const magic = start.subarray(0, 8).toString('latin1');
  if (magic.startsWith('PK\u0003\u0004') || magic.startsWith('\u00d0\u00cf\u0011\u00e0'))
    throw importRefused(workbook(given));
  if (/^\ufeff?\s{0,100}<(?:!doctype|html|table|\?xml)/i.test(start.toString('utf8', 0, 200)))
    throw importRefused(`${given} is a web page or XML, not CSV. Ask the user to export the list as CSV.`);
}
