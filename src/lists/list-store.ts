import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetFiles, writeOnce } from '../disk/write-once.ts';
import type { Clock } from '../lib/clock.ts';
import { patience, whyUnusable } from '../lib/patience.ts';
import type { ListAtHand } from '../sql/messages.ts';

export interface ListStoreOptions {
  /** Folder of the collected lists; made with mode 0700 where it does not exist. */
  directory: string;
  /** Whether lists are kept there; else they are in memory alone. */
  keep: boolean;
  clock: Clock;
  /** Told of each file that is set aside, with why. */
  onDamage: (jobId: string, why: string) => void;
}

/** A name of this kind is no device of Windows, whatever the id is. */
const NAME = /^job-([a-z0-9_-]{1,200})\.sqlite$/;
/** What the files of a job, and what was set aside of them, end with. */
const ENDING = /\.sqlite(?:\.|$)/;
/** What the name of a copy that was set aside goes on with. */
const ASIDE = '.damaged-';
/** Lists that are held in memory alone. Bytes. */
const HELD_BYTES = 128 * 1024 * 1024;
/** Longest time that a read or write waits for the folder. Milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Keeps the images of collected lists: one SQLite file a job, written whole or not at all by any number of processes at
 * once, and never changed in place. What can't be written, or is not to be, is in memory.
 */
export class ListStore {
  readonly #options: ListStoreOptions;
  /** Images that are in memory alone, the one used last behind all others. */
  readonly #memory = new Map<string, MemoryImage>();
  /** Where the folder has gone away, jobs are read from upstream, and not kept. */
  readonly #inTime: ReturnType<typeof patience>;

  constructor(options: ListStoreOptions) {
    this.#options = options;
    this.#inTime = patience(options.clock, PATIENCE_MS);
  }

  /** The jobs of all lists, the one written last first. Never rejects. */
  async all(): Promise<string[]> {
    const { directory, keep } = this.#options;
    const names = keep ? await this.#inTime(() => readdir(directory)).catch(() => []) : [];
    const files: Array<{ id: string; changed: number }> = [];
    for (const name of names) {
      const id = NAME.exec(name)?.[1];
      const found = id === undefined ? null : await this.#stat(id);
      if (id !== undefined && found) files.push({ id, changed: found.mtimeMs });
    }
    files.sort((a, b) => b.changed - a.changed || (a.id < b.id ? -1 : 1));
    return [...new Set([...files.map(({ id }) => id), ...this.#memory.keys()])];
  }

  /**
   * Where a job's list is, or null where there is none; its version tells the image from any other that has stood or
   * will stand in its place. Never rejects.
   */
  async find(jobId: string): Promise<ListAtHand | null> {
    const job_id = jobId.toLowerCase();
    const held = this.#memory.get(job_id);
    if (held) {
      this.#memory.delete(job_id);
      this.#memory.set(job_id, held);
      return held;
    }
    const found = this.#options.keep ? await this.#stat(jobId) : null;
    if (!found) return null;
    const path = this.#path(jobId);
    return { job_id, version: `${path}-${found.ino}-${found.size}-${found.mtimeMs}`, source: { path } };
  }

  /**
   * Keeps a list, unless another server has done so meanwhile.
   * @param replace Whether it takes the place of the one that is there, as a whole.
   * @returns Where it is from now on, and why that is no file, in words.
   */
  async put(
    jobId: string,
    image: Uint8Array,
    replace = false,
  ): Promise<{ at: ListAtHand; failure: string | null }> {
    const { directory, clock, keep } = this.#options;
    const stem = stemOf(jobId);
    const place = { directory, clock, stem, fileName: () => `${stem}.sqlite`, replace };
    const write = () => writeOnce(place, (append) => append(image)).then(() => null);
    const failure = keep
      ? await this.#inTime(write).catch((error: unknown) => whyUnusable('the state folder', error))
      : null;
    const file = keep && failure === null ? await this.find(jobId) : null;
    if (file) return { at: file, failure };
    const held = inMemory(jobId, image);
    this.#memory.set(jobId.toLowerCase(), held);
    let bytes = 0;
    for (const [id, { source }] of [...this.#memory].reverse()) {
      bytes += source.bytes.length;
      if (bytes > HELD_BYTES && source !== held.source) this.#memory.delete(id);
    }
    return { at: held, failure };
  }

  /** Takes a damaged or outdated list out of the way, so that its job is read anew. Never rejects. */
  async setAside(jobId: string, why: string): Promise<void> {
    this.#memory.delete(jobId.toLowerCase());
    const path = this.#path(jobId);
    await rename(path, `${path}${ASIDE}${this.#options.clock.now()}`).then(
      () => this.#options.onDamage(jobId, why),
      () => {},
    );
  }

  /** A copy of a job's list that was set aside, or null. Never rejects. */
  async asideOf(jobId: string): Promise<string | null> {
    const { directory } = this.#options;
    const names = await this.#inTime(() => readdir(directory)).catch(() => []);
    const name = names.find((each) => each.startsWith(`${stemOf(jobId)}.sqlite${ASIDE}`));
    return name === undefined ? null : join(directory, name);
  }

  /**
   * Deletes all that there is of jobs: lists, copies that were set aside, temporary files of killed processes.
   * @returns The jobs of which there was anything, and how many bytes that freed.
   */
  async forget(jobIds: readonly string[] | 'all'): Promise<{ forgotten: string[]; bytes: number }> {
    const { directory } = this.#options;
    const { forgotten, bytes } = await forgetFiles(directory, { start: 'job-', ending: ENDING }, jobIds);
    const wanted = jobIds === 'all' ? [...this.#memory.keys()] : jobIds.map((id) => id.toLowerCase());
    const held = wanted.filter((id) => this.#memory.delete(id));
    return { forgotten: [...new Set([...forgotten, ...held])], bytes };
  }

  async #stat(jobId: string) {
    const found = await this.#inTime(() => lstat(this.#path(jobId))).catch(() => null);
    return found?.isFile() ? found : null;
  }

  #path(jobId: string): string {
    return join(this.#options.directory, `${stemOf(jobId)}.sqlite`);
  }
}

/** Ids differ in more than case, and some file systems do not tell cases apart. */
function stemOf(jobId: string): string {
  return `job-${jobId.toLowerCase()}`;
}

type MemoryImage = ListAtHand & { source: { bytes: Uint8Array } };

/** An image in memory that threads can share. */
export function inMemory(jobId: string, image: Uint8Array): MemoryImage {
  const bytes = new Uint8Array(new SharedArrayBuffer(image.length));
  bytes.set(image);
  return { job_id: jobId, version: crypto.randomUUID(), source: { bytes } };
}
