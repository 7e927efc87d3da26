import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { readBytes } from './open-file.ts';
import { forgetFiles, writeOnce } from './write-once.ts';

const START = 'view-';
const stemOf = (jobId: string) => START + jobId.toLowerCase();

/**
 * Where the user is in the table of each job, in the view's own words: one small file a job beside its marks,
 * replaced whole. Nothing depends on it: what can't be read is as if it had never been kept.
 */
export class ViewSessions {
  readonly #options: { directory: string; clock: Pick<Clock, 'now'> };

  constructor(options: { directory: string; clock: Pick<Clock, 'now'> }) {
    this.#options = options;
  }

  /** What was kept for a job, or null. Never rejects. */
  async of(jobId: string): Promise<string | null> {
    const path = join(this.#options.directory, `${stemOf(jobId)}.json`);
    return (await readBytes(path).catch(() => null))?.toString('utf8') ?? null;
  }

  /** Keeps a text for a job in place of the last one. Rejects where it could not be written. */
  async keep(jobId: string, text: string): Promise<void> {
    const stem = stemOf(jobId);
    const place = { ...this.#options, stem, fileName: () => `${stem}.json`, replace: true };
    await writeOnce(place, (append) => append(text));
  }

  /** Deletes what was kept for jobs, and tells how many bytes that freed. */
  async forget(jobIds: readonly string[] | 'all'): Promise<number> {
    const names = { start: START, ending: /\.json$/ };
    return (await forgetFiles(this.#options.directory, names, jobIds)).bytes;
  }
}
