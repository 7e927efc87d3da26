import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readNow } from '../disk/open-file.ts';
import { type JobRecord, jobRecord } from './jobs.ts';

// Job records in a file of JSON lines, beyond the process that made them. Nothing here throws: a job that can't be kept
// lives as long as its process.

// As in `openFile`: neither a link nor a pipe is written to.
const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const APPENDING = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOFOLLOW;

/** Every record that can be read, oldest first; a job's last one counts. */
export function keptJobs(path: string): JobRecord[] {
  const lines = tried(() => readNow(path).toString('utf8').split('\n')) ?? [];
  return lines.flatMap((line) => tried(() => jobRecord.parse(JSON.parse(line))) ?? []);
}

/** Keeps a new or changed record. */
export function keepJob(path: string, record: JobRecord): void {
  tried(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, APPENDING, 0o600);
    tried(() => writeSync(file, `\n${JSON.stringify(record)}`));
    closeSync(file);
  });
}

function tried<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
