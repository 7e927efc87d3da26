import { type FileHandle, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { openFile } from './open-file.ts';

export const VERDICTS = ['keep', 'drop', 'maybe'] as const;
export type Verdict = (typeof VERDICTS)[number];
/** What a company is to the ones that are sought: one of a kind, who serves them, what they use, the seed, none. */
export const ROLES = ['peer', 'servicer', 'tool', 'self', 'unrelated'] as const;
export type Role = (typeof ROLES)[number];

/** The judgement on one company of a job. */
export interface Mark {
  verdict: Verdict;
  reason: string | null;
  role: Role | null;
  /** 0 to 10. */
  score: number | null;
  /** ISO 8601, UTC. */
  marked_at: string;
}

/** A judgement on some rows of a job (their rank, from 1); `clear` takes back what was said before. */
export interface Marking {
  rows: readonly number[];
  verdict: Verdict | 'clear';
  reason?: string | null | undefined;
  role?: Role | null | undefined;
  score?: number | null | undefined;
}

const record = z.object({
  at: z.string(),
  marks: z.array(
    z.object({
      rows: z.array(z.number()),
      verdict: z.enum([...VERDICTS, 'clear']),
      reason: z.string().nullish().catch(null),
      role: z.enum(ROLES).nullish().catch(null),
      score: z.number().nullish().catch(null),
    }),
  ),
});

/** Folder of the marks in the state folder. */
export const MARKS_FOLDER = 'marks';
const START = 'marks-';
const ENDING = '.jsonl';
const NEWLINE = 10;

export interface MarksOptions {
  /** Folder of the marks; made with mode 0700 where it does not exist. */
  directory: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * The judgements on companies, one append-only file of JSON lines a job. What one call marks is one record, one
 * write to a file opened for appending, that begins with the line break: so several servers never mix theirs, and
 * a record torn by a crash counts for nothing and damages no other. Of two marks on a row the later stands.
 */
export class Marks {
  readonly #options: MarksOptions;
  readonly #known = new Map<string, { version: string; marks: ReadonlyMap<number, Mark> }>();

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  /** The marks on a job by row. Rejects where the file exists and can't be read. */
  async of(jobId: string): Promise<ReadonlyMap<number, Mark>> {
    const version = await this.version(jobId);
    if (version === null) return new Map();
    const known = this.#known.get(jobId);
    if (known?.version === version) return known.marks;
    const file = await openFile(this.#path(jobId), 'r');
    try {
      const marks = marksIn(await file.readFile());
      this.#known.set(jobId, { version, marks });
      return marks;
    } finally {
      await file.close();
    }
  }

  /** Differs when the marks on the job do; null where there are none. Never rejects. */
  async version(jobId: string): Promise<string | null> {
    const found = await stat(this.#path(jobId)).catch(() => null);
    return found?.isFile() ? `${found.ino}-${found.size}-${found.mtimeMs}` : null;
  }

  /** Adds marks, all or none; they are on the disk when it resolves. Rejects where they could not be written. */
  async add(jobId: string, marks: readonly Marking[]): Promise<void> {
    const { directory, now } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await openFile(this.#path(jobId), 'a');
    try {
      await append(file, JSON.stringify({ at: new Date(now()).toISOString(), marks }));
    } finally {
      await file.close();
    }
  }

  /**
   * Deletes the marks on jobs from this machine; `all` of them where no ids are given.
   *
   * @returns How many bytes that freed.
   */
  async forget(jobIds: readonly string[] | 'all'): Promise<number> {
    const { directory } = this.#options;
    const names =
      jobIds === 'all'
        ? (await readdir(directory).catch(() => [])).filter((name) => name.startsWith(START))
        : jobIds.map(fileName);
    let bytes = 0;
    for (const name of new Set(names)) {
      const path = join(directory, name);
      const found = await stat(path).catch(() => null);
      if (!found) continue;
      await rm(path, { force: true });
      bytes += found.size;
    }
    this.#known.clear();
    return bytes;
  }

  #path(jobId: string): string {
    return join(this.#options.directory, fileName(jobId));
  }
}

function fileName(jobId: string): string {
  return `${START}${jobId.toLowerCase()}${ENDING}`;
}

async function append(file: FileHandle, line: string): Promise<void> {
  const bytes = Buffer.from(`\n${line}`);
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten < bytes.length) throw new Error('the record was cut short: is the disk full?');
  await file.sync();
}

function marksIn(bytes: Buffer): Map<number, Mark> {
  const marks = new Map<number, Mark>();
  for (let start = 0; start < bytes.length; ) {
    const next = bytes.indexOf(NEWLINE, start);
    const end = next === -1 ? bytes.length : next;
    const { success, data } = record.safeParse(parse(bytes.toString('utf8', start, end)));
    start = end + 1;
    if (!success) continue;
    for (const { rows, verdict, reason = null, role = null, score = null } of data.marks) {
      for (const row of rows) {
        if (verdict === 'clear') marks.delete(row);
        else marks.set(row, { verdict, reason, role, score, marked_at: data.at });
      }
    }
  }
  return marks;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
