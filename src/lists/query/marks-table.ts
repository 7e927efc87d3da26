import { join } from 'node:path';
import { MARKS_FOLDER, Marks } from '../../store/marks.ts';
import type { AtHand, SideTable } from './side-table.ts';

/** The judgements on companies, as the marks of this machine have them. */
export const MARKS_TABLE: SideTable = {
  name: '_marks',
  of: 'company',
  columns: [
    { name: 'verdict' },
    { name: 'reason' },
    { name: 'role' },
    { name: 'score', number: true },
    { name: 'marked_at' },
  ],
  async version(at) {
    const marks = marksOf(at);
    const versions = await Promise.all(at.jobs.map(({ job_id }) => marks.version(job_id)));
    return versions.join();
  },
  async fill(at, insert) {
    const marks = marksOf(at);
    for (const { job_id } of at.jobs) {
      // A file that can't be read tells nothing; whoever marks is told that it can't.
      const known = await marks.of(job_id).catch(() => new Map<number, never>());
      for (const [row, { verdict, reason, role, score, marked_at }] of known) {
        const id = at.idOf(job_id, row);
        if (id !== null) insert([id, verdict, reason, role, score, marked_at]);
      }
    }
  },
};

/** Reads alone: nothing here asks for the time. */
function marksOf({ stateDirectory }: AtHand): Marks {
  return new Marks({ directory: join(stateDirectory, MARKS_FOLDER), now: () => 0 });
}
