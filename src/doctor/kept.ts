import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KNOWN_FOLDER, KnownLists } from '../disk/known-lists.ts';
import { MARKS_FOLDER, Marks, markedJobs } from '../disk/marks.ts';
import { openFile } from '../disk/open-file.ts';
import { systemClock } from '../lib/clock.ts';
import { checkImage } from '../sql/image.ts';
import type { Finding } from './finding.ts';
import { folderState } from './folders.ts';

/**
 * Whether every kept list can be read to its last byte, by its checksums; and how many were set aside before. Changes
 * nothing: what is damaged is set aside at its next use.
 */
export async function keptFinding(directory: string): Promise<Finding> {
  const check = 'kept_lists';
  const blocked = await blockedFinding(
    check,
    directory,
    'so no list can be kept: every query and export reads its job from OpenFunnel again',
  );
  if (blocked) return blocked;
  const names = await readdir(directory).catch(() => []);
  const lists = names.filter((name) => name.endsWith('.sqlite'));
  const aside = names.filter((name) => name.includes('.damaged-')).length;
  const damaged: string[] = [];
  for (const name of lists) if (!(await isWhole(join(directory, name)))) damaged.push(name);
  const kept = lists.length - damaged.length;
  const faults = damaged.length + aside;
  return {
    check,
    verdict: faults === 0 ? 'ok' : 'note',
    says: [
      `${kept} kept`,
      ...(damaged.length > 0 ? [`${damaged.length} damaged in ${directory}`] : []),
      ...(aside > 0 ? [`${aside} damaged and set aside earlier`] : []),
    ]
      .join(', ')
      .concat('.'),
    ...(faults === 0
      ? {}
      : {
          advice:
            'Nothing, as long as OpenFunnel still has the job: a damaged list is set aside and read again at its next use.',
        }),
    facts: { kept, damaged: damaged.length, set_aside: aside },
  };
}

/** Whether the user's own lists of companies can be read. */
export async function knownFinding(stateDirectory: string): Promise<Finding> {
  const check = 'known_lists';
  const directory = join(stateDirectory, KNOWN_FOLDER);
  const blocked = await blockedFinding(
    check,
    directory,
    'so companies you already have can be neither imported nor excluded',
  );
  if (blocked) return blocked;
  const { names, damaged } = await new KnownLists({ directory, clock: systemClock }).checked();
  const broken = new Set(damaged.map(({ list }) => list));
  const readable = names.filter((list) => !broken.has(list)).length;
  const facts = { readable, damaged: damaged.length };
  if (damaged.length === 0) return { check, verdict: 'ok', says: `${readable} imported.`, facts };
  const named = damaged.map(({ list, why }) => `“${list}” (${why})`).join(', ');
  return {
    check,
    verdict: 'problem',
    says: `Damaged in ${directory}: ${named}. Companies on a damaged list are not recognised, and exports that should exclude them are refused.`,
    advice: 'Import the file again with import_known_companies and mode replace.',
    facts,
  };
}

/** Whether the user's verdicts can be read, job by job. */
export async function marksFinding(stateDirectory: string): Promise<Finding> {
  const check = 'marks';
  const directory = join(stateDirectory, MARKS_FOLDER);
  const blocked = await blockedFinding(check, directory, 'so no verdict on a company can be saved');
  if (blocked) return blocked;
  const marks = new Marks({ directory, clock: systemClock });
  const jobs = await markedJobs(directory);
  let damaged = 0;
  for (const job of jobs) {
    const count = await marks.damageOf(job).then(
      (damage) => damage.count,
      () => 1,
    );
    if (count > 0) damaged += 1;
  }
  const facts = { jobs: jobs.length, damaged };
  if (damaged === 0)
    return { check, verdict: 'ok', says: `Verdicts on the companies of ${jobsOf(jobs.length)}.`, facts };
  return {
    check,
    verdict: 'problem',
    says: `Some of the verdicts in ${directory} can't be read, in ${jobsOf(damaged)}, so companies may appear as not judged.`,
    advice: 'Look through the companies that have no verdict, and judge them again where it matters.',
    facts,
  };
}

/** A problem where something else than a readable folder stands in the place of one; null where nothing is wrong. */
async function blockedFinding(check: string, directory: string, follows: string): Promise<Finding | null> {
  const state = await folderState(directory);
  if (state === 'folder' || state === 'absent') return null;
  return {
    check,
    verdict: 'problem',
    says: `${directory} ${state === 'file' ? 'is a file, not a folder' : "can't be read"}, ${follows}.`,
    advice:
      state === 'file'
        ? 'Move that file away; the folder is created when it is needed.'
        : 'Give your user the right to read and write that folder.',
    facts: { blocked_by: state },
  };
}

function jobsOf(count: number): string {
  return `${count} job${count === 1 ? '' : 's'}`;
}

async function isWhole(path: string): Promise<boolean> {
  const file = await openFile(path, 'r').catch(() => null);
  if (!file) return false;
  try {
    checkImage(await file.readFile());
    return true;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
