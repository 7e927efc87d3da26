import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { jsonIn } from '../lib/json.ts';
import { errnoOf } from '../lib/patience.ts';
import { readBytes } from './open-file.ts';
import { writeOnce } from './write-once.ts';

export interface ListEntry {
  /** What it is told apart by; none where only its name is known. */
  keys: string[];
  name: string | null;
}

/** Another server changed the list meanwhile; to be done again on what it is now. */
export class ListChangedError extends Error {
  override readonly name = 'ListChangedError';
}

/** A list is there, and its file is not what was written: which companies it has is not known. */
export class ListDamagedError extends Error {
  override readonly name = 'ListDamagedError';
  readonly why: string;

  constructor(list: string, why: string) {
    super(`the list "${list}" is damaged (${why})`);
    this.why = why;
  }
}

/** Beside the number of entries, and when they were written. `crc32`: of all lines before. */
const lastLine = z.object({ list: z.string(), crc32: z.number() });

export const KNOWN_FOLDER = 'known';
const FILE = /^list-([a-z0-9 _.-]{1,40})\.(\d{1,12})\.known$/;
/** Entries are written in portions of this many characters; larger ones keep the garbage collector busy. */
const PORTION = 256 * 1024;

/**
 * The lists of companies that the user has already. Each state of a list is a file of its own, a generation: JSON
 * lines, one a company, and a last line with their number; written atomically and never changed. The newest one that is
 * whole counts. A change takes the next number, which only one of several servers can get; the others do theirs again
 * on top of it. A deleted list is a generation without entries; one that has files and none that is whole is damaged,
 * and never taken for empty.
 */
export class KnownLists {
  readonly #options: { directory: string; clock: Pick<Clock, 'now'> };

  constructor(options: { directory: string; clock: Pick<Clock, 'now'> }) {
    this.#options = options;
  }

