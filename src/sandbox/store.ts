import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JobRecord } from './jobs.ts';

/** Keeps job records beyond the process that made them. A job is a function of its record and the time. */
export interface JobStore {
  /** Every record kept, oldest first; a job's last one counts. */
  load(): JobRecord[];
  /** Keeps a new or changed record. Must not throw: a simulator that can't keep jobs still simulates. */
  save(record: JobRecord): void;
}

/** A store in a file of JSON lines; lines that can't be read are passed over. */
export function fileStore(path: string): JobStore {
  return {
    load() {
      try {
        return withFile(path, constants.O_RDONLY, (file) => readFileSync(file, 'utf8'))
          .split('\n')
          .flatMap(parse);
      } catch {
        return [];
      }
    },
    save(record) {
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY;
        withFile(path, flags, (file) => writeFileSync(file, `\n${JSON.stringify(record)}`));
      } catch {
        // Then the job lives as long as this process.
      }
    },
  };
}

/** @throws where it is no regular file or a link: a pipe would make the whole process wait for its other end. */
function withFile<T>(path: string, flags: number, use: (file: number) => T): T {
  const file = openSync(path, flags | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    if (!fstatSync(file).isFile()) throw new Error('no regular file');
    return use(file);
  } finally {
    closeSync(file);
  }
}

function parse(line: string): JobRecord[] {
  try {
    const record = JSON.parse(line) as Partial<JobRecord> | null;
    return typeof record?.id === 'string' && typeof record.createdAt === 'number' && record.body
      ? [record as JobRecord]
      : [];
  } catch {
    return [];
  }
}
