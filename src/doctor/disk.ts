import { constants } from 'node:fs';
import { access, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config, Environment } from '../config/config.ts';
import { AppendLog, type FileUnusable, isNoFile } from '../disk/append-log.ts';
import { KNOWN_FOLDER, KnownLists } from '../disk/known-lists.ts';
import { MARKS_FOLDER, Marks, markedJobs } from '../disk/marks.ts';
import { readBytes } from '../disk/open-file.ts';
import { systemClock as clock } from '../lib/clock.ts';
import { errnoOf } from '../lib/patience.ts';
import { counted } from '../lib/text.ts';
import { LEDGER_FILE } from '../spending/ledger.ts';
import { ledgerRecord } from '../spending/ledger-records.ts';
import { checkImage } from '../sql/image.ts';
import { type Finding, note, ok, problem, type Told } from './finding.ts';

const LITTLE_SPACE_MB = 100;

type Find = (check: string, directory: string) => Promise<Finding>;

/** What is kept in folders of the state folder, and what follows where nothing can be. */
const KEPT: ReadonlyArray<readonly [check: string, folder: string, follows: string, find: Find]> = [
  ['kept_lists', 'lists', 'so every query and export reads its job from OpenFunnel again', keptFinding],
  [
    'known_lists',
    KNOWN_FOLDER,
    'so companies you already have can be neither imported nor excluded',
    knownFinding,
  ],
  ['marks', MARKS_FOLDER, 'so no verdict on a company can be saved', marksFinding],
];

/** The folders, and what is kept in them. Changes nothing: what is damaged is set aside at its next use. */
export async function diskFindings(config: Config, env: Environment): Promise<Finding[]> {
  const { stateDirectory: state, exportDirectory } = config;
  const forgotten = 'so jobs are forgotten when the client ends, and the same search could be billed twice';
  const findings = [await folderFinding('state_folder', state, 'OPENFUNNEL_STATE_DIR', env, forgotten)];
  // What is in a folder that can't be entered has no findings of its own: that would count one problem four times.
  if (UNBLOCKED.has(await listed(state))) {
    findings.push(await ledgerFinding(state));
    for (const [check, name, follows, find] of KEPT) {
      const directory = join(state, name);
      findings.push((await blockedFinding(check, directory, follows)) ?? (await find(check, directory)));
    }
  }
  const unexported = 'so no list can be exported';
  findings.push(
    await folderFinding('export_folder', exportDirectory, 'OPENFUNNEL_EXPORT_DIR', env, unexported),
  );
  return findings;
}

/** Why the names in a folder can't be listed, by the system's code; null where they can. */
async function listed(path: string): Promise<string | null> {
  return readdir(path).then(() => null, errnoOf);
}

/** A folder that can be listed, and one that is made when it is needed. */
const UNBLOCKED: ReadonlySet<string | null> = new Set([null, 'ENOENT']);

/**
 * Whether files can be written to a folder, and how much fits. Leaves nothing behind, and creates no folder.
 * @param variable Chooses the folder. @param follows What follows where it can't be written to.
 */
