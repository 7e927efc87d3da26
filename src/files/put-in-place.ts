import { join } from 'node:path';
import { type FinishedFile, type PlacingCalls, putUnder } from '../disk/write-once.ts';

const MAX_SAME_NAMES = 1_000;

/**
 * Gives a finished file its name, or a free one like it ("name-2.csv"): see `putUnder`.
 *
 * @returns The path that it got.
 */
export async function putInPlace(
  ready: FinishedFile,
  directory: string,
  fileName: string,
  calls?: PlacingCalls,
): Promise<string> {
  const dot = fileName.lastIndexOf('.');
  for (let number = 1; number <= MAX_SAME_NAMES; number += 1) {
    const name = number === 1 ? fileName : `${fileName.slice(0, dot)}-${number}${fileName.slice(dot)}`;
    if (await putUnder(ready, directory, name, calls)) return join(directory, name);
  }
  throw new Error('too many files of that name');
}
