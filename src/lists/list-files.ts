import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetFiles, replaceWhole, writeOnce } from '../disk/write-once.ts';
import type { Clock } from '../lib/clock.ts';
import { Patience, Stuck } from '../lib/patience.ts';

export interface ListFilesOptions {
  /** Folder of the collected lists; made with mode 0700 where it does not exist. */
  directory: string;
  clock: Clock;
  /** Told of each file that is set aside, with why. */
  onDamage: (jobId: string, why: string) => void;
}

/** A collected list's file. */
export type ListFile = NonNullable<Awaited<ReturnType<ListFiles['find']>>>;

/** A name of this kind is no device of Windows, whatever the id is. */
const NAME = /^job-([a-z0-9_-]{1,200})\.sqlite$/;
/** Longest time that a read or write waits for the folder. Milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * The files of collected lists: one SQLite file a job, written whole or not at all by any number of processes at once,
 * and never changed in place.
 */
export class ListFiles {
  readonly #options: ListFilesOptions;
  /** Where the folder has gone away, jobs are read from upstream, and not kept. */
  readonly #patience: Patience;

  constructor(options: ListFilesOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock, PATIENCE_MS);
  }

  /** All lists, the one written last first. Never rejects. */
  async all(): Promise<ListFile[]> {
    const names = await this.#patience.wait(() => readdir(this.#options.directory)).catch(() => []);
    const files: ListFile[] = [];
    for (const name of names) {
      const id = NAME.exec(name)?.[1];
      const file = id === undefined ? null : await this.find(id);
      if (file) files.push(file);
    }
    return files.sort((a, b) => b.changed - a.changed || (a.job_id < b.job_id ? -1 : 1));
  }

  /**
   * A job's list, or null where there is none: when it was changed (milliseconds since the epoch), and a version that
   * tells its file from any other that has stood or will stand under its name. Never rejects.
   */
  async find(jobId: string) {
    const path = this.#path(jobId);
    const found = await this.#patience.wait(() => lstat(path)).catch(() => null);
    if (!found?.isFile()) return null;
    const version = `${path}-${found.ino}-${found.size}-${found.mtimeMs}`;
    return { job_id: jobId.toLowerCase(), path, version, changed: found.mtimeMs };
  }

  /**
   * Puts a list in place, unless another server has done so meanwhile.
   *
   * @param replace Whether it takes the place of the one that is there, as a whole.
   * @returns Why it is not kept, in words, or null.
   */
  async put(jobId: string, image: Uint8Array, replace = false): Promise<string | null> {
    const { directory, clock } = this.#options;
    try {
      await this.#patience.wait(async () => {
        const stem = stemOf(jobId);
        const fileName = `${stem}.sqlite`;
        if (replace) await replaceWhole({ directory, clock, stem, fileName }, image);
        else await writeOnce({ directory, clock, stem, fileName: () => fileName }, (append) => append(image));
      });
      return null;
    } catch (error) {
      if (error instanceof Stuck) return 'the state folder does not answer';
      const code = (error as NodeJS.ErrnoException | null)?.code;
      if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
      return `the state folder can't be written (${code ?? 'unknown reason'})`;
    }
  }

  /** Takes a damaged or outdated list out of the way, so that its job is read anew. Never rejects. */
  async setAside(jobId: string, why: string): Promise<void> {
    const path = this.#path(jobId);
    await rename(path, `${path}.damaged-${this.#options.clock.now()}`).then(
      () => this.#options.onDamage(jobId, why),
      () => {},
    );
  }

  /**
   * Deletes all that there is of jobs: lists, copies that were set aside, temporary files of killed processes.
   *
   * @returns The jobs of which there was anything, and how many bytes that freed.
   */
  async forget(jobIds: readonly string[] | 'all'): Promise<{ forgotten: string[]; bytes: number }> {
    return forgetFiles(this.#options.directory, { start: 'job-', ending: /\.sqlite(?:\.|$)/ }, jobIds);
  }

  #path(jobId: string): string {
    return join(this.#options.directory, `${stemOf(jobId)}.sqlite`);
  }
}

/** Ids differ in more than case, and some file systems do not tell cases apart. */
function stemOf(jobId: string): string {
  return `job-${jobId.toLowerCase()}`;
}
