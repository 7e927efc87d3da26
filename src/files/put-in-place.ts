import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_SAME_NAMES = 1_000;

/** Calls to the file system that a test can have fail as other file systems do. */
export interface PlacingCalls {
  link: (existing: string, path: string) => Promise<void>;
}

/**
 * Gives a finished file its name, or a free one like it ("name-2.csv"), without ever replacing a file.
 *
 * By a hard link where the file system has them. Where it has none (exFAT, FAT, SMB, rclone, some mounts of
 * containers), the name is reserved by exclusive creation and the finished file renamed over that: whoever is
 * killed between the two leaves an empty file at most.
 *
 * @param ready The finished file, in the same folder; may be gone afterwards.
 * @returns The path that it got.
 */
export async function putInPlace(
  ready: string,
  directory: string,
  fileName: string,
  calls: PlacingCalls = { link },
): Promise<string> {
  const dot = fileName.lastIndexOf('.');
  for (let number = 1; number <= MAX_SAME_NAMES; number += 1) {
    const name = number === 1 ? fileName : `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`;
    const path = join(directory, name);
    const placed = await calls.link(ready, path).then(
      () => true,
      (error: unknown) => (isTaken(error) ? false : reserveAndRename(ready, path)),
    );
    if (!placed) continue;
    await syncDirectory(directory);
    return path;
  }
  throw new Error('too many files of that name');
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
    const left = await stat(path).catch(() => undefined);
    if (left?.size === 0) await rm(path, { force: true }).catch(() => {});
    throw error;
  }
  return true;
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'EEXIST';
}

/** Waits until a file is on the disk, on file systems that can tell. */
export async function syncFile(file: FileHandle): Promise<void> {
  await file.sync().catch((error: NodeJS.ErrnoException) => {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'].includes(error.code ?? '')) throw error;
  });
}

/** Makes the new name last through a power cut, where the system can do that for folders. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}
