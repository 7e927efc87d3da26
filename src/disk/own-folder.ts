import { lstatSync, mkdirSync } from 'node:fs';
import { errnoOf } from '../lib/patience.ts';

/**
 * Makes a folder below one that everybody may write to, such as /tmp. False where somebody else has put one, or a
 * link, there before: nobody else may read what is kept. True also where none can be made at all.
 */
export function claimFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700, recursive: true });
    const found = lstatSync(path);
    return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  } catch (error) {
    return errnoOf(error) !== 'EEXIST';
  }
}
