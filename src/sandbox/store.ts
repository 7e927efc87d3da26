import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readWhole } from '../disk/open-file.ts';
import { type JobRecord, jobRecord } from './jobs.ts';

/** Keeps job records beyond the process that made them. A job is a function of its record and the time. */
export interface JobStore {
  /** Every record kept, oldest first; a job's last one counts. */
  load(): JobRecord[];
  /** Keeps a new or changed record. Never throws: a job that can't be kept lives as long as this process. */
  save(record: JobRecord): void;
}

// As in `openFile`: neither a link nor a pipe is written to.
const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const APPENDING = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOFOLLOW;

/** A store in a file of JSON lines; lines that can't be read are passed over. */
export function fileStore(path: string): JobStore {
  return {
    load() {
      const lines = tried(() => readWhole(path).toString('utf8').split('\n')) ?? [];
      return lines.flatMap((line) => tried(() => jobRecord.parse(JSON.parse(line))) ?? []);
    },
    save(record) {
      tried(() => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        const file = openSync(path, APPENDING, 0o600);
        tried(() => writeSync(file, `\n${JSON.stringify(record)}`));
        closeSync(file);
      });
    },
  };
}

function tried<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
