import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { openFile } from './open-file.ts';

/** A file that could not be read or written, or not in time. */
export class FileUnusable extends Error {
  override readonly name = 'FileUnusable';
}

export interface RecordFileOptions {
  /** Folder of the file; made with mode 0700 where it does not exist, and left as it is where it does. */
  directory: string;
  fileName: string;
  clock: Pick<Clock, 'sleep'>;
  /**
   * Told what is new in the file, in its order, each time it is read; also of a reading that nobody waited for.
   *
   * @param restarted Whether it is another file than at the last reading, or one that was cut or removed: what
   * was known of it before counts no more.
   */
  onNews: (records: unknown[], restarted: boolean) => void;
  /** Told of each damaged line once, by its number; the line stays in the file. */
  onDamage: (line: number) => void;
}

const NEWLINE = 10;
/** Longest time that anybody waits for the file: less than for one request to the network. Milliseconds. */
const LIMIT_MS = 3_000;

/**
 * An append-only file of JSON lines that many processes share.
 *
 * Each append is one `write` to a file opened for appending, which the system does as a whole, and each record
 * begins with the line break: so what any number of processes write never mixes, has one order for all of
 * them, and a record torn by a crash damages no record but itself.
 *
 * Nobody waits for the file longer than `LIMIT_MS`. While an operation is stuck (a network folder that has
 * gone away), all others are refused at once: each stuck one would hold one of the few threads of the process.
 */
export class RecordFile {
  readonly #options: RecordFileOptions;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;
  #stuck = false;
  #inode: number | null = null;
  /** Bytes, and lines, that were taken over. */
  #offset = 0;
  #line = 0;

  constructor(options: RecordFileOptions) {
    this.#options = options;
  }

  get path(): string {
    return join(this.#options.directory, this.#options.fileName);
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

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
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
    const late = this.#options.clock.sleep(LIMIT_MS, timer.signal).then(() => {
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
      if (durable) await file.sync();
      if (durable && size === 0) await syncFolder(directory);
    } finally {
      await file.close();
    }
  }

  async #catchUp(): Promise<void> {
    let file: FileHandle;
    try {
      file = await openFile(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const restarted = this.#inode !== null;
      this.#startOver(null);
      if (restarted) this.#options.onNews([], true);
      return;
    }
    try {
      const { ino, size } = await file.stat();
      const restarted = ino !== this.#inode || size < this.#offset;
      if (restarted) this.#startOver(ino);
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      const records = this.#take(bytes.subarray(0, bytesRead));
      if (restarted || records.length > 0) this.#options.onNews(records, restarted);
    } finally {
      await file.close();
    }
  }

  #startOver(inode: number | null): void {
    this.#inode = inode;
    this.#offset = 0;
    this.#line = 0;
  }

  #take(bytes: Buffer): unknown[] {
    const records: unknown[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#line += 1;
      const line = bytes.toString('utf8', start, end);
      start = end + 1;
      if (line.trim() === '') continue;
      const record = parseRecord(line);
      if (record === undefined) this.#options.onDamage(this.#line);
      else records.push(record);
    }
    // The last line has no break behind it: either it is whole, or it is still being written, or torn.
    const last = parseRecord(bytes.toString('utf8', start));
    if (last !== undefined) {
      records.push(last);
      start = bytes.length;
    }
    this.#offset += start;
    return records;
  }
}

/** The name of a new file is on the disk only when its folder is; where that can't be had, the file still is. */
async function syncFolder(directory: string): Promise<void> {
  try {
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows opens no folders.
  }
}

function parseRecord(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
