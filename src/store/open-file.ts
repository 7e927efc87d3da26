import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A pipe or a device would hold up whoever opens it; only Windows has no such flag, and no such files. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;
const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const FLAGS = { r: O_RDONLY, a: O_APPEND | O_CREAT | O_WRONLY, wx: O_CREAT | O_EXCL | O_WRONLY } as const;

/**
 * Opens a regular file; what it makes has mode 0600.
 *
 * @param flags As for `fs.open`.
 * @throws where it can't be opened, or where a pipe, a device or a folder stands in its place.
 */
export async function openFile(path: string, flags: keyof typeof FLAGS): Promise<FileHandle> {
  const file = await open(path, FLAGS[flags] | WITHOUT_WAITING, 0o600);
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('no regular file'), { code: 'ENOTSUP' });
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