async function folderFinding(
  check: string,
  path: string,
  variable: string,
  env: Environment,
  follows: string,
): Promise<Finding> {
  const chosen = Boolean(env[variable]?.trim());
  const where = `${path} (${chosen ? variable : 'the default'})`;
  const unlisted = await listed(path);
  const exists = unlisted !== 'ENOENT';
  const base = exists ? path : await nearestFolder(path);
  const refusal = (exists ? unlisted : null) ?? (await refusalToWrite(base, exists));
  if (refusal !== null) {
    const why = exists ? "can't be written to" : "does not exist and can't be created";
    const told: Told = [
      `${where} ${refusal === 'ENOTDIR' ? 'is not a folder, or lies below a file' : `${why} (${refusal})`}, ${follows}.`,
      `Set ${variable} to a folder that you may write to, or change the rights of this one.`,
    ];
    return problem(check, told, { chosen, writable: false, refusal });
  }
  const free = await statfs(base).then(
    ({ bavail, bsize }) => Math.floor((bavail * bsize) / 1_000_000),
    () => null,
  );
  const facts = { chosen, writable: true, exists, free_mb: free };
  const space = free === null ? '' : `, ${free} MB free`;
  if (free !== null && free < LITTLE_SPACE_MB) {
    const says = `${where} is on a disk with only ${free} MB free, so a large list may not fit.`;
    return problem(check, [says, 'Free some space, or choose another folder.'], facts);
  }
  if (exists || !chosen)
    return ok(check, `${where}: ${exists ? 'writable' : 'created when needed'}${space}.`, facts);
  const told: Told = [
    `${where} does not exist yet; it is created when it is first needed${space}.`,
    `If it should be there already, check the spelling of ${variable}, or whether its drive is connected.`,
  ];
  return note(check, told, facts);
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return (await stat(parent).catch(() => undefined)) ? parent : nearestFolder(parent);
}

/** The system's code for why nothing can be written, or null. A folder that exists is tried for real. */
async function refusalToWrite(folder: string, tryFile: boolean): Promise<string | null> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    if (tryFile) {
      const probe = join(folder, `.doctor-${process.pid}-${Date.now()}`);
      await writeFile(probe, '', { flag: 'wx' });
      await rm(probe);
    }
    return null;
  } catch (error) {
    return errnoOf(error);
  }
}

/** How many records the ledger of submits has, and which of its lines can't be read. */
async function ledgerFinding(directory: string): Promise<Finding> {
  const check = 'ledger';
  const log = new AppendLog({ directory, fileName: LEDGER_FILE, clock, schema: ledgerRecord });
  const failure = await log.read().then(
    () => null,
    (error: FileUnusable) => error,
  );
  if (failure !== null) {
    const refusal = errnoOf(failure.cause);
    const follows = isNoFile(failure)
      ? 'earlier searches are not recognised'
      : 'earlier searches are unknown, so submits ask you first';
    const told: Told = [
      `The record of your searches (${log.path}) can't be read (${refusal}). It is what keeps the same search from being billed twice: until it can be read, ${follows}, and with OPENFUNNEL_DAILY_CREDITS set nothing is submitted.`,
      'Give your user the right to read and write this file. Only if that is impossible, move it away; a new one starts by itself, and earlier searches are then unknown.',
    ];
    return problem(check, told, { exists: true, readable: false, refusal });
  }
  const records = log.records.length;
  const lines = log.damagedLines;
  const damaged = lines.length;
  // Whoever reads a list notes its job: one that is not noted was forgotten since.
  const noted = new Set(log.records.flatMap((each) => ('job_id' in each ? [each.job_id.toLowerCase()] : [])));
  const names = await readdir(join(directory, 'lists')).catch(() => []);
  const lost = names.filter((name) => {
    const job = /^job-(.+)\.sqlite$/.exec(name)?.[1];
    return job !== undefined && !noted.has(job);
  }).length;
  if (damaged === 0 && lost > 0) {
    const told: Told = [
      `The record of your searches (${log.path}) does not have the jobs of ${counted(lost, 'stored list')}: it was deleted, emptied or replaced by an older copy. Which searches were submitted in the last days is then unknown, so submits ask you first; one that you allow is recorded again.`,
      'Put the file back from a backup if you have one. If not, look at the OpenFunnel dashboard before you allow a search.',
    ];
    return (records === 0 ? problem : note)(check, told, { exists: records > 0, records, lost });
  }
  if (records + damaged === 0)
    return ok(check, 'No searches recorded yet; the first submit starts the record.', { exists: false });
  const facts = { exists: true, readable: true, records, damaged };
  const all = counted(records, 'record');
  if (damaged === 0) return ok(check, `${all} of searches.`, facts);
  const named = `line${damaged === 1 ? '' : 's'} ${lines.slice(0, 5).join(', ')}${damaged > 5 ? ' …' : ''}`;
  const told: Told = [
    `The record of your searches (${log.path}) has ${counted(damaged, 'line')} that can't be read (${named}), and ${all} that can. A search of the last two days may be among them, so submits ask you first until these lines are two days old.`,
    'Compare list_bulk_jobs with the OpenFunnel dashboard. If no search of the last two days is missing, close all clients and remove those lines from the file.',
  ];
  return problem(check, told, facts);
}

