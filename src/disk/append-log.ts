import { type FileHandle, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { timeUp } from '../lib/deadline.ts';
import { type LogEntry, readLines } from './log-lines.ts';
import { openFile, syncFolder } from './open-file.ts';

export type { LogEntry } from './log-lines.ts';

/** A file that could not be read or written, or not in time. */
export class FileUnusable extends Error {
  override readonly name = 'FileUnusable';
}

/** What of a file could not be read. */
export interface LogDamage {
  /** How many lines. */
  count: number;
  /** The first of them, by number from 1. */
  lines: readonly number[];
}

export interface AppendLogOptions<T> {
  /** Folder of the file; made with mode 0700 where it does not exist, and left as it is where it does. */
  directory: string;
  fileName: string;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** The record that a JSON value is; undefined for what is none. */
  parse: (value: unknown) => T | undefined;
  /**
   * Told what is new in the file, in its order, each time it is read; also of a reading that nobody waited for.
   *
   * @param restarted Whether it is another file than at the last reading, or one that was cut or removed: what
   * was known of it before counts no more.
   */
  onNews: (entries: ReadonlyArray<LogEntry<T>>, restarted: boolean) => void;
}

/** Longest wait for the file: less than for one network request. Milliseconds. */
const LIMIT_MS = 3_000;
/** Numbers of unreadable lines that are kept. */
const MAX_LINES_NAMED = 100;

/**
 * An append-only file of JSON lines that many processes share.
 *
 * Each append is one `write` to a file opened for appending, which the system does as a whole, and each record
 * begins with the line break: so what any number of processes write never mixes, has one order for all of
 * them, and a record torn by a crash damages no record but itself. A record that was flushed is read whatever
 * follows it, such as the zeros that a power cut leaves. What can't be read is reported, and stays in the file.
 *
 * Nobody waits for the file longer than `LIMIT_MS`. While an operation is stuck (a network folder that has
 * gone away), all others are refused at once: each stuck one would hold one of the few threads of the process.
 */
export class AppendLog<T> {
  readonly #options: AppendLogOptions<T>;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;
  #stuck = false;
  /** Which file it is, also where a new one gets the number of one that was removed. */
  #identity: string | null = null;
  /** Bytes, and lines, that were read. */
  #offset = 0;
  #line = 0;
  #damaged = 0;
  #damagedLines: number[] = [];
  /** Whether the file's name is on the disk, as far as this process has seen to it. */
  #named = false;

  constructor(options: AppendLogOptions<T>) {
    this.#options = options;
  }

  get path(): string {
    return join(this.#options.directory, this.#options.fileName);
  }

  /** What could not be read of the file, as of the last reading. */
  get damage(): LogDamage {
    return { count: this.#damaged, lines: [...this.#damagedLines] };
  }

  /**
   * Appends records in one write.
   *
   * @param durable Whether to resolve only when they are on the disk.
   * @throws {FileUnusable} when they could not be written, or not in time: then they may be in the file or not.
   */
  append(records: readonly object[], durable: boolean): Promise<void> {
    return this.#inTurn(() => this.#append(records, durable));
  }

  /**
   * Reads what was appended by anybody since the last reading, and hands it to `onNews`. A file that does not
   * exist has no records.
   *
   * @throws {FileUnusable} when it exists but can't be read, or not in time.
   */
  catchUp(): Promise<void> {
    // Callers share a reading that has not begun; one that has may have missed what is on the disk by now.
    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#catchUp();
    }).finally(() => {
      this.#next = undefined;
    });
    return this.#next;
  }

  /** Resolves when nothing is under way that could end. */
  async idle(): Promise<void> {
    if (!this.#stuck) await this.#inTurn(async () => {}).catch(() => {});
  }

  async #inTurn<R>(run: () => Promise<R>): Promise<R> {
    if (this.#stuck) throw new FileUnusable('an earlier operation on the file is stuck');
    let givenUp = false;
    const turn = this.#last.then(() => {
      if (givenUp) throw new FileUnusable('given up before its turn');
      return run();
    });
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#last = settled;
    const timer = new AbortController();
    const late = timeUp(this.#options.clock, LIMIT_MS, timer.signal).then(() => {
      givenUp = true;
      this.#stuck = true;
      settled.then(() => {
        this.#stuck = false;
      });
      throw new FileUnusable(`the file took longer than ${LIMIT_MS} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([turn, late]);
    } catch (error) {
      throw error instanceof FileUnusable ? error : new FileUnusable('the file', { cause: error });
    } finally {
      timer.abort();
    }
  }

  async #append(records: readonly object[], durable: boolean): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await openFile(this.path, 'a');
    try {
      const { size } = await file.stat();
      const bytes = Buffer.from(records.map((record) => `\n${JSON.stringify(record)}`).join(''));
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new FileUnusable('the record was cut short: is the disk full?');
      if (!durable) return;
      await file.sync();
      if (size === 0 || !this.#named) await syncFolder(directory);
      this.#named = true;
    } finally {
      await file.close();
    }
  }

  async #catchUp(): Promise<void> {
    let file: FileHandle;
    try {
      file = await openFile(this.path, 'r');
    } catch (error) {
      // Below what is no folder there is no file either.
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      const restarted = this.#identity !== null;
      this.#startOver(null);
      if (restarted) this.#options.onNews([], true);
      return;
    }
    try {
      const { ino, birthtimeMs, size } = await file.stat();
      const identity = `${ino} ${birthtimeMs}`;
      const restarted = identity !== this.#identity || size < this.#offset;
      if (restarted) this.#startOver(identity);
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      const entries = this.#take(bytes.subarray(0, bytesRead));
      if (restarted || entries.length > 0) this.#options.onNews(entries, restarted);
    } finally {
      await file.close();
    }
  }

  #startOver(identity: string | null): void {
    this.#identity = identity;
    this.#offset = 0;
    this.#line = 0;
    this.#damaged = 0;
    this.#damagedLines = [];
    this.#named = false;
  }

  #take(bytes: Buffer): Array<LogEntry<T>> {
    const { entries, taken, line } = readLines(bytes, this.#line, this.#options.parse);
    this.#offset += taken;
    this.#line = line;
    for (const entry of entries) {
      if (!('damagedLine' in entry) || this.#damagedLines.at(-1) === entry.damagedLine) continue;
      this.#damaged += 1;
      if (this.#damagedLines.length < MAX_LINES_NAMED) this.#damagedLines.push(entry.damagedLine);
    }
    return entries;
  }
}