  /**
   * Reads all lists, tells `take` of each, and gives the names of those that have companies or can't be known, and the
   * damaged.
   */
  async checked(
    take?: (list: string, entries: ListEntry[]) => void,
  ): Promise<{ names: string[]; damaged: Array<{ list: string; why: string }> }> {
    const names: string[] = [];
    const damaged: Array<{ list: string; why: string }> = [];
    for (const [list, generations] of await this.#generations()) {
      try {
        const { entries = [] } = (await this.#state(list, generations)) ?? {};
        if (entries.length === 0) continue;
        take?.(list, entries);
      } catch (error) {
        if (error instanceof ListDamagedError) damaged.push({ list, why: error.why });
        else if (!(error instanceof ListChangedError)) throw error;
      }
      names.push(list);
    }
    return { names, damaged };
  }

  /** Differs when any list does, or its file. Never rejects. */
  async version(): Promise<string> {
    const lists = [...(await this.#generations())].map(async ([list, [newest = 0]]) => {
      const file = await lstat(this.#path(list, newest)).catch(() => null);
      return `${list}:${newest}:${file?.size}:${file?.mtimeMs}`;
    });
    return (await Promise.all(lists)).join('|');
  }

  /**
   * A list as it is: its entries in the order in which they came, and its generation, which grows with each change. Null
   * where there never was one; a deleted one has no entries.
   * @throws {ListDamagedError} where it is there and can't be known. @throws {ListChangedError}
   */
  async find(list: string): Promise<{ entries: ListEntry[]; generation: number } | null> {
    return this.#state(list, (await this.#generations()).get(list) ?? []);
  }

  /**
   * Replaces a list's entries atomically. @param base Generation that the change was made on; null where there was
   * none.
   * @throws {ListChangedError} where the list is not at that generation any more.
   */
  async write(list: string, base: number | null, entries: Iterable<ListEntry>) {
    const { directory, clock } = this.#options;
    const changed_at = new Date(clock.now()).toISOString();
    let [count, checksum, generation] = [0, 0, 0];
    let taken: readonly number[] = [];
    const fileName = async () => {
      taken = (await this.#generations()).get(list) ?? [];
      // A list whose newest file is the one that the change was made on is as it was: it need not be read again.
      if ((taken[0] ?? null) !== base) {
        const newest = await this.#newest(list, taken).catch(() => null);
        if ((newest?.generation ?? null) !== base) throw new ListChangedError();
      }
      // A number above `base` that is not whole was left by a crash, or is being written just now.
      generation = (taken[0] ?? 0) + 1;
      return nameOf(list, generation);
    };
    const placed = await writeOnce({ directory, stem: `list-${list}`, fileName, clock }, async (append) => {
      let portion = '';
      const flush = () => {
        const bytes = Buffer.from(portion);
        portion = '';
        checksum = crc32(bytes, checksum);
        return append(bytes);
      };
      for (const entry of entries) {
        count += 1;
        portion += lineOf(entry);
        if (portion.length >= PORTION) await flush();
      }
      await flush();
      await append(JSON.stringify({ list, entries: count, changed_at, crc32: checksum }));
    });
    // Where names are only reserved, another one may have gone past this one before it was whole.
    const [newest = 0] = (await this.#generations()).get(list) ?? [];
    if (!placed || newest > generation) throw new ListChangedError();
    for (const old of taken) await rm(this.#path(list, old), { force: true }).catch(() => {});
    return { entries: count, generation };
  }

  /** The numbers of each list's files, the newest first, by name. */
  async #generations(): Promise<Map<string, number[]>> {
    const lists = new Map<string, number[]>();
    for (const name of (await readdir(this.#options.directory).catch(() => [])).sort()) {
      const [, list, generation] = FILE.exec(name) ?? [];
      if (list !== undefined) lists.set(list, [...(lists.get(list) ?? []), Number(generation)]);
    }
    for (const each of lists.values()) each.sort((a, b) => b - a);
    return lists;
  }

  async #state(list: string, generations: readonly number[]) {
    const newest = await this.#newest(list, generations);
    if (newest === null) return null;
    const lines = jsonIn(`[${newest.lines.slice(0, -1).replaceAll('\n', ',')}]`);
    if (!Array.isArray(lines) || !lines.every(isLine))
      throw new ListDamagedError(list, "an entry can't be read");
    return { generation: newest.generation, entries: lines.map(([keys, name]) => ({ keys, name })) };
  }

  /** The newest state that has its end. @throws {ListDamagedError} where none has, or its lines are not what was written. */
  async #newest(list: string, generations: readonly number[]) {
    let why: string | null = null;
    for (const generation of generations) {
      const text = await readBytes(this.#path(list, generation)).then(String, (error: unknown) => {
        // A change has just taken its place.
        if (errnoOf(error) === 'ENOENT') throw new ListChangedError();
        why ??= `its file can't be read: ${errnoOf(error)}`;
        return '';
      });
      const end = text.lastIndexOf('\n') + 1;
      const { data } = lastLine.safeParse(jsonIn(text.slice(end)));
      const lines = text.slice(0, end);
      if (data?.list !== list) why ??= 'its end is missing';
      else if (crc32(lines) === data.crc32) return { generation, lines };
      else throw new ListDamagedError(list, 'it was changed after it was written');
    }
    if (why !== null) throw new ListDamagedError(list, why);
    return null;
  }

  #path(list: string, generation: number): string {
    return join(this.#options.directory, nameOf(list, generation));
  }
}

function nameOf(list: string, generation: number): string {
  return `list-${list}.${generation}.known`;
}

/** What stands in JSON as it is: all but control characters, quotes, backslashes and surrogates. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** An entry as a line of JSON, as `JSON.stringify` writes it, in a third of the time. */
function lineOf({ keys, name }: ListEntry): string {
  const key = keys[0] ?? '';
  return keys.length === 1 && PLAIN.test(key) && (name === null || PLAIN.test(name))
    ? `[["${key}"],${name === null ? 'null' : `"${name}"`}]\n`
    : `${JSON.stringify([keys, name])}\n`;
}

function isLine(line: unknown): line is [keys: string[], name: string | null] {
  if (!Array.isArray(line) || line.length !== 2) return false;
  const [keys, name]: unknown[] = line;
  const isNamed = name === null || typeof name === 'string';
  return isNamed && Array.isArray(keys) && keys.every((each) => typeof each === 'string');
}
