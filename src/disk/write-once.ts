import { link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { errnoOf } from '../lib/patience.ts';
import { JOB_ID } from '../openfunnel/job-id.ts';
import { openFile, syncFile, syncFolder } from './open-file.ts';

export type TemporaryFile = Awaited<ReturnType<typeof openTemporary>>;

interface TemporaryOptions {
  /** Folder of the file; made with mode 0700 where it does not exist, and left as it is where it does. */
  directory: string;
  /** What the file is about, and how its temporary one is named: letters, digits, `.`, `_`, `-` and blanks. */
  stem: string;
  clock: Pick<Clock, 'now'>;
  writer?: typeof THIS_PROCESS;
}

export interface WriteOnceOptions extends TemporaryOptions {
  /** The name that it gets; asked for when everything else is done. */
  fileName: () => string | Promise<string>;
  /** Whether it takes the place of the file of that name: whoever reads meanwhile reads the old one or the new one. */
  replace?: boolean;
  linking?: typeof link;
}

/** A temporary file whose process can't be asked after is removed after this time. Milliseconds. */
const STALE_MS = 24 * 60 * 60 * 1000;
const TEMPORARY = /^\.(.+)\.([A-Za-z0-9_-]{1,12})-(\d{1,10})-[0-9a-f]{8}\.tmp$/;

/** Who writes, as temporary files name it. */
const THIS_PROCESS = {
  /** The machine, or the container, that process ids belong to; letters and digits. */
  host: (hostname().replace(/[^A-Za-z0-9]/g, '') || 'host').slice(0, 12),
  pid: process.pid,
  isAlive(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return errnoOf(error) !== 'ESRCH';
    }
  },
};

/**
 * Writes a file atomically: a temporary file of mode 0600, flushed, then put under its name (`putUnder`); it is gone in the
 * end, whatever happens. What processes left when they died is removed first.
 * @returns False where the name is taken, and not to be replaced.
 */
export async function writeOnce(
  { fileName, replace = false, linking, ...options }: WriteOnceOptions,
  write: (append: (bytes: string | Uint8Array) => Promise<void>) => Promise<void>,
): Promise<boolean> {
  const { directory } = options;
  const temporary = await openTemporary(options);
  try {
    await write((bytes) => temporary.file.appendFile(bytes));
    await syncFile(temporary.file);
    if (!replace) return await putUnder(temporary, directory, await fileName(), linking);
    await rename(temporary.path, join(directory, await fileName()));
    await syncFolder(directory);
    return true;
  } finally {
    await dropTemporary(temporary);
  }
}

/** Opens a new temporary file, once those that processes left when they died are removed; to be dropped in the end. */
export async function openTemporary({ directory, stem, clock, writer = THIS_PROCESS }: TemporaryOptions) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeStale(directory, clock.now(), writer);
  const name = `.${stem}.${writer.host}-${writer.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`;
  const path = join(directory, name);
  return { path, file: await openFile(path, 'wx') };
}

/** Closes a temporary file and removes it, also where it has got another name; harmless a second time. */
export async function dropTemporary({ path, file }: TemporaryFile): Promise<void> {
  await file.close().catch(() => {});
  await rm(path, { force: true }).catch(() => {});
}

/**
 * Gives a finished file its name in the same folder, never over another file, and flushes the folder. By a hard link
 * where the file system has them; else (exFAT, FAT, SMB, some mounts of containers) the name is reserved by exclusive
 * creation and the file renamed over that: whoever is killed between the two leaves an empty file at most.
 * @returns False where the name is taken. @throws also where somebody has put another file in its place.
 */
export async function putUnder(ready: TemporaryFile, directory: string, fileName: string, linking = link) {
  const path = join(directory, fileName);
  try {
    await linking(ready.path, path).catch(() => reserveAndRename(ready.path, path));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
  // A name of a file that was written is what was looked at, so what has the name now is looked at once more.
  const [written, there] = await Promise.all([ready.file.stat(), lstat(path)]);
  if (!there.isFile() || there.size !== written.size) {
    await rm(path, { force: true });
    throw new Error('the file was replaced by another one');
  }
  await syncFolder(directory);
  return true;
}

async function reserveAndRename(ready: string, path: string): Promise<void> {
  await (await open(path, 'wx', 0o600)).close();
  try {
    await rename(ready, path);
  } catch (error) {
    const left = await lstat(path).catch(() => undefined);
    if (left?.size === 0) await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}

/** Removes temporary files whose process on this host has died, or that are a day old. Never rejects. @param now In ms. */
async function removeStale(directory: string, now: number, writer: typeof THIS_PROCESS): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [temporary, , host, pid] = TEMPORARY.exec(name) ?? [];
    if (temporary === undefined || (host === writer.host && Number(pid) === writer.pid)) continue;
    const found = await lstat(join(directory, name)).catch(() => null);
    // A clock that was set back makes files of the future.
    const stale = found !== null && Math.abs(now - found.mtimeMs) > STALE_MS;
    if (stale || (host === writer.host && !writer.isAlive(Number(pid))))
      await rm(join(directory, name), { force: true }).catch(() => {});
  }
}

/**
 * Deletes what a folder has of jobs: files named `start`, the id in small letters and `ending`, and temporary ones of them.
 * @returns The ids of the jobs that had a file, and how many bytes that freed. Rejects where a file can't be deleted.
 */
export async function forgetFiles(
  directory: string,
  { start, ending }: { start: string; ending: RegExp },
  jobIds: readonly string[] | 'all',
): Promise<{ forgotten: string[]; bytes: number }> {
  const wanted = jobIds === 'all' ? null : new Set(jobIds.map((id) => id.toLowerCase()));
  const forgotten = new Set<string>();
  let bytes = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    const temporary = TEMPORARY.exec(name)?.[1];
    const stem = temporary ?? name.slice(0, Math.max(0, name.search(ending)));
    const id = stem.slice(start.length);
    if (!stem.startsWith(start) || !JOB_ID.test(id) || wanted?.has(id) === false) continue;
    const path = join(directory, name);
    const found = await lstat(path).catch(() => null);
    await rm(path, { force: true });
    bytes += found?.size ?? 0;
    if (temporary === undefined) forgotten.add(id);
  }
  return { forgotten: [...forgotten], bytes };
}
