import { constants } from 'node:fs';
import { access, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Finding } from './finding.ts';

/** Below this much free space a list may not fit. Bytes. */
const LITTLE_SPACE = 100_000_000;

/** A folder as the doctor names it, and what it is for. */
export interface Folder {
  check: 'state_folder' | 'export_folder';
  path: string;
  /** The variable that chooses it. */
  variable: string;
  /** Whether that variable is set. */
  chosen: boolean;
}

/** What follows where a folder can't be written to. */
const WITHOUT: Readonly<Record<Folder['check'], string>> = {
  state_folder: 'so jobs are forgotten when the client ends, and the same search could be billed twice',
  export_folder: 'so no list can be exported',
};

/** What stands at a path: a folder whose names can be listed, one that can't be entered, a file, or nothing. */
export async function folderState(path: string): Promise<'folder' | 'unreadable' | 'file' | 'absent'> {
  return readdir(path).then(
    () => 'folder',
    ({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' ? 'absent' : code === 'ENOTDIR' ? 'file' : 'unreadable',
  );
}

/** Whether files can be written to a folder, and how much fits. Leaves nothing behind, and creates no folder. */
export async function folderFinding({ check, path, variable, chosen }: Folder): Promise<Finding> {
  const where = `${path} (${chosen ? variable : 'the default'})`;
  const common = { chosen };
  const there = await folderState(path);
  const base = there === 'absent' ? await nearestFolder(path) : path;
  const refusal =
    there === 'file'
      ? 'ENOTDIR'
      : ((await refusalToWrite(base, there !== 'absent')) ?? (there === 'unreadable' ? 'EACCES' : undefined));
  if (refusal !== undefined) {
    const why =
      there === 'file'
        ? 'is not a folder, or lies below a file'
        : there === 'absent'
          ? `does not exist and can't be created (${refusal})`
          : `can't be written to (${refusal})`;
    return {
      check,
      verdict: 'problem',
      says: `${where} ${why}, ${WITHOUT[check]}.`,
      advice: `Set ${variable} to a folder that you may write to, or change the rights of this one.`,
      facts: { ...common, writable: false, refusal },
    };
  }
  const free = await statfs(base).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
  const space = free === undefined ? '' : `, ${megabytes(free)} MB free`;
  const facts = {
    ...common,
    writable: true,
    exists: there !== 'absent',
    free_mb: free === undefined ? null : megabytes(free),
  };
  if (free !== undefined && free < LITTLE_SPACE)
    return {
      check,
      verdict: 'problem',
      says: `${where} is on a disk with only ${megabytes(free)} MB free, so a large list may not fit.`,
      advice: 'Free some space, or choose another folder.',
      facts,
    };
  if (there === 'absent' && chosen)
    return {
      check,
      verdict: 'note',
      says: `${where} does not exist yet; it is created when it is first needed${space}.`,
      advice: `If it should be there already, check the spelling of ${variable}, or whether its drive is connected.`,
      facts,
    };
  return {
    check,
    verdict: 'ok',
    says: `${where}: ${there === 'absent' ? 'created when needed' : 'writable'}${space}.`,
    facts,
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

/** The system's code for why nothing can be written, or undefined. A folder that exists is tried for real. */
async function refusalToWrite(folder: string, tryFile: boolean): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
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
