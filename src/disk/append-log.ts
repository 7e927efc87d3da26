import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { jsonIn } from '../lib/json.ts';
import { errnoOf, patience, whyUnusable } from '../lib/patience.ts';
import { openFile, syncFolder } from './open-file.ts';

/** A file that could not be read or written, or not in time, in words for the caller. */
export class FileUnusable extends OpenFunnelError {
  readonly why: string;

  constructor(why: string, cause?: unknown) {
    const advice = 'Ask the user to check OPENFUNNEL_STATE_DIR and the space on the disk.';
    super('invalid_configuration', `A file could not be used: ${why}. ${advice}`, { cause });
    this.why = why;
  }
}

/** Whether it could not be read because there is something else in its place, such as a folder or a pipe. */
export function isNoFile({ cause }: Error): boolean {
  return errnoOf(cause) === 'ENOTSUP';
}

/** A record of a log, or a line of which something can't be read. */
type LogEntry<T> = { record: T } | { damagedLine: number };

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
/** A record that is only begun is read once more after this time. Milliseconds. */
const BEING_WRITTEN_MS = 50;
/** What is more than this has not been appended by us, and is not taken into memory. Bytes at one reading. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * An append-only file of JSON lines that many processes share. Each append is one `write`, which the system does as a
 * whole, and each record begins with the line break: so records never mix, have one order, and a torn one damages none
 * but itself. What can't be read is reported, and stays in the file. Nobody waits for it longer than `LIMIT_MS`; while
 * an operation is stuck (a network folder that has gone away), all others are refused at once.
 */
export class AppendLog<T> {
  readonly #options: AppendLogOptions<T>;
  readonly #inTime: ReturnType<typeof patience>;
  #last: Promise<unknown> = Promise.resolve();
  /** Which file it is, also where a new one gets the number of one that was removed, as it was, and what of it was read. */
  #at = { identity: null as string | null, size: 0, mtimeMs: 0, bytes: 0, lines: 0 };
  #entries: ReadonlyArray<LogEntry<T>> = [];
  /** Whether the file ended, when it was read last, in a record that was cut short, or is still being written. */
  isUnfinished = false;

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

  /** Whether the file was there, and empty, when it was read last. */
  get isEmpty(): boolean {
    return this.#at.identity !== null && this.#at.size === 0;
  }

  /** Of the entries, the records. */
  get records(): T[] {
    return this.#entries.flatMap((entry) => ('record' in entry ? [entry.record] : []));
  }

  /** Of the entries, the lines of which something could not be read, each once; by number from 1. */
  get damagedLines(): number[] {
    const lines = this.#entries.flatMap((entry) => ('damagedLine' in entry ? [entry.damagedLine] : []));
    return [...new Set(this.isUnfinished ? [...lines, this.#at.lines + 1] : lines)];
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
   * cut, replaced or changed in place is read from its begin; where it was cut, the line behind what is left of it counts
   * as damaged. What was damaged once stays so in the same file: nobody has said what it was.
   * @throws {FileUnusable} when it exists but can't be read, or not in time.
   */
  read(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#read();
      if (!this.isUnfinished) return;
      await this.#options.clock.sleep(BEING_WRITTEN_MS);
      await this.#read();
    });
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
      throw new FileUnusable(whyUnusable('the state folder', error), error);
    }
  }

  async #append(records: readonly object[], durable: boolean): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await openFile(this.path, 'a');
    try {
      const texts = records.map((record) => JSON.stringify(record));
      const lines = texts.map((text) => `\n${text.slice(0, -1)},"crc32":${crc32(text)}}`);
      const bytes = Buffer.from(lines.join(''));
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new FileUnusable('a record was cut short, as on a full disk');
      if (!durable) return;
      await file.sync();
      await syncFolder(directory);
    } finally {
      await file.close();
    }
  }

