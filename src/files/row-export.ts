import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, open, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile } from '../disk/open-file.ts';
import { type FinishedFile, type PlacingCalls, putUnder } from '../disk/write-once.ts';
import { systemClock } from '../lib/clock.ts';
import { Patience, Stuck } from '../lib/patience.ts';
import { cleanValue } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { BYTE_ORDER_MARK, type CsvStyle, type CsvWriter, MAX_CELL, openCsvWriter, PLAIN_CSV } from './csv.ts';
import type { ExportFormat } from './export-format.ts';

/** A file that was written, whole. */
export interface ExportedFile {
  path: string;
  format: ExportFormat;
  rows: number;
  bytes: number;
  columns: string[];
}

export interface ExportOptions {
  directory: string;
  /** Name without folder; a free one like it is taken where it exists. */
  fileName: string;
  format: ExportFormat;
  /** How a CSV is written; undefined is with commas and the mark. */
  csv?: CsvStyle | undefined;
  /** Names of the values of each row, in order, each once. */
  columns: readonly string[];
}

/** Rows are written in portions of this many characters. */
const PORTION = 256 * 1024;
/** Temporary files of processes that died are removed after this time. Milliseconds. */
const STALE_MS = 24 * 60 * 60 * 1000;

const MAX_SAME_NAMES = 1_000;

/** For the folder to answer: a network home that has gone away never does. One for all, as the threads are. */
const PATIENCE = new Patience(systemClock, 10_000);

/**
 * Writes rows to a file in the export folder atomically: first to a temporary file beside it, then
 * under its name, never over another file (see `putInPlace`). Memory does not grow with the rows.
 */
export class RowExport {
  readonly #options: ExportOptions;
  readonly #directory: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #csv: CsvWriter | null;
  #portion: string;
  #rows = 0;
  #open = true;

  /** @throws {OpenFunnelError} `invalid_input` for a folder that can't be written. */
  static async begin(options: ExportOptions): Promise<RowExport> {
    try {
      return await PATIENCE.wait(() => RowExport.#begin(options));
    } catch (error) {
      throw unwritable(error);
    }
  }

  static async #begin(options: ExportOptions): Promise<RowExport> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const directory = await realpath(options.directory);
    await removeStale(directory, systemClock.now());
    const csv = options.format === 'csv' ? await openCsvWriter((options.csv ?? PLAIN_CSV).delimiter) : null;
    const path = join(directory, `.lookalikes-${process.pid}-${crypto.randomUUID()}.tmp`);
    return new RowExport(options, directory, path, await open(path, 'wx', 0o600), csv);
  }

  private constructor(
    options: ExportOptions,
    directory: string,
    path: string,
    file: FileHandle,
    csv: CsvWriter | null,
  ) {
    this.#options = options;
    this.#directory = directory;
    this.#path = path;
    this.#file = file;
    this.#csv = csv;
    const mark = (options.csv ?? PLAIN_CSV).bom ? BYTE_ORDER_MARK : '';
    this.#portion = csv === null ? (options.format === 'json' ? '[' : '') : mark + csv([options.columns]);
  }

  /** Takes a row over, a value for each column; what it returns is to be waited for. */
  add(values: readonly unknown[]): Promise<void> | undefined {
    const { columns, format } = this.#options;
    const clean = columns.map((_, at) => cleanValue(values[at] ?? null, MAX_CELL));
    if (this.#csv !== null) this.#portion += this.#csv([clean]);
    else {
      const fields = columns.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(clean[at])}`);
      const between = format === 'json' ? `${this.#rows === 0 ? '' : ','}\n` : '';
      this.#portion += `${between}{${fields.join(',')}}${format === 'jsonl' ? '\n' : ''}`;
    }
    this.#rows += 1;
    return this.#portion.length < PORTION ? undefined : this.#write();
  }

  /**
   * Puts the file under its name.
   *
   * @throws {OpenFunnelError} when it could not be written; nothing is left of it then.
   */
  async finish(): Promise<ExportedFile> {
    const { format, fileName, columns } = this.#options;
    try {
      if (format === 'json') this.#portion += '\n]\n';
      await this.#write();
      await syncFile(this.#file);
      const { size } = await this.#file.stat();
      const path = await putInPlace({ path: this.#path, file: this.#file }, this.#directory, fileName);
      return { path, format, rows: this.#rows, bytes: size, columns: [...columns] };
    } catch (error) {
      throw unwritable(error);
    } finally {
      await this.abandon();
    }
  }

  /** Leaves nothing behind; harmless after `finish`. */
  async abandon(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }

  async #write(): Promise<void> {
    const portion = this.#portion;
    this.#portion = '';
    try {
      await this.#file.appendFile(portion);
    } catch (error) {
      throw unwritable(error);
    }
  }
}

async function removeStale(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^\.lookalikes-\d+-[0-9a-f-]{36}\.tmp$/.test(name)) continue;
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > STALE_MS) await rm(path, { force: true }).catch(() => {});
  }
}

function unwritable(error: unknown): OpenFunnelError {
  if (error instanceof OpenFunnelError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const why =
    code === 'ENOSPC'
      ? 'the disk is full'
      : error instanceof Stuck
        ? 'the export folder does not answer'
        : `the export folder can't be written (${code ?? 'unknown reason'})`;
  return new OpenFunnelError(
    'invalid_input',
    `No file was written: ${why}. Nothing is lost upstream; ask the user to fix that or to set OPENFUNNEL_EXPORT_DIR, then export again.`,
    { cause: error },
  );
}

/**
 * Gives a finished file its name, or a free one like it ("name-2.csv"): see `putUnder`.
 *
 * @returns The path that it got.
 */
export async function putInPlace(
  ready: FinishedFile,
  directory: string,
  fileName: string,
  calls?: PlacingCalls,
): Promise<string> {
  const dot = fileName.lastIndexOf('.');
  for (let number = 1; number <= MAX_SAME_NAMES; number += 1) {
    const name = number === 1 ? fileName : `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`;
    if (await putUnder(ready, directory, name, calls)) return join(directory, name);
  }
  throw new Error('too many files of that name');
}
