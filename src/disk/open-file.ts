import { closeSync, constants, fstatSync, lstatSync, openSync, read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errnoOf } from '../lib/patience.ts';

/** A pipe or a device would hold up whoever opens it; only Windows has no such flag, and no such files. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;
/** What a link points at is not ours; only Windows has no such flag. */
const WITHOUT_FOLLOWING: number | undefined = constants.O_NOFOLLOW;
const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const FLAGS = { r: O_RDONLY, a: O_APPEND | O_CREAT | O_WRONLY, wx: O_CREAT | O_EXCL | O_WRONLY } as const;

/**
 * Opens a regular file; what it makes has mode 0600. What has been opened is looked at, so that nothing can be put in its
 * place between the look and the use. Throws where a link, a pipe, a device or a folder stands there (`ELOOP`,
 * `ENOTSUP`), and what `fs.open` does.
 */
export async function openFile(path: string, flags: keyof typeof FLAGS): Promise<FileHandle> {
  const file = await open(path, FLAGS[flags] | WITHOUT_WAITING | (WITHOUT_FOLLOWING ?? 0), 0o600);
  try {
    refuseOthers(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Waits until a file is on the disk, on file systems that can tell. */
export async function syncFile(file: FileHandle): Promise<void> {
  await file.sync().catch((error: unknown) => {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM'].includes(errnoOf(error))) throw error;
  });
}

/** Waits until the names in a folder are on the disk, without which a power cut loses a new file. Windows opens no folders. */
export async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}

/** The bytes of a regular file, read while its thread does something else. Throws as `openFile` does. */
export async function readBytes(path: string): Promise<Buffer> {
  const file = openSync(path, FLAGS.r | WITHOUT_WAITING | (WITHOUT_FOLLOWING ?? 0));
  try {
    const opened = fstatSync(file);
    refuseOthers(path, opened);
    // In one step that needs no turn of the thread; and in memory of its own that nothing has to be copied from.
    const bytes = Buffer.allocUnsafeSlow(opened.size);
    let end = 0;
    for (let got = 1; got > 0 && end < bytes.length; end += got)
      got = (await readInto(file, bytes, end, bytes.length - end, end)).bytesRead;
    return bytes.subarray(0, end);
  } finally {
    closeSync(file);
  }
}

const readInto = promisify(read);

function refuseOthers(path: string, opened: { isFile(): boolean }): void {
  if (!opened.isFile()) throw Object.assign(new Error('no regular file'), { code: 'ENOTSUP' });
  if (WITHOUT_FOLLOWING === undefined && lstatSync(path).isSymbolicLink())
    throw Object.assign(new Error('a link'), { code: 'ELOOP' });
}
