import { isAbsolute } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { AppendLog } from './append-log.ts';

/** Folders that are looked at; the ones noted last. */
const MAX_FOLDERS = 50;

const folderRecord = z.looseObject({ folder: z.string().refine(isAbsolute) });

/**
 * Tells, as of now, the other folders in which servers of this user may keep their ledger, and notes this one's in the usual
 * one: not all clients pass on `XDG_STATE_HOME` or `LOCALAPPDATA`, which move it. Never rejects.
 */
export function otherFolders(own: string, usual: string, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
  const log = new AppendLog({ directory: usual, fileName: 'folders.jsonl', clock, schema: folderRecord });
  return async () => {
    await log.read().catch(() => {});
    const moved = log.records.map(({ folder }) => folder);
    if (own !== usual && !moved.includes(own)) await log.append([{ folder: own }], false).catch(() => {});
    const others = new Set([usual, ...[...new Set(moved)].slice(-MAX_FOLDERS)]);
    return [...others].filter((folder) => folder !== own);
  };
}
