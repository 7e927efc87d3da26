import { type FileHandle, mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { Patience, Stuck } from '../lib/patience.ts';
import { cleanRecord } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Row } from '../openfunnel/wire.ts';
import { BYTE_ORDER_MARK, type CsvStyle, MAX_CELL, openCsvWriter, PLAIN_CSV } from './csv.ts';
import type { ExportFormat } from './export-format.ts';
import { putInPlace, syncFile } from './put-in-place.ts';

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
  /** Fields to write, in this order; undefined is all there are. */
  fields: readonly string[] | undefined;
}

/** Rows are written in portions of this many characters. */
const PORTION = 256 * 1024;
/** Temporary files of processes that died are removed after this time. Milliseconds. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** For the folder to answer: a network home that has gone away never does. One for all, as the threads are. */
const PATIENCE = new Patience(systemClock, 10_000);

/**
 * Writes rows to a file in the export folder, whole or not at all: first to a temporary file beside it, then
 * under its name, never over another file (see `putInPlace`). Memory does not grow with the job.
 */
export class RowExport {
  readonly #options: ExportOptions;
  readonly #directory: string;
  readonly #spoolPath: string;
  readonly #spool: FileHandle;
  readonly #columns = new Set<string>();
  readonly #found = new Set<string>();
  readonly #temporary = new Set<string>();
  #fileName: string;
  #portion = '';
  #writing: Promise<unknown> = Promise.resolve();
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
    await removeStale(directory);
    const spoolPath = temporaryPath(directory);
    return new RowExport(options, directory, spoolPath, await open(spoolPath, 'wx+', 0o600));
  }

  private constructor(options: ExportOptions, directory: string, spoolPath: string, spool: FileHandle) {
    this.#options = options;
    this.#directory = directory;
    this.#spoolPath = spoolPath;
    this.#spool = spool;
    this.#fileName = options.fileName;
    this.#temporary.add(spoolPath);
    for (const field of options.fields ?? []) this.#columns.add(field);
  }

  /** Changes the name that the file will get. */
  rename(fileName: string): void {
    this.#fileName = fileName;
  }

  /** Takes a row over; call `drain` between pages. */
  add(row: Row): void {
    const { fields } = this.#options;
    for (const field of fields ?? []) if (Object.hasOwn(row, field)) this.#found.add(field);
    const chosen = fields
      ? Object.fromEntries(fields.map((field) => [field, Object.hasOwn(row, field) ? row[field] : null]))
      : row;
    const clean = cleanRecord(chosen, MAX_CELL);
    for (const column of Object.keys(clean)) this.#columns.add(column);
    this.#portion += `${JSON.stringify(clean)}\n`;
    this.#rows += 1;
  }

  /** Fields that were asked for and that no row had. */
  get unknownFields(): string[] {
    return this.#rows === 0 ? [] : (this.#options.fields ?? []).filter((field) => !this.#found.has(field));
  }

  /** Resolves when what was taken over is written. */
  async drain(): Promise<void> {
    const portion = this.#portion;
    this.#portion = '';
    if (portion !== '') this.#writing = this.#writing.then(() => this.#spool.appendFile(portion));
    await this.#writing.catch((error: unknown) => {
      throw unwritable(error);
    });
  }

  /**
   * Puts the file under its name.
   *
   * @throws {OpenFunnelError} when it could not be written; nothing is left of it then.
   */
  async finish(): Promise<ExportedFile> {
    await this.drain();
    try {
      const { format } = this.#options;
      const columns = [...this.#columns];
      // Rows of later pages may bring columns that the header already has to name, so a CSV is made from the spool.
      const ready = format === 'jsonl' ? this.#spoolPath : await this.#convert(format, columns);
      await syncFile(this.#spool);
      const { size } = await stat(ready);
      const path = await putInPlace(ready, this.#directory, this.#fileName);
      return { path, format, rows: this.#rows, bytes: size, columns };
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
    await this.#writing.catch(() => {});
    await this.#spool.close().catch(() => {});
    for (const path of this.#temporary) await rm(path, { force: true }).catch(() => {});
  }

  async #convert(format: 'csv' | 'json', columns: readonly string[]): Promise<string> {
    const path = temporaryPath(this.#directory);
    this.#temporary.add(path);
    const file = await open(path, 'wx', 0o600);
    try {
      const { createInterface } = await import('node:readline');
      const { csv = PLAIN_CSV } = this.#options;
      const csvLines = await openCsvWriter(csv.delimiter);
      const lines = createInterface({ input: this.#spool.createReadStream({ start: 0, autoClose: false }) });
      let portion =
        format === 'csv'
          ? (csv.bom ? BYTE_ORDER_MARK : '') + (columns.length > 0 ? csvLines([columns]) : '')
          : '[';
      let first = true;
      for await (const line of lines) {
        if (format === 'csv') {
          const row = JSON.parse(line) as Record<string, unknown>;
          portion += csvLines([columns.map((column) => (Object.hasOwn(row, column) ? row[column] : null))]);
        } else {
          portion += `${first ? '' : ','}\n${line}`;
        }
        first = false;
        if (portion.length >= PORTION) {
          await file.appendFile(portion);
          portion = '';
        }
      }
      await file.appendFile(format === 'json' ? `${portion}\n]\n` : portion);
      await syncFile(file);
    } finally {
      await file.close();
    }
    return path;
  }
}

function temporaryPath(directory: string): string {
  return join(directory, `.lookalikes-${process.pid}-${crypto.randomUUID()}.tmp`);
}

async function removeStale(directory: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^\.lookalikes-\d+-[0-9a-f-]{36}\.tmp$/.test(name)) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
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
    `No file was written: ${why}. Nothing is lost upstream; ask the user to mend that or to set OPENFUNNEL_EXPORT_DIR, then export again.`,
    { cause: error },
  );
}