/** A problem where something else than a readable folder stands in the place of one; null where nothing is wrong. */
async function blockedFinding(check: string, directory: string, follows: string): Promise<Finding | null> {
  const refusal = await listed(directory);
  if (UNBLOCKED.has(refusal)) return null;
  const isFile = refusal === 'ENOTDIR';
  const [why, advice] = isFile
    ? ['is a file, not a folder', 'Move that file away; the folder is created when it is needed.']
    : ["can't be read", 'Give your user the right to read and write that folder.'];
  const blocked_by = isFile ? 'file' : 'unreadable';
  return problem(check, [`${directory} ${why}, ${follows}.`, advice], { blocked_by });
}

/** Whether every kept list can be read to its last byte, by its checksums; and how many were set aside before. */
async function keptFinding(check: string, directory: string): Promise<Finding> {
  const names = await readdir(directory).catch(() => []);
  const lists = names.filter((name) => name.endsWith('.sqlite'));
  const set_aside = names.filter((name) => name.includes('.damaged-')).length;
  let kept = 0;
  for (const name of lists) if (await isWhole(join(directory, name))) kept += 1;
  const damaged = lists.length - kept;
  const said = [
    `${kept} kept`,
    ...(damaged > 0 ? [`${damaged} damaged in ${directory}`] : []),
    ...(set_aside > 0 ? [`${set_aside} damaged and set aside earlier`] : []),
  ].join(', ');
  const facts = { kept, damaged, set_aside };
  if (damaged + set_aside === 0) return ok(check, `${said}.`, facts);
  const advice =
    'Nothing, as long as OpenFunnel still has the job: a damaged list is set aside and read again at its next use.';
  return note(check, [`${said}.`, advice], facts);
}

function isWhole(path: string): Promise<boolean> {
  return readBytes(path)
    .then(checkImage)
    .then(
      () => true,
      () => false,
    );
}

/** Whether the user's own lists of companies can be read. */
async function knownFinding(check: string, directory: string): Promise<Finding> {
  const { names, damaged } = await new KnownLists({ directory, clock }).checked();
  const broken = new Set(damaged.map(({ list }) => list));
  const readable = names.filter((list) => !broken.has(list)).length;
  const facts = { readable, damaged: damaged.length };
  if (damaged.length === 0) return ok(check, `${readable} imported.`, facts);
  const named = damaged.map(({ list, why }) => `“${list}” (${why})`).join(', ');
  const told: Told = [
    `Damaged in ${directory}: ${named}. Companies on a damaged list are not recognised, and exports that should exclude them are refused.`,
    'Import the file again with import_known_companies and mode replace.',
  ];
  return problem(check, told, facts);
}

/** Whether the user's verdicts can be read, job by job. */
async function marksFinding(check: string, directory: string): Promise<Finding> {
  const marks = new Marks({ directory, clock });
  const jobs = await markedJobs(directory);
  let damaged = 0;
  for (const job of jobs) if ((await marks.damageOf(job)) !== null) damaged += 1;
  const facts = { jobs: jobs.length, damaged };
  if (damaged === 0) return ok(check, `Verdicts on the companies of ${counted(jobs.length, 'job')}.`, facts);
  const told: Told = [
    `Some of the verdicts in ${directory} can't be read, in ${counted(damaged, 'job')}, so companies may appear as not judged.`,
    'Look through the companies that have no verdict, and judge them again where it matters.',
  ];
  return problem(check, told, facts);
}
