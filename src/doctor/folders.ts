import { constants } from 'node:fs';
import { access, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Finding } from './finding.ts';

/** Below this much free space a list may not fit. Bytes. */
const LITTLE_SPACE = 100_000_000;

/** A folder as the doctor names it, and what for. */
export interface Folder {
  check: 'state_folder' | 'export_folder';
  path: string;
  /** The variable that chooses it. */
  variable: string;
  /** Whether that variable is set. */
  chosen: boolean;
}

/** Whether files can be written to a folder, and how much fits. Leaves nothing behind, and makes no folder. */
export async function folderFinding({ check, path, variable, chosen }: Folder): Promise<Finding> {
  const where = `${path} (${chosen ? variable : 'default'})`;
  const common = { chosen };
  const there = await stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'absent' : 'unreadable'),
  );
  const base = there === 'absent' ? await nearestFolder(path) : path;
  const refusal = there === 'file' ? 'ENOTDIR' : await refusalToWrite(base, there === 'folder');
  if (refusal !== undefined) {
    return {
      check,
      verdict: 'problem',
      says: `${where} can't be written to (${refusal})`,
      advice:
        check === 'state_folder'
          ? `Set ${variable} to a folder that you may write to: without it jobs are forgotten when the client ends.`
          : `Set ${variable} to a folder that you may write to: no list can be exported to this one.`,
      facts: { ...common, writable: false, refusal },
    };
  }
  const free = await statfs(base).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
  const little = free !== undefined && free < LITTLE_SPACE;
  return {
    check,
    verdict: little ? 'problem' : 'ok',
    says: `${where}: ${there === 'absent' ? 'will be made when needed' : 'writable'}${
      free === undefined ? '' : `, ${megabytes(free)} MB free`
    }`,
    ...(little ? { advice: 'Free some space, or choose another folder.' } : {}),
    facts: {
      ...common,
      writable: true,
      exists: there !== 'absent',
      free_mb: free === undefined ? null : megabytes(free),
    },
  };
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1_000_000);
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return (await stat(parent).catch(() => undefined)) ? parent : nearestFolder(parent);
}

/** The system's code for why nothing can be written, or undefined. A folder that is there is tried for real. */
async function refusalToWrite(folder: string, tryFile: boolean): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK);
    if (tryFile) {
      const probe = join(folder, `.doctor-${process.pid}-${Date.now()}`);
      await writeFile(probe, '', { flag: 'wx' });
      await rm(probe);
    }
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
