import { type ErrorCode, type FailureFacts, OpenFunnelError } from '../lib/errors.ts';
import { cleanRecord } from '../lib/text.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import type { Reading } from '../reading/pages.ts';
import { describeProgress, type JobState } from '../reading/state.ts';
import type { LedgerJob } from '../spending/ledger.ts';
import type { About, ListAtHand, SqlValue, Statement, ToldAbout } from '../sql/messages.ts';
import type { Question } from '../sql/thread.ts';

/** Whoever asks, and can go away meanwhile. */
export interface Call {
  signal: AbortSignal;
}

/** How rows are asked for: their texts whole up to 4,000 characters, and 10,000 rows, unless more are asked for. */
export type RowsCall = Pick<Question, 'signal' | 'ranks'> & Partial<Omit<Statement, 'sql'>>;

/** A job that has ended, read whole, or as far as it could be read (`about.whole`). */
export interface CollectedList {
  about: About;
  state: JobState;
  /** Where its rows are, for questions. */
  at: ListAtHand;
  /** What this reading of it brought to light; null where it was kept before. */
  reading: Reading | null;
  /** What the reader has to know of it, told each time. */
  notices: string[];
  /** The rows of one statement about it. @throws {QueryError} when there is no answer. */
  rows(sql: string, call: RowsCall): Promise<SqlValue[][]>;
}

/** A job whose companies can't be had for good, now or ever; carries where it stands. */
export class NotFinalError extends OpenFunnelError {
  readonly state: JobState;

  /** @param why Where it has ended. */
  constructor(
    state: JobState,
    why = `Job ${state.job_id} is not final yet (${describeProgress(state, null)}), so its companies can still change: wait for it with wait_and_collect.`,
    { code = 'conflict', ...facts }: FailureFacts & { code?: ErrorCode } = {},
  ) {
    super(code, why, { retryable: state.status !== 'failed', ...facts });
    this.state = state;
  }
}

/** What is kept of one text of a manifest. Characters. */
const MAX_TEXT = 32_000;

/** What a list says of itself. @param noted What the ledger has of its job. @param now Milliseconds since the epoch. */
export function aboutOf(
  jobId: string,
  first: JobPage,
  reading: Reading,
  noted: LedgerJob | undefined,
  now: number,
): ToldAbout {
  const { status, processed, progress_message, error_message } = first;
  const manifest = first.manifest === null ? null : cleanRecord(first.manifest, MAX_TEXT);
  return {
    job_id: jobId,
    submitted_at: noted?.submitted_at ?? null,
    label: noted?.label ?? null,
    request: noted?.request ? cleanRecord({ ...noted.request }, MAX_TEXT) : null,
    status,
    manifest,
    processed,
    progress_message,
    error_message,
    companies: reading.rows,
    whole: reading.whole,
    why: reading.why,
    doubts: reading.notices,
    kept_at: new Date(now).toISOString(),
    pages: reading.pages,
  };
}
