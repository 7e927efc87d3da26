import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { openFile, syncFile, syncFolder } from './open-file.ts';

/** The process that writes, as its temporary files name it. */
export interface Writer {
  /** The machine, or the container, that process ids belong to. */
  host: string;
  pid: number;
  /** Whether there is such a process on this host. */
  isAlive: (pid: number) => boolean;
}

/** A file that is written, flushed and still open. */
export interface FinishedFile {
  path: string;
  file: FileHandle;
}

/** Calls to the file system that a test can have fail as other file systems do. */
export interface PlacingCalls {
  link: (existing: string, path: string) => Promise<void>;
}

export interface WriteOnceOptions {
  /** Folder of the file; made with mode 0700 where it does not exist, and left as it is where it does. */
  directory: string;
  /** What the file is about, and how its temporary one is named: letters, digits, `.`, `_`, `-` and blanks. */
  stem: string;
  /** The name that it gets; asked for when everything else is done. */
  fileName: () => string | Promise<string>;
  clock: Pick<Clock, 'now'>;
  /** Default this process. */
  writer?: Writer;
  calls?: PlacingCalls;
}

/** Adds to the file that is being written. */
export type Append = (bytes: string | Uint8Array) => Promise<void>;

/** A temporary file whose process can't be asked after is removed after this time. Milliseconds. */
const STALE_MS = 24 * 60 * 60 * 1000;
const TEMPORARY = /^\.(.+)\.([A-Za-z0-9_-]{1,12})-(\d{1,10})-[0-9a-f]{8}\.tmp$/;

/**
 * Writes a file atomically, never overwriting another one: a temporary file of mode 0600, flushed, then
 * linked (or where there are no links, renamed) to its name, and the folder flushed. Temporary files that processes
 * left when they died are removed first.
 *
 * @param write Hands over what it holds. What it throws is thrown, and nothing is left then.
 * @returns Whether it is in its place; false where there is a file of that name already.
 */
export async function writeOnce(
  options: WriteOnceOptions,
  write: (append: Append) => Promise<void>,
): Promise<boolean> {
  const { directory, fileName, calls = { link } } = options;
  return withTemporary(options, write, async (ready) => putUnder(ready, directory, await fileName(), calls));
}

/**
 * Writes a file whole in place of the one of its name, if there is one: a temporary file as `writeOnce` makes it,
 * renamed over that, and the folder flushed. Whoever reads meanwhile reads the old one or the new one.
 */
export async function replaceWhole(
  options: Omit<WriteOnceOptions, 'fileName' | 'calls'> & { fileName: string },
  text: string,
): Promise<void> {
  const { directory, fileName } = options;
  await withTemporary(
    options,
    (append) => append(text),
    ({ path }) => rename(path, join(directory, fileName)),
  );
  await syncFolder(directory);
}

/** Writes and flushes a temporary file, and has it placed; it is gone in the end, whatever happens. */
async function withTemporary<T>(
  { directory, stem, clock, writer = thisProcess() }: Omit<WriteOnceOptions, 'fileName' | 'calls'>,
  write: (append: Append) => Promise<void>,
  place: (ready: FinishedFile) => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeTemporaries(directory, { now: clock.now(), writer });
  const random = crypto.randomUUID().slice(0, 8);
  const temporary = join(directory, `.${stem}.${writer.host}-${writer.pid}-${random}.tmp`);
  const file = await openFile(temporary, 'wx');
  try {
    await write(async (bytes) => {
      await file.appendFile(bytes);
    });
    await syncFile(file);
    return await place({ path: temporary, file });
  } finally {
    await file.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/**
 * Gives a finished file its name in the same folder, and sees to it that the name is on the disk; never over another
 * file. By a hard link where the file system has them. Where it has none (exFAT, FAT, SMB, rclone, some mounts of
 * containers), the name is reserved by exclusive creation and the finished file renamed over that: whoever is killed
 * between the two leaves an empty file at most.
 *
 * @param ready May be gone afterwards.
 * @returns False where the name is taken.
 * @throws also where what got the name is not the file that was written: somebody has put another in its place.
 */
export async function putUnder(
  ready: FinishedFile,
  directory: string,
  fileName: string,
  calls: PlacingCalls = { link },
): Promise<boolean> {
  const path = join(directory, fileName);
  const placed = await calls.link(ready.path, path).then(
    () => true,
    (error: unknown) => (isTaken(error) ? false : reserveAndRename(ready.path, path)),
  );
  if (!placed) return false;
  // A name of a file that was written is what was looked at, so what has the name now is looked at once more.
  const [written, there] = await Promise.all([ready.file.stat(), lstat(path)]);
  if (!there.isFile() || there.size !== written.size) {
    await rm(path, { force: true });
    throw new Error('the file was replaced by another one');
  }
  await syncFolder(directory);
  return true;
}

/**
 * Removes temporary files of `writeOnce` that nobody is writing any more: those of processes of this host that have
 * died, and those of other hosts once they are a day old.
 *
 * @param options `of`: those with these stems instead, also while they are being written.
 * @returns How many bytes that freed. Never rejects.
 */
export async function removeTemporaries(
  directory: string,
  { now, writer = thisProcess(), of }: { now: number; writer?: Writer; of?: (stem: string) => boolean },
): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    const [, stem, host, pid] = TEMPORARY.exec(name) ?? [];
    if (stem === undefined) continue;
    const path = join(directory, name);
    const found = await lstat(path).catch(() => null);
    if (!found) continue;
    if (!(of ? of(stem) : isLeft(Number(pid), host, now - found.mtimeMs, writer))) continue;
    const removed = await rm(path, { force: true }).then(
      () => true,
      () => false,
    );
    if (removed) bytes += found.size;
  }
  return bytes;
}

/** Whether nobody is writing a temporary file any more. A clock that was set back makes files of the future. */
function isLeft(pid: number, host: string | undefined, ageMs: number, writer: Writer): boolean {
  const here = host === writer.host;
  if (here && pid === writer.pid) return false;
  return (here && !writer.isAlive(pid)) || Math.abs(ageMs) > STALE_MS;
}

/** This process, by a host name that can stand in a file name. */
export function thisProcess(): Writer {
  return {
    host:
      hostname()
        .replace(/[^A-Za-z0-9]/g, '')
        .slice(0, 12) || 'host',
    pid: process.pid,
    isAlive(pid) {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code !== 'ESRCH';
      }
    },
  };
}

/** False where the name is taken. */
async function reserveAndRename(ready: string, path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  try {
    await rename(ready, path);
  } catch (error) {
    const left = await lstat(path).catch(() => undefined);
    if (left?.size === 0) await rm(path, { force: true }).catch(() => {});
    throw error;
  }
  return true;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'EEXIST';
}
