import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenFunnelError } from '../openfunnel/errors.ts';

export type ImportFormat = 'csv' | 'json' | 'jsonl';

/** A file of the export folder, open for reading. */
export interface ImportFile {
  name: string;
  format: ImportFormat;
  bytes: number;
  /** How its text is written, as `TextDecoder` names it. */
  encoding: string;
  /** The beginning of its text. */
  start: string;
  /** Its text from the beginning, in pieces; bytes where they are UTF-8 as they stand. */
  pieces(): AsyncIterable<string | Buffer>;
  close(): Promise<void>;
}

/** What is looked at to tell how a file is written. Bytes. */
const SNIFFED = 64 * 1024;
/** Larger files are no list of companies. Bytes. */
const MAX_BYTES = 1024 * 1024 * 1024;
const FORMATS: Readonly<Record<string, ImportFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  txt: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** What is wrong with a file that was to be imported; nothing was taken over. */
export function importRefused(message: string, cause?: unknown): OpenFunnelError {
  return new OpenFunnelError('invalid_input', `${message} Nothing was imported.`, { cause });
}

/**
 * Opens a file that lies in the folder itself, by its bare name: no path, link, device or pipe leads elsewhere.
 *
 * @throws {OpenFunnelError} `invalid_input` for what is no such file.
 */
export async function openImport(directory: string, name: string): Promise<ImportFile> {
  const given = JSON.stringify(name.slice(0, 120));
  const bare =
    name !== '' && name !== '.' && name !== '..' && !/[\\/:\0\p{Cc}]/u.test(name) && name.length <= 255;
  if (!bare) {
    throw importRefused(
      `file must be the bare name of a file in the export folder, without any folder, not ${given}. Ask the user to put the file into ${directory}.`,
    );
  }
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const format = FORMATS[ending];
  if (format === undefined) {
    throw importRefused(
      `${given} is no CSV, TSV, JSON or JSONL file by its name. Ask the user to save the list as CSV.`,
    );
  }
  const file = await openInside(directory, name, given);
  try {
    const facts = await file.stat();
    if (facts.size > MAX_BYTES) throw importRefused(`${given} is larger than 1 GB.`);
    const first = Buffer.alloc(Math.min(facts.size, SNIFFED));
    const { bytesRead } = await file.read(first, 0, first.length, 0);
    const sniffed = first.subarray(0, bytesRead);
    const encoding = encodingOf(sniffed, given);
    const pieces = async function* (): AsyncGenerator<string | Buffer> {
      const source = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 });
      if (encoding === 'utf-8') {
        yield* source as AsyncIterable<Buffer>;
        return;
      }
      const decoder = new TextDecoder(encoding);
      for await (const bytes of source as AsyncIterable<Buffer>)
        yield decoder.decode(bytes, { stream: true });
      yield decoder.decode();
    };
    return {
      name,
      format,
      bytes: facts.size,
      encoding,
      start: new TextDecoder(encoding).decode(sniffed),
      pieces,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openInside(directory: string, name: string, given: string): Promise<FileHandle> {
  let folder: string;
  try {
    folder = await realpath(directory);
  } catch (error) {
    throw importRefused(
      `The export folder ${directory} is not there. Ask the user to make it and to put the file there.`,
      error,
    );
  }
  const path = join(folder, name);
  const refuse = (why: string, cause?: unknown) =>
    importRefused(`${given} ${why}. Only a plain file that lies in ${folder} itself is read.`, cause);
  const before = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? importRefused(
          `There is no file ${given} in the export folder. Ask the user to put it into ${folder}.`,
          error,
        )
      : refuse('could not be read', error);
  });
  if (before.isSymbolicLink()) throw refuse('is a link');
  if (!before.isFile()) throw refuse('is no plain file');
  // A pipe or link that takes its place meanwhile is neither waited for nor followed.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((error: unknown) => {
    throw refuse('could not be opened', error);
  });
  const facts = await file.stat();
  if (facts.isFile() && facts.ino === before.ino && facts.dev === before.dev) return file;
  await file.close();
  throw refuse('was replaced while it was opened');
}

function encodingOf(first: Buffer, given: string): string {
  if (first.length === 0) throw importRefused(`${given} is empty.`);
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  if (first.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004')
    throw importRefused(`${given} is a workbook or archive, not text. Ask the user to save the list as CSV.`);
  const nulls = [0, 0];
  for (const [at, byte] of first.subarray(0, 1_000).entries())
    if (byte === 0) nulls[at % 2] = (nulls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nulls;
  if (even + odd > 0) {
    if (odd > 100 && even * 10 < odd) return 'utf-16le';
    if (even > 100 && odd * 10 < even) return 'utf-16be';
    throw importRefused(`${given} is not a text file.`);
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}
