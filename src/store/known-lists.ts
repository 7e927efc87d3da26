import { type FileHandle, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { openFile } from './open-file.ts';

/** One company of a list: what of it is known, in normal form. */
export type KnownEntry = readonly [domain: string | null, slug: string | null, name: string | null];

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
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Another server changed the list meanwhile; to be done again on what it is now. */
export class ListChangedError extends Error {
  override readonly name = 'ListChangedError';
}

const lastLine = z.object({ list: z.string(), entries: z.number(), changed_at: z.string() });
const entry = z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable()]);

/** Folder of the lists in the state folder. */
export const KNOWN_FOLDER = 'known';
const FILE = /^list-([a-z0-9 _.-]{1,40})\.(\d{1,12})\.known$/;
const TEMPORARY = /^\.list-\d+-[0-9a-f-]{36}\.tmp$/;
/** The last line is no longer than this. Bytes. */
const MAX_LAST_LINE = 512;
/** Entries are written in portions of this many characters. */
const PORTION = 256 * 1024;
/** What processes that died left behind is removed after this time. Milliseconds. */
const STALE_MS = 60 * 60 * 1000;

/**
 * The lists of companies that the user has already. Each state of a list is a file of its own, a generation: JSON
 * lines, one a company, and a last line that says how many; written whole or not at all and never changed. The
 * newest one that is whole counts. A change takes the next number, which only one of several servers can get; the
 * others do theirs again on top of it. A deleted list is a generation without entries.
 */
export class KnownLists {
  readonly #options: KnownListsOptions;

  constructor(options: KnownListsOptions) {
    this.#options = options;
  }

  /** Lists with entries, by name. Never rejects. */
  async all(): Promise<KnownListFacts[]> {
    const lists: KnownListFacts[] = [];
    for (const [list, generations] of await this.#generations()) {
      const facts = await this.#newest(list, generations);
      if (facts && facts.entries > 0) lists.push(facts);
    }
    return lists.sort((a, b) => (a.list < b.list ? -1 : 1));
  }

  /** Differs when any list does. Never rejects. */
  async version(): Promise<string> {
    const all = await this.#generations();
    return [...all]
      .map(([list, generations]) => `${list}:${Math.max(...generations)}`)
      .sort()
      .join('|');
  }

  /** A list's facts, or null where there never was one; a deleted one has no entries. Never rejects. */
  async find(list: string): Promise<KnownListFacts | null> {
    return this.#newest(list, (await this.#generations()).get(list) ?? []);
  }

  /** The entries of a list, in the order in which they came. Rejects where they can't be read. */
  async *read(facts: Pick<KnownListFacts, 'list' | 'generation'>): AsyncGenerator<KnownEntry> {
    const { createInterface } = await import('node:readline');
    const file = await openFile(this.#path(facts.list, facts.generation), 'r');
    try {
      const lines = createInterface({ input: file.createReadStream({ autoClose: false }) });
      for await (const line of lines) {
        // The last line is an object.
        if (!line.startsWith('[')) continue;
        const { success, data } = entry.safeParse(JSON.parse(line));
        if (success) yield data;
      }
    } finally {
      await file.close();
    }
  }

  /**
   * Replaces a list's entries, whole or not at all.
   *
   * @param base Generation that the change was made on; null where there was none.
   * @param write Hands over the entries. What it throws is thrown, and nothing is changed then.
   * @returns The new list's facts.
   * @throws {ListChangedError} where the list is not at that generation any more.
   */
  async write(
    list: string,
    base: number | null,
    write: (add: (entry: KnownEntry) => Promise<void> | undefined) => Promise<void>,
  ): Promise<KnownListFacts> {
    const { directory, now } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await this.#removeStale();
    const temporary = join(directory, `.list-${process.pid}-${crypto.randomUUID()}.tmp`);
    const file = await openFile(temporary, 'wx');
    try {
      let entries = 0;
      let portion = '';
      const flush = () => {
        const text = portion;
        portion = '';
        return file.appendFile(text);
      };
      await write((added) => {
        entries += 1;
        portion += `${JSON.stringify(added)}\n`;
        return portion.length >= PORTION ? flush() : undefined;
      });
      const changed_at = new Date(now()).toISOString();
      portion += JSON.stringify({ list, entries, changed_at });
      await flush();
      await file.sync();
      const generation = await this.#putInPlace(list, base, temporary);
      return { list, entries, changed_at, generation };
    } finally {
      await file.close();
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  async #putInPlace(list: string, base: number | null, temporary: string): Promise<number> {
    const taken = (await this.#generations()).get(list) ?? [];
    const whole = await this.#newest(list, taken);
    if ((whole?.generation ?? null) !== base) throw new ListChangedError();
    // A number above `base` that is not whole was left by a crash, or is being written just now.
    const generation = Math.max(0, ...taken) + 1;
    const path = this.#path(list, generation);
    try {
      await link(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new ListChangedError();
      // Without hard links the name is reserved first; after a crash it is an empty file, which counts for nothing.
      const reserved = await openFile(path, 'wx').catch((failed: NodeJS.ErrnoException) => {
        throw failed.code === 'EEXIST' ? new ListChangedError() : failed;
      });
      await reserved.close();
      await rename(temporary, path);
    }
    const above = (await this.#generations()).get(list) ?? [];
    // Where names are only reserved, another one may have gone past this one before it was whole.
    if (above.some((other) => other > generation)) throw new ListChangedError();
    for (const old of taken) {
      if (base !== null && old <= base) await rm(this.#path(list, old), { force: true }).catch(() => {});
    }
    return generation;
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

  /** The newest state that is whole. */
  async #newest(list: string, generations: readonly number[]): Promise<KnownListFacts | null> {
    for (const generation of [...generations].sort((a, b) => b - a)) {
      const file = await openFile(this.#path(list, generation), 'r').catch(() => null);
      if (!file) continue;
      try {
        const { success, data } = lastLine.safeParse(await lastLineOf(file));
        if (success && data.list === list) return { ...data, generation };
      } catch {
        // Not readable, so it counts for nothing.
      } finally {
        await file.close();
      }
    }
    return null;
  }

  async #removeStale(): Promise<void> {
    const { directory, now } = this.#options;
    for (const name of await readdir(directory)) {
      if (!TEMPORARY.test(name)) continue;
      const path = join(directory, name);
      const found = await stat(path).catch(() => null);
      if (found && now() - found.mtimeMs > STALE_MS) await rm(path, { force: true }).catch(() => {});
    }
  }

  #path(list: string, generation: number): string {
    return join(this.#options.directory, `list-${list}.${generation}.known`);
  }
}

async function lastLineOf(file: FileHandle): Promise<unknown> {
  const { size } = await file.stat();
  const bytes = Buffer.alloc(Math.min(size, MAX_LAST_LINE));
  await file.read(bytes, 0, bytes.length, size - bytes.length);
  const text = bytes.toString('utf8');
  return JSON.parse(text.slice(text.lastIndexOf('\n') + 1));
}
