import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { Patience, Stuck } from '../lib/patience.ts';
import { cleanRecord } from '../lib/text.ts';
import type { JobPage, Row } from '../openfunnel/wire.ts';
import {
  checkBlocks,
  DamagedFileError,
  joinRow,
  KeptEncoder,
  type KeptHeader,
  type KeptIndex,
  type ReadBytes,
  readFar,
  readKeptFacts,
  readNear,
} from './kept-format.ts';
import { openFile } from './open-file.ts';

/** What is known of a kept job without reading its rows. */
export interface KeptJobFacts extends KeptHeader {
  path: string;
  /** Tells this file from any other that has stood or will stand under its name. */
  version: string;
  /** Companies, and the size of the file in bytes. */
  companies: number;
  bytes: number;
}

/** What the user asked for, kept beside the rows so that the file says by itself what it is. */
export interface KeptOrigin {
  /** ISO 8601, UTC. */
  submitted_at: string | null;
  label: string | null;
  request: Readonly<Record<string, unknown>> | null;
}

export interface KeptJobsOptions {
  /** Folder of the kept rows; made with mode 0700 where it does not exist. */
  directory: string;
  clock: Pick<Clock, 'now' | 'sleep'>;
  /** Told of each damaged file once, when it is set aside. */
  onDamage: (jobId: string, why: string) => void;
}

/** A name of this kind is no device of Windows, whatever the id is. */
const START = 'job-';
const ENDING = '.rows';
/** What is kept of one text. As long as a cell of an export. Characters. */
export const MAX_KEPT_TEXT = 32_000;
/** Temporary files of processes that died are removed after this time. Milliseconds. */
const STALE_MS = 60 * 60 * 1000;
/** Longest time that a read or write waits for the folder. Milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * The rows of jobs that were read whole, kept in the state folder: one file a job, which is written whole or not
 * at all, by any number of processes at once, and never changed in place.
 */
export class KeptJobs {
  readonly #options: KeptJobsOptions;
  /** Facts by file name, as long as the file is the same. */
  readonly #known = new Map<string, KeptJobFacts>();
  /** Versions of files whose every byte was seen to be as it was written. */
  readonly #sound = new Set<string>();
  /** Jobs whose files were set aside and that nobody has asked for since. */
  readonly #aside = new Set<string>();

  /** Where the folder has gone away, jobs are read from upstream, and not kept. */
  readonly #patience: Patience;

  constructor(options: KeptJobsOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock, PATIENCE_MS);
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** All kept jobs, the one kept last first. Damaged files are set aside. Never rejects. */
  async list(): Promise<KeptJobFacts[]> {
    const names = await this.#patience.wait(() => readdir(this.directory)).catch(() => []);
    const jobs: KeptJobFacts[] = [];
    for (const name of names) {
      if (!name.startsWith(START) || !name.endsWith(ENDING)) continue;
      const facts = await this.find(name.slice(START.length, -ENDING.length));
      if (facts) jobs.push(facts);
    }
    return jobs.sort((a, b) => Number(a.kept_at < b.kept_at) - Number(a.kept_at > b.kept_at));
  }

  /** A kept job's facts, or null where it is not kept. A damaged file is set aside. Never rejects. */
  async find(jobId: string): Promise<KeptJobFacts | null> {
    return this.#patience.wait(() => this.#facts(jobId.toLowerCase())).catch(() => null);
  }

  /** A kept job to read from, or null where it is not kept. Close it. Never rejects. */
  async open(jobId: string): Promise<KeptJob | null> {
    const facts = await this.find(jobId);
    if (!facts) return null;
    return this.#patience.wait(() => this.#open(jobId, facts)).catch(() => null);
  }

  async #open(jobId: string, facts: KeptJobFacts): Promise<KeptJob | null> {
    const file = await openFile(facts.path, 'r').catch(() => null);
    if (!file) return null;
    try {
      const read = readFrom(file, this.#patience);
      const { index } = await readKeptFacts(read, (await file.stat()).size);
      const close = () => this.#patience.wait(() => file.close()).catch(() => {});
      return new KeptJob(facts, index, read, close);
    } catch (error) {
      await file.close();
      if (error instanceof DamagedFileError) await this.setAside(jobId, error.message);
      return null;
    }
  }

