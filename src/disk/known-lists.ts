import { type FileHandle, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { openFile } from './open-file.ts';
import { writeOnce } from './write-once.ts';

/** One company of a list. */
export interface ListEntry {
  /** What it is told apart by; none where only its name is known. */
  keys: readonly string[];
  name: string | null;
}

/** What is known of a list without reading it. */
export interface KnownListFacts {
  list: string;
  entries: number;
  /** ISO 8601, UTC. */
  changed_at: string;
  /** Grows with each change. */
  generation: number;
}

export interface KnownListsOptions {
  /** Folder of the lists; made with mode 0700 where it does not exist. */
  directory: string;
  clock: Pick<Clock, 'now'>;
}

/** Another server changed the list meanwhile; to be done again on what it is now. */
export class ListChangedError extends Error {
  override readonly name = 'ListChangedError';
}

/** A list is there, and its file is not what was written. */
export class ListDamagedError extends Error {
  override readonly name = 'ListDamagedError';
  readonly list: string;
  readonly why: string;

  constructor(list: string, why: string) {
    super(`the list "${list}" is damaged (${why})`);
    this.list = list;
    this.why = why;
  }
}

/** A list whose file is not what was written: which companies it has is not known. */
export type DamagedList = Pick<ListDamagedError, 'list' | 'why'>;

const lastLine = z.object({
  list: z.string(),
  entries: z.number(),
  changed_at: z.string(),
  /** Of all lines before; lists of earlier versions have none. */
  crc32: z.number().optional(),
});

/** Folder of the lists in the state folder. */
export const KNOWN_FOLDER = 'known';
const FILE = /^list-([a-z0-9 _.-]{1,40})\.(\d{1,12})\.known$/;
/** The last line is no longer than this. Bytes. */
const MAX_LAST_LINE = 512;
/** Entries are written in portions of this many characters; larger ones keep the garbage collector busy. */
const PORTION = 256 * 1024;

/**
 * The lists of companies that the user has already. Each state of a list is a file of its own, a generation: JSON
 * lines, one for each company, and a last line with their number; written atomically and never changed. The
 * newest one that is whole counts. A change takes the next number, which only one of several servers can get; the
 * others do theirs again on top of it. A deleted list is a generation without entries. A list that
 * has files and none that is whole is damaged, which is told and never taken for an empty list.
 */
export class KnownLists {
  readonly #options: KnownListsOptions;

  constructor(options: KnownListsOptions) {
    this.#options = options;
  }

  /** Lists with entries, by name. Never rejects. */
  async all(): Promise<KnownListFacts[]> {
    return (await this.#states()).flatMap(({ facts }) => (facts && facts.entries > 0 ? [facts] : []));
  }

  /** Lists that exist and can't be read, by name. Never rejects. */
  async damaged(): Promise<DamagedList[]> {
    return (await this.#states()).flatMap(({ list, why }) => (why === null ? [] : [{ list, why }]));
  }

  /** All lists by name, and those of them that are not as they were written, found by reading each. */
  async checked(): Promise<{ names: string[]; damaged: DamagedList[] }> {
    const lists = await this.all();
    const damaged = await this.damaged();
    for (const facts of lists) {
      try {
        await this.read(facts);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        const why = error instanceof ListDamagedError ? error.why : "its file can't be read";
        damaged.push({ list: facts.list, why });
      }
    }
    return { names: [...lists, ...damaged].map(({ list }) => list), damaged };
  }

  /** Differs when any list does. Never rejects. */
  async version(): Promise<string> {
    const all = await this.#generations();
    return [...all]
      .map(([list, generations]) => `${list}:${Math.max(...generations)}`)
      .sort()
      .join('|');
  }

  /**
   * A list's facts, or null where there never was one; a deleted one has no entries.
   *
   * @throws {ListDamagedError} where it is there and can't be known.
   */
  async find(list: string): Promise<KnownListFacts | null> {
    const { facts, why } = await this.#look(list, (await this.#generations()).get(list) ?? []);
    if (why !== null) throw new ListDamagedError(list, why);
    return facts;
  }

  /**
   * The entries of a list, in the order in which they came.
   *
   * @throws {ListDamagedError} where the file is not what was written; and what the system throws.
   */
  async read({
    list,
    generation,
  }: Pick<KnownListFacts, 'list' | 'generation'>): Promise<Array<ListEntry & { keys: string[] }>> {
    const file = await openFile(this.#path(list, generation), 'r');
    const text = await file.readFile('utf8').finally(() => file.close());
    const end = text.lastIndexOf('\n') + 1;
    const damage = (why: string) => new ListDamagedError(list, why);
    const last = lastLine.safeParse(jsonIn(text.slice(end)));
    if (!last.success) throw damage('its end is missing');
    const { entries: count, crc32: checksum } = last.data;
    if (checksum !== undefined && crc32(text.slice(0, end)) !== checksum)
      throw damage('it was changed after it was written');
    const entries: Array<ListEntry & { keys: string[] }> = [];
    for (let at = 0; at < end; ) {
      const next = text.indexOf('\n', at);
      const entry = entryIn(jsonIn(text.slice(at, next)));
      if (entry === null) throw damage(`line ${entries.length + 1} can't be read`);
      entries.push(entry);
      at = next + 1;
    }
    if (entries.length !== count) throw damage(`it has ${entries.length} of ${count} companies`);
    return entries;
  }

  /**
   * Replaces a list's entries atomically.
   *
   * @param base Generation that the change was made on; null where there was none.
   * @returns The new list's facts.
   * @throws {ListChangedError} where the list is not at that generation any more.
   */
  async write(list: string, base: number | null, entries: Iterable<ListEntry>): Promise<KnownListFacts> {
    const { directory, clock } = this.#options;
    const changed_at = new Date(clock.now()).toISOString();
    let [count, checksum, generation] = [0, 0, 0];
    let taken: readonly number[] = [];
    const fileName = async () => {
      taken = (await this.#generations()).get(list) ?? [];
      const { facts } = await this.#look(list, taken);
      if ((facts?.generation ?? null) !== base) throw new ListChangedError();
      // A number above `base` that is not whole was left by a crash, or is being written just now.
      generation = Math.max(0, ...taken) + 1;
      return this.#name(list, generation);
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
    if (!placed) throw new ListChangedError();
    const above = (await this.#generations()).get(list) ?? [];
    // Where names are only reserved, another one may have gone past this one before it was whole.
    if (above.some((other) => other > generation)) throw new ListChangedError();
    for (const old of taken) {
      if (base !== null && old <= base) await rm(this.#path(list, old), { force: true }).catch(() => {});
    }
    return { list, entries: count, changed_at, generation };
  }

  /** The numbers of each list's files. */
  async #generations(): Promise<Map<string, number[]>> {
    const lists = new Map<string, number[]>();
    for (const name of await readdir(this.#options.directory).catch(() => [])) {
      const [, list, generation] = FILE.exec(name) ?? [];
      if (list === undefined) continue;
      const known = lists.get(list);
      if (known) known.push(Number(generation));
      else lists.set(list, [Number(generation)]);
    }
    return lists;
  }

  async #states() {
    const lists = [...(await this.#generations())].sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.all(
      lists.map(async ([list, generations]) => ({ list, ...(await this.#look(list, generations)) })),
    );
  }

  /** The newest state that is whole by its end; where there is none, what is wrong with the newest that holds anything. */
  async #look(
    list: string,
    generations: readonly number[],
  ): Promise<{ facts: KnownListFacts | null; why: string | null }> {
    let why: string | null = null;
    for (const generation of [...generations].sort((a, b) => b - a)) {
      const file = await openFile(this.#path(list, generation), 'r').catch(
        (error: NodeJS.ErrnoException) => error,
      );
      if (file instanceof Error) {
        if (file.code !== 'ENOENT') why ??= `its file can't be read: ${file.code ?? file.message}`;
        continue;
      }
      try {
        const { size } = await file.stat();
        // A name that was only reserved, or a crash before anything was written.
        if (size === 0) continue;
        const { success, data } = lastLine.safeParse(jsonIn(await lastLineOf(file, size)));
        if (success && data.list === list) {
          const { entries, changed_at } = data;
          return { facts: { list, entries, changed_at, generation }, why: null };
        }
        why ??= 'its end is missing';
      } catch (error) {
        why ??= `its file can't be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`;
      } finally {
        await file.close();
      }
    }
    return { facts: null, why };
  }

  #path(list: string, generation: number): string {
    return join(this.#options.directory, this.#name(list, generation));
  }

  #name(list: string, generation: number): string {
    return `list-${list}.${generation}.known`;
  }
}

async function lastLineOf(file: FileHandle, size: number): Promise<string> {
  const bytes = Buffer.alloc(Math.min(size, MAX_LAST_LINE));
  await file.read(bytes, 0, bytes.length, size - bytes.length);
  const text = bytes.toString('utf8');
  return text.slice(text.lastIndexOf('\n') + 1);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands in JSON as it is: all but control characters, quotes, backslashes and surrogates. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** An entry as a line of JSON, as `JSON.stringify` writes it. */
function lineOf({ keys, name }: ListEntry): string {
  const key = keys[0] ?? '';
  return keys.length === 1 && PLAIN.test(key) && (name === null || PLAIN.test(name))
    ? `[["${key}"],${name === null ? 'null' : `"${name}"`}]\n`
    : `${JSON.stringify([keys, name])}\n`;
}

/** An entry as a line has it: its keys and its name, or, of earlier versions, domain, LinkedIn slug and name. */
function entryIn(line: unknown): (ListEntry & { keys: string[] }) | null {
  if (!Array.isArray(line)) return null;
  const texts: unknown[] = line.length === 3 ? line.slice(0, 2).filter((each) => each !== null) : line[0];
  const name: unknown = line.at(-1);
  if (!Array.isArray(texts) || (name !== null && typeof name !== 'string') || line.length < 2) return null;
  const keys = texts.filter((each) => typeof each === 'string');
  if (keys.length !== texts.length || line.length > 3) return null;
  if (line.length === 3 && typeof line[1] === 'string') keys[keys.length - 1] = `linkedin:${line[1]}`;
  return { keys, name };
}
