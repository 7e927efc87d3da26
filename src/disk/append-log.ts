import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { patience, Stuck } from '../lib/patience.ts';
import { type LogEntry, readLines } from './log-lines.ts';
import { openFile, syncFolder } from './open-file.ts';

/** A file that could not be read or written, or not in time. */
export class FileUnusable extends Error {
  override readonly name = 'FileUnusable';
}

export interface AppendLogOptions<T> {
  /** Made with mode 0700 where it does not exist, and left as it is where it does. */
  directory: string;
  fileName: string;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Of a record; whatever else a line holds is damage. */
  schema: z.ZodType<T>;
}

/** Longest wait for the file: less than for one network request. Milliseconds. */
const LIMIT_MS = 3_000;
/** What is more than this has not been appended by us, and is not taken into memory. Bytes at one reading. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * An append-only file of JSON lines that many processes share. Each append is one `write` to a file opened for
 * appending, which the system does as a whole, and each record begins with the line break: so records never mix, and
 * have one order. A torn one damages none but itself; one that was flushed is read whatever follows it, such as zeros
 * of a power cut. What can't be read is reported, and stays in the file. Nobody waits for it longer than `LIMIT_MS`;
 * while an operation is stuck (a network folder that has gone away), all others are refused at once.
 */
export class AppendLog<T> {
  readonly #options: AppendLogOptions<T>;
  readonly #inTime: ReturnType<typeof patience>;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** Which file it is, also where a new one gets the number of one that was removed. */
  #identity: string | null = null;
  /** Bytes, and lines, that were read. */
  #offset = 0;
  #line = 0;
  #entries: ReadonlyArray<LogEntry<T>> = [];

  constructor(options: AppendLogOptions<T>) {
    this.#options = options;
    this.#inTime = patience(options.clock, LIMIT_MS);
  }

  get path(): string {
    return join(this.#options.directory, this.#options.fileName);
  }

  /** What the file held at the last reading, be it one that nobody waited for; another list after each change. */
  get entries(): ReadonlyArray<LogEntry<T>> {
    return this.#entries;
  }

  /** Of the entries, the records. */
  get records(): T[] {
    return this.#entries.flatMap((entry) => ('record' in entry ? [entry.record] : []));
  }

  /** Of the entries, the lines of which something could not be read, each once; by number from 1. */
  get damagedLines(): number[] {
    const lines = this.#entries.flatMap((entry) => ('damagedLine' in entry ? [entry.damagedLine] : []));
    return [...new Set(lines)];
  }

  /**
   * Appends records in one write, with `durable` until they are on the disk.
   * @throws {FileUnusable} when they could not be written, or not in time: then they may be in the file or not.
   */
  append(records: readonly object[], durable: boolean): Promise<void> {
    return this.#inTurn(() => this.#append(records, durable));
  }

  /**
   * Reads what anybody has appended since the last reading into `entries`; none where there is no file. One that was
   * cut or replaced is read from its begin. @throws {FileUnusable} when it exists but can't be read, or not in time.
   */
  read(): Promise<void> {
    // Callers share a reading that has not begun; one that has may have missed what is on the disk by now.
    const begun = () => {
      this.#next = undefined;
    };
    this.#next ??= this.#inTurn(() => {
      begun();
      return this.#read();
    }).finally(begun);
    return this.#next;
  }

  /** Resolves when nothing is under way that could end. */
  async idle(): Promise<void> {
    await this.#inTurn(async () => {}).catch(() => {});
  }

  async #inTurn<R>(run: () => Promise<R>): Promise<R> {
    let givenUp = false;
    try {
      return await this.#inTime(() => {
        const turn = this.#last.then(() => {
          if (givenUp) throw new FileUnusable('given up before its turn');
          return run();
        });
        this.#last = turn.catch(() => {});
        return turn;
      });
    } catch (error) {
      givenUp = true;
      if (error instanceof FileUnusable) throw error;
      throw new FileUnusable(error instanceof Stuck ? error.message : 'the file', { cause: error });
    }
  }

  async #append(records: readonly object[], durable: boolean): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await openFile(this.path, 'a');
    try {
      const bytes = Buffer.from(records.map((record) => `\n${JSON.stringify(record)}`).join(''));
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new FileUnusable('the record was cut short: is the disk full?');
      if (!durable) return;
      await file.sync();
      await syncFolder(directory);
    } finally {
      await file.close();
    }
  }

  async #read(): Promise<void> {
    const file = await openFile(this.path, 'r').catch((error: NodeJS.ErrnoException) => {
      // Below what is no folder there is no file either.
      if (['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) return null;
      throw error;
    });
    if (file === null) return this.#startOver(null);
    try {
      const { ino, birthtimeMs, size } = await file.stat();
      const identity = `${ino} ${birthtimeMs}`;
      if (identity !== this.#identity || size < this.#offset) this.#startOver(identity);
      if (size - this.#offset > MOST_BYTES) throw new FileUnusable('the file is too large');
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      const read = readLines(bytes.subarray(0, bytesRead), this.#line, this.#options.schema);
      this.#offset += read.taken;
      this.#line = read.line;
      if (read.entries.length > 0) this.#entries = [...this.#entries, ...read.entries];
    } finally {
      await file.close();
    }
  }

  #startOver(identity: string | null): void {
    this.#identity = identity;
    this.#offset = 0;
    this.#line = 0;
    this.#entries = [];
  }
}