  /**
   * Whether a kept job is as it was written, to the last byte; looked at once for as long as it is the same file.
   * One that is not is set aside. Never rejects.
   */
  async isSound(facts: KeptJobFacts): Promise<boolean> {
    if (this.#sound.has(facts.version)) return true;
    const job = await this.open(facts.job_id);
    if (!job) return false;
    try {
      await job.check();
      this.#sound.add(facts.version);
      return true;
    } catch (error) {
      if (error instanceof DamagedFileError) await this.setAside(facts.job_id, error.message);
      return false;
    } finally {
      await job.close();
    }
  }

  /** Begins to keep a final job's rows: give it each page in order, then `finish` or `abandon`. */
  writer(jobId: string, final: JobPage, origin: KeptOrigin): KeptWriter {
    const header = keptHeader(jobId, final, origin, this.#options.clock.now());
    return new KeptWriter(this.directory, this.#path(jobId.toLowerCase()), header, this.#patience);
  }

  /**
   * Deletes kept jobs from this machine.
   *
   * @returns The jobs that were there and are not any more, and how many bytes that freed.
   */
  async forget(jobIds: readonly string[]): Promise<{ forgotten: string[]; bytes: number }> {
    const forgotten: string[] = [];
    let bytes = 0;
    for (const jobId of new Set(jobIds.map((id) => id.toLowerCase()))) {
      const path = this.#path(jobId);
      for (const name of await this.#asideOf(jobId)) {
        const found = await stat(join(this.directory, name)).catch(() => null);
        await rm(join(this.directory, name), { force: true }).catch(() => {});
        bytes += found?.size ?? 0;
      }
      const found = await stat(path).catch(() => null);
      if (!found) continue;
      await rm(path, { force: true });
      this.#known.delete(jobId);
      forgotten.push(jobId);
      bytes += found.size;
    }
    return { forgotten, bytes };
  }

  /** Takes a damaged file out of the way, so that the job is read anew. Never rejects. */
  async setAside(jobId: string, why: string): Promise<void> {
    const name = jobId.toLowerCase();
    this.#known.delete(name);
    const moved = await rename(
      this.#path(name),
      `${this.#path(name)}.damaged-${this.#options.clock.now()}`,
    ).then(
      () => true,
      () => false,
    );
    if (!moved) return;
    this.#aside.add(jobId);
    this.#options.onDamage(jobId, why);
  }

  /** Jobs whose files were set aside since this was last asked: to be read anew. */
  takeSetAside(): string[] {
    const jobIds = [...this.#aside];
    this.#aside.clear();
    return jobIds;
  }

  async #asideOf(jobId: string): Promise<string[]> {
    const start = `${START}${jobId}${ENDING}.damaged-`;
    return (await readdir(this.directory).catch(() => [])).filter((name) => name.startsWith(start));
  }

  /** A file's facts, read once for as long as it is the same file. */
  async #facts(jobId: string): Promise<KeptJobFacts | null> {
    const path = this.#path(jobId);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) {
      this.#known.delete(jobId);
      return null;
    }
    const version = `${found.ino}-${found.size}-${found.mtimeMs}`;
    const known = this.#known.get(jobId);
    if (known?.version === version) return known;
    const file = await openFile(path, 'r').catch(() => null);
    if (!file) return null;
    try {
      const { header, index } = await readKeptFacts(readFrom(file, this.#patience), found.size);
      if (header.job_id.toLowerCase() !== jobId) throw new DamagedFileError('it is the file of another job');
      const facts = { ...header, path, version, companies: index.rows, bytes: found.size };
      this.#known.set(jobId, facts);
      return facts;
    } catch (error) {
      if (!(error instanceof DamagedFileError)) return null;
      await this.setAside(jobId, error.message);
      return null;
    } finally {
      await file.close();
    }
  }

  /** Upstream's ids differ in more than case, and some file systems do not tell cases apart. */
  #path(jobId: string): string {
    return join(this.directory, `${START}${jobId}${ENDING}`);
  }
}

/** What a kept file says of its job. @param now Milliseconds since the epoch. */
export function keptHeader(jobId: string, final: JobPage, origin: KeptOrigin, now: number): KeptHeader {
  const { status, manifest, error_message, processed, progress_message } = final;
  return {
    kept_rows: 1,
    job_id: jobId,
    kept_at: new Date(now).toISOString(),
    status,
    manifest: manifest === null ? null : cleanRecord(manifest, MAX_KEPT_TEXT),
    error_message,
    processed,
    progress_message,
    ...origin,
    request: origin.request === null ? null : cleanRecord(origin.request, MAX_KEPT_TEXT),
  };
}

/** A kept job, read as its pages were read from upstream. */
export class KeptJob {
  readonly facts: KeptJobFacts;
  readonly #index: KeptIndex;
  readonly #read: ReadBytes;
  readonly #close: () => Promise<void>;

  constructor(facts: KeptJobFacts, index: KeptIndex, read: ReadBytes, close: () => Promise<void>) {
    this.facts = facts;
    this.#index = index;
    this.#read = read;
    this.#close = close;
  }

  /**
   * The job's state and one page, as upstream would answer; the first page without a cursor, and null for a
   * cursor that names none.
   *
   * @throws {DamagedFileError}
   */
  async page(cursor?: string): Promise<JobPage | null> {
    const { pages } = this.#index;
    const at = cursor === undefined ? 0 : pages.findIndex(({ name }) => name === cursor);
    const found = pages[at];
    if (!found && (cursor !== undefined || pages.length > 0)) return null;
    const rows = found ? await this.#rows(found) : [];
    const { job_id, status, manifest, error_message, processed, progress_message } = this.facts;
    return {
      job_id,
      status,
      manifest,
      error_message,
      processed,
      progress_message,
      rows,
      malformed_rows: 0,
      page: found?.name ?? null,
      next_cursor: pages[at + 1]?.name ?? null,
      count: rows.length,
    };
  }

  /** Holds all that is kept of its rows against the checksums. @throws {DamagedFileError} */
  check(): Promise<void> {
    return checkBlocks(this.#read, this.#index);
  }

  /**
   * One company by its position in delivered order, from 1; null where there is none.
   *
   * @throws {DamagedFileError}
   */
  async row(position: number): Promise<Row | null> {
    let first = 1;
    for (const page of this.#index.pages) {
      if (position >= first && position < first + page.rows)
        return (await this.#rows(page))[position - first] ?? null;
      first += page.rows;
    }
    return null;
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async #rows(page: KeptIndex['pages'][number]): Promise<Row[]> {
    const [near, far] = [await readNear(this.#read, page), await readFar(this.#read, page)];
    return near.map((row, at) => joinRow(row, far[at] ?? [], this.#index.shapes));
  }
}

/** Takes a job's pages and puts them in place as one file. It never fails the reading that it goes along with. */
export class KeptWriter {
  readonly #directory: string;
  readonly #path: string;
  readonly #encoder: KeptEncoder;
  #temporary: string | null = null;
  #file: FileHandle | null = null;
  #failure: string | null = null;
  #kept = false;
  readonly #patience: Patience;

  constructor(directory: string, path: string, header: KeptHeader, patience: Patience) {
    this.#directory = directory;
    this.#path = path;
    this.#patience = patience;
    this.#encoder = new KeptEncoder(header);
  }

  /** Why the rows are not kept, in words, or null. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Whether the file stands in its place. */
  get kept(): boolean {
    return this.#kept;
  }

  async take(rows: readonly Row[], { name }: { name: string }): Promise<void> {
    await this.#attempt(async () => {
      const file = this.#file ?? (await this.#begin());
      await file.appendFile(
        this.#encoder.page(
          name,
          rows.map((row) => cleanRecord(row, MAX_KEPT_TEXT)),
        ),
      );
    });
  }

  /** Puts the file in its place, if the list is whole. */
  async finish(whole: boolean): Promise<void> {
    if (whole) {
      await this.#attempt(async () => {
        const file = this.#file ?? (await this.#begin());
        await file.appendFile(this.#encoder.end());
        await file.sync();
        await this.#putInPlace();
        this.#kept = true;
      });
    }
    await this.abandon();
  }

  /** Leaves nothing but what `finish` has put in place; harmless after it. */
  async abandon(): Promise<void> {
    const [file, temporary] = [this.#file, this.#temporary];
    this.#file = null;
    this.#temporary = null;
    await file?.close().catch(() => {});
    if (temporary !== null) await rm(temporary, { force: true }).catch(() => {});
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    if (this.#failure !== null) return;
    try {
      await this.#patience.wait(work);
    } catch (error) {
      this.#failure = inWords(error);
      // What is stuck is not waited for again; what it leaves is removed as stale one day.
      if (error instanceof Stuck) void this.abandon();
      else await this.abandon();
    }
  }

  async #begin(): Promise<FileHandle> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await removeStale(this.#directory);
    this.#temporary = `${this.#path}.${crypto.randomUUID()}.tmp`;
    const file = await openFile(this.#temporary, 'wx');
    this.#file = file;
    await file.appendFile(this.#encoder.begin());
    return file;
  }

  /** Another server may have kept the same job meanwhile: then its file stays. */
  async #putInPlace(): Promise<void> {
    if (this.#temporary === null) return;
    try {
      await link(this.#temporary, this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return;
      // File systems without hard links: what stands there, if anything, holds the same rows.
      await rename(this.#temporary, this.#path);
    }
    const folder = await open(this.#directory, 'r').catch(() => null);
    await folder?.sync().catch(() => {});
    await folder?.close();
  }
}

function readFrom(file: FileHandle, patience: Patience): ReadBytes {
  return async (offset, length) => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, 2 ** 31 - 1)));
    const { bytesRead } = await patience.wait(() => file.read(bytes, 0, bytes.length, offset));
    return bytes.subarray(0, bytesRead);
  };
}

function inWords(error: unknown): string {
  if (error instanceof Stuck) return 'the state folder does not answer';
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return `the state folder can't be written (${code ?? 'unknown reason'})`;
}

async function removeStale(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(START) || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true }).catch(() => {});
  }
}
