import { type link, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile } from '../disk/open-file.ts';
import { dropTemporary, openTemporary, putUnder, type TemporaryFile } from '../disk/write-once.ts';
import { systemClock } from '../lib/clock.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { patience, whyUnusable } from '../lib/patience.ts';
import { cleanValue } from '../lib/text.ts';
import { BYTE_ORDER_MARK, type CsvStyle, MAX_CELL, openCsvWriter, PLAIN_CSV } from './csv.ts';
import type { ExportFormat } from './export-format.ts';

/** A file that was written, whole. */
export type ExportedFile = Awaited<ReturnType<RowExport['finish']>>;

interface ExportOptions {
  directory: string;
  /** Name without folder; a free one like it is taken where it exists. */
  fileName: string;
  format: ExportFormat;
  /** How a CSV is written; undefined is with commas and the mark. */
  csv?: CsvStyle | undefined;
  columns: readonly string[];
}

export type RowExport = Awaited<ReturnType<typeof beginExport>>;

/** Rows are written in portions of this many characters. */
const PORTION = 256 * 1024;
const MAX_SAME_NAMES = 1_000;

/** For the folder to answer: a network home that has gone away never does. One for all, as the threads are. */
const inTime = patience(systemClock, 10_000);

/**
 * Writes rows to a file in the export folder atomically: first to a temporary file beside it, then under its name, never
 * over another file (see `putInPlace`). Memory does not grow with the rows.
 * @throws {OpenFunnelError} `invalid_input` for a folder that can't be written.
 */
export async function beginExport(options: ExportOptions) {
  const { directory, fileName, format, columns } = options;
  const text = await textsOf(options);
  const place = { directory, stem: 'export', clock: systemClock };
  const temporary = await inTime(() => openTemporary(place)).catch(unwritable);
  let portion = text.start;
  let rows = 0;
  const write = () => {
    const next = portion;
    portion = '';
    return temporary.file.appendFile(next).catch(unwritable);
  };
  const finish = async () => {
    portion += text.end;
    await write();
    await syncFile(temporary.file);
    const { size } = await temporary.file.stat();
    const path = await putInPlace(temporary, await realpath(directory), fileName);
    return { path, format, rows, bytes: size, columns: [...columns] };
  };
  return {
    /** Takes a row over, a value for each column; what it returns is to be waited for. */
    add(values: readonly unknown[]) {
      const clean = columns.map((_, at) => cleanValue(values[at] ?? null, MAX_CELL));
      portion += (rows === 0 ? '' : text.between) + text.row(clean);
      rows += 1;
      return portion.length < PORTION ? undefined : write();
    },
    /** Puts the file under its name. @throws {OpenFunnelError} when it could not be written. */
    finish: () => finish().catch(unwritable),
    /** Leaves nothing behind but a finished file; to be called in any case. */
    close: () => dropTemporary(temporary),
  };
}

/** What stands in a file of a format: at its start, of a row, between two rows, and at its end. */
async function textsOf({ format, csv = PLAIN_CSV, columns }: ExportOptions) {
  if (format === 'csv') {
    const lines = await openCsvWriter(csv.delimiter);
    const start = (csv.bom ? BYTE_ORDER_MARK : '') + lines([columns]);
    return { start, row: (values: readonly unknown[]) => lines([values]), between: '', end: '' };
  }
  const names = columns.map((name) => JSON.stringify(name));
  const object = (values: readonly unknown[]) =>
    `{${names.map((name, at) => `${name}:${JSON.stringify(values[at])}`).join(',')}}`;
  return format === 'json'
    ? { start: '[', row: (values: readonly unknown[]) => `\n${object(values)}`, between: ',', end: '\n]\n' }
    : { start: '', row: (values: readonly unknown[]) => `${object(values)}\n`, between: '', end: '' };
}

function unwritable(error: unknown): never {
  if (error instanceof OpenFunnelError) throw error;
  throw new OpenFunnelError(
    'invalid_input',
    `No file was written: ${whyUnusable('the export folder', error)}. Nothing is lost upstream; ask the user to fix that or to set OPENFUNNEL_EXPORT_DIR, then export again.`,
    { cause: error },
  );
}

/** Gives a finished file its name, or a free one like it ("name-2.csv"): see `putUnder`. @returns The path that it got. */
export async function putInPlace(
  ready: TemporaryFile,
  directory: string,
  fileName: string,
  linking?: typeof link,
): Promise<string> {
  const dot = fileName.lastIndexOf('.');
  for (let number = 1; number <= MAX_SAME_NAMES; number += 1) {
    const name = number === 1 ? fileName : `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`;
    if (await putUnder(ready, directory, name, linking)) return join(directory, name);
  }
  throw new Error('too many files of that name');
}