  async #read(): Promise<void> {
    const file = await openFile(this.path, 'r').catch((error: unknown) => {
      // Below what is no folder there is no file either.
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return null;
      throw error;
    });
    if (file === null) return this.#startOver(null);
    try {
      const { ino, birthtimeMs, size, mtimeMs } = await file.stat();
      const identity = `${ino} ${birthtimeMs}`;
      const isSame = identity === this.#at.identity;
      // What was there is gone, and whoever has cut the file has not said what it was.
      const isCut = isSame && size < this.#at.bytes;
      const isChanged = isSame && size === this.#at.size && mtimeMs !== this.#at.mtimeMs;
      const damaged = isChanged ? this.damagedLines : [];
      if (isCut || isChanged || !isSame) this.#startOver(identity);
      Object.assign(this.#at, { size, mtimeMs });
      if (size - this.#at.bytes > MOST_BYTES) throw new FileUnusable('the file is too large');
      const buffer = Buffer.alloc(size - this.#at.bytes);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#at.bytes);
      const bytes = buffer.subarray(0, bytesRead);
      const lines = bytes.toString('utf8').split('\n');
      const last = lines.pop() ?? '';
      const { schema } = this.#options;
      const whole = lines.flatMap((text, index) => entriesIn(text, this.#at.lines + index + 1, schema));
      this.#at.lines += lines.length;
      // Without a line break behind it, what only begins is still being written, or torn: another reading tells.
      this.isUnfinished = last.startsWith('{') && !last.includes('\0') && objectEnd(last) === null;
      const rest = this.isUnfinished ? [] : entriesIn(last, this.#at.lines + 1, schema);
      this.#at.bytes += rest.length > 0 ? bytes.length : bytes.lastIndexOf('\n') + 1;
      const read = [...whole, ...rest];
      const isFound = (line: number) =>
        read.some((entry) => 'damagedLine' in entry && entry.damagedLine === line);
      const lost = isCut ? [this.#at.lines + 1] : damaged.filter((line) => !isFound(line));
      read.push(...lost.map((damagedLine) => ({ damagedLine })));
      if (read.length > 0) this.#entries = [...this.#entries, ...read];
    } finally {
      await file.close();
    }
  }

  #startOver(identity: string | null): void {
    this.#at = { identity, size: 0, mtimeMs: 0, bytes: 0, lines: 0 };
    this.#entries = [];
    this.isUnfinished = false;
  }
}

/** The checksum of a record, behind its fields; records of older versions have none. */
const CHECKSUM = /,"crc32":(\d{1,10})\}\s*$/;

/** The record that a text is; undefined where it is none, or not as it was written. */
function recordIn<T>(text: string, schema: z.ZodType<T>): T | undefined {
  const sum = CHECKSUM.exec(text);
  const written = sum ? `${text.slice(0, sum.index)}}` : text;
  if (sum && crc32(written) !== Number(sum[1])) return undefined;
  return schema.safeParse(jsonIn(written)).data;
}

/**
 * What one line holds; takes time in proportion to its length. Of a damaged one all whole records are taken that stand at
 * its begin or behind zeros: what was flushed is not lost to what a power cut left behind it.
 */
function entriesIn<T>(text: string, damagedLine: number, schema: z.ZodType<T>): Array<LogEntry<T>> {
  if (text.trim() === '') return [];
  const all = recordIn(text, schema);
  if (all !== undefined) return [{ record: all }];
  const entries = text.split('\0').flatMap((piece) => {
    const record = recordIn(piece.slice(0, objectEnd(piece) ?? piece.length), schema);
    return record === undefined ? [] : [{ record }];
  });
  return [...entries, { damagedLine }];
}

/** Where the JSON object ends that a piece begins with; null where it does not end. */
function objectEnd(piece: string): number | null {
  let depth = 0;
  for (const { 0: token, index } of piece.matchAll(/"(?:[^"\\]|\\(?:.|$))*"?|[{}]/gs)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    if (token === '}' && depth === 0) return index + 1;
  }
  return null;
}
