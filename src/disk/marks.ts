import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { VERDICTS, type Verdict } from '../lib/verdicts.ts';
import { AppendLog } from './append-log.ts';
import { forgetFiles } from './write-once.ts';

/** What a company is to the ones that are sought: one of a kind, who serves them, what they use, the seed, none. */
export const ROLES = ['peer', 'servicer', 'tool', 'self', 'unrelated'] as const;
export type Role = (typeof ROLES)[number];

/** A judgement on some rows of a job. */
const marking = z.object({
  /** Their rank, from 1. */
  rows: z.array(z.number()).readonly(),
  /** `clear` takes back what was said before. */
  verdict: z.enum([...VERDICTS, 'clear']),
  reason: z.string().nullable().default(null).catch(null),
  role: z.enum(ROLES).nullable().default(null).catch(null),
  /** 0 to 10. */
  score: z.number().nullable().default(null).catch(null),
  /** Who judged: the user in the table, or else whoever called a tool. */
  by: z.enum(['user', 'model']).default('model').catch('model'),
  /** Judged with others for what they have in common, so that it says nothing of those without a verdict. */
  of_one_kind: z.boolean().default(false).catch(false),
});
export type Marking = z.input<typeof marking>;

export interface Mark extends Omit<z.infer<typeof marking>, 'rows' | 'verdict'> {
  verdict: Verdict;
  marked_at: string;
}

const marksRecord = z.object({ at: z.string(), marks: z.array(marking) });

export const MARKS_FOLDER = 'marks';
const START = 'marks-';
const ENDING = '.jsonl';

/** The judgements on companies, one append-only file a job and one record a call. Of two marks on a row the later stands. */
export class Marks {
  readonly #options: { directory: string; clock: Clock };
  readonly #logs = new Map<string, AppendLog<z.infer<typeof marksRecord>>>();

  constructor(options: { directory: string; clock: Clock }) {
    this.#options = options;
  }

  /** The marks on a job by row. @throws {FileUnusable} where the file exists and can't be read. */
  async of(jobId: string): Promise<ReadonlyMap<number, Mark>> {
    const log = this.#log(jobId);
    await log.read();
    const marks = new Map<number, Mark>();
    for (const { at: marked_at, marks: markings } of log.records)
      for (const { rows, verdict, ...how } of markings)
        for (const row of rows) {
          if (verdict === 'clear') marks.delete(row);
          else marks.set(row, { verdict, ...how, marked_at });
        }
    return marks;
  }

  /** Why not all marks on a job can be read, in words, or null. Never rejects. */
  async damageOf(jobId: string): Promise<string | null> {
    const log = this.#log(jobId);
    const isRead = await log.read().then(
      () => true,
      () => false,
    );
    if (!isRead) return 'they could not be read';
    const damaged = log.damagedLines.length + Number(log.isEmpty);
    return damaged === 0 ? null : `${damaged} of their records are damaged`;
  }

  /** Differs when the marks on the job do; null where there are none. Never rejects. */
  async version(jobId: string): Promise<string | null> {
    const path = join(this.#options.directory, fileName(jobId));
    const found = await lstat(path).catch(() => null);
    return found?.isFile() ? `${found.ino}-${found.size}-${found.mtimeMs}` : null;
  }

  /** Adds marks, all or none; they are on the disk when it resolves. @throws {FileUnusable} */
  async add(jobId: string, marks: readonly Marking[]): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    await this.#log(jobId).append([{ at, marks }], true);
  }

  /** Deletes the marks on jobs from this machine, and tells how many bytes that freed. */
  async forget(jobIds: readonly string[] | 'all'): Promise<number> {
    this.#logs.clear();
    const names = { start: START, ending: /\.jsonl$/ };
    return (await forgetFiles(this.#options.directory, names, jobIds)).bytes;
  }

  #log(jobId: string) {
    const name = fileName(jobId);
    const log =
      this.#logs.get(name) ?? new AppendLog({ ...this.#options, fileName: name, schema: marksRecord });
    this.#logs.set(name, log);
    return log;
  }
}

/** Ids of the jobs that have marks in a folder; none where it does not exist or can't be read. */
export async function markedJobs(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => name.startsWith(START) && name.endsWith(ENDING))
    .map((name) => name.slice(START.length, -ENDING.length));
}

function fileName(jobId: string): string {
  return `${START}${jobId.toLowerCase()}${ENDING}`;
}
