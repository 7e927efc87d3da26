import { join } from 'node:path';
import { KNOWN_FOLDER, KnownLists } from '../src/disk/known-lists.ts';
import { MARKS_FOLDER, Marks } from '../src/disk/marks.ts';
import { systemClock } from '../src/lib/clock.ts';
import { OpenFunnelError } from '../src/lib/errors.ts';
import { CollectedLists } from '../src/lists/collected.ts';
import { ListStore } from '../src/lists/list-store.ts';
import { type JobPage, jobPage, type Row, type SubmitBody } from '../src/openfunnel/wire.ts';
import type { LedgerJob } from '../src/spending/ledger.ts';
import type { Answer, Statement } from '../src/sql/messages.ts';
import type { Question, SqlThread } from '../src/sql/thread.ts';
import { sharedThread } from './sql-thread.ts';

/** A job that upstream has. */
export interface TestJob {
  rows: readonly Row[];
  pageSize?: number;
  /** What its pages say otherwise. */
  over?: Record<string, unknown>;
  request?: SubmitBody;
  label?: string;
}

const SUBMITTED_AT = '2026-01-02T03:04:05.000Z';
/** What the ledger has of each job beside its search. */
const NOTED: Omit<LedgerJob, 'job_id' | 'request' | 'label'> = {
  submitted_at: SUBMITTED_AT,
  noted_at: SUBMITTED_AT,
  hidden: false,
  status: 'completed',
  terminal: true,
  processed: null,
  credits: null,
  checked_at: SUBMITTED_AT,
  ended_at: SUBMITTED_AT,
  missing_since: null,
  other_key: false,
  doubtful: false,
  credits_before: null,
};

/** Everything that lists are made of, over jobs that the test plays; what is kept is in `folder`. */
export function listsOver(
  folder: string,
  jobs: Record<string, TestJob>,
  { keep = true, thread = sharedThread }: { keep?: boolean; thread?: SqlThread } = {},
) {
  const asked: string[] = [];
  const damaged: string[] = [];
  const store = new ListStore({
    directory: join(folder, 'lists'),
    keep,
    clock: systemClock,
    onDamage: (jobId, why) => damaged.push(`${jobId}: ${why}`),
  });
  const records = { marks: join(folder, MARKS_FOLDER), known: join(folder, KNOWN_FOLDER) };
  const source = {
    getPage: async (jobId: string, cursor?: string): Promise<JobPage> => {
      asked.push(`${jobId} ${cursor ?? ''}`);
      const job = jobs[jobId];
      if (!job) throw new OpenFunnelError('not_found', 'no such job');
      return pageOfJob(jobId, job, cursor);
    },
  };
  const lists = new CollectedLists({
    source,
    store,
    thread,
    records,
    clock: systemClock,
    ledger: {
      find: async (job_id) => {
        const { request = null, label = null } = jobs[job_id] ?? {};
        return { ...NOTED, job_id, request, label };
      },
    },
  });
  /** Asks the lists of these jobs, collecting those that are not kept. */
  const ask = async (
    ids: readonly string[],
    statement: Partial<Statement> & { sql: string },
    { signal = new AbortController().signal, onBatch }: Partial<Question> = {},
  ): Promise<Answer> => {
    const hand = await Promise.all(ids.map((id) => lists.get(id, { signal })));
    const [answer] = await lists.ask(hand, [{ maxRows: 100, ...statement }], { signal, onBatch });
    if (!answer) throw new Error('no answer');
    return answer;
  };
  return {
    lists,
    ask,
    store,
    source,
    asked,
    damaged,
    records,
    marks: new Marks({ directory: records.marks, clock: systemClock }),
    known: new KnownLists({ directory: records.known, clock: systemClock }),
  };
}

function pageOfJob(jobId: string, { rows, pageSize = 100, over = {} }: TestJob, cursor?: string): JobPage {
  const nameOf = (index: number) => `page_${String(index).padStart(4, '0')}`;
  const index = cursor === undefined ? 0 : Number(cursor.slice(5));
  const part = rows.slice(index * pageSize, (index + 1) * pageSize);
  const pages = Math.ceil(rows.length / pageSize);
  return jobPage.parse({
    job_id: jobId,
    status: 'completed',
    manifest: { count: rows.length, pages, page_size: pageSize, credits_consumed: rows.length },
    rows: part,
    page: nameOf(index),
    next_cursor: index + 1 < pages ? nameOf(index + 1) : null,
    count: part.length,
    processed: rows.length,
    progress_message: 'completed',
    ...over,
  });
}
