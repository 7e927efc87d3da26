import { type ExportedFile, type ExportOptions, RowExport } from '../files/row-export.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { isKnownStatus, type Row } from '../openfunnel/wire.ts';
import { Duplicates, type Merged } from './duplicates.ts';
import type { KeptPages } from './kept-pages.ts';
import type { ProgressSink } from './progress.ts';
import { type ReadCall, readJob } from './read-job.ts';
import { FileSink, progressSink } from './row-sinks.ts';
import { describeProgress, type JobState, promised, toJobState } from './state.ts';
import type { PageSource } from './wait.ts';

/** What of a row of a job, by its rank from 1, goes into a file: with further columns behind, or null for nothing. */
export type SelectRow = (jobId: string, row: Row, position: number) => Row | null;

export interface ExportJobOptions extends Omit<ExportOptions, 'fileName'> {
  source: PageSource;
  /** What keeps the rows on this machine as they are read. */
  keeping: ReadCall['keeping'];
  kept: KeptPages;
  jobId: string;
  /** Writes one row, the best-ranked, for each company. */
  dedupe: boolean;
  /** Default all rows as they are. */
  select?: SelectRow | undefined;
  /** Writes what there is of a job that is not final, or whose pages can't all be read. */
  allowPartial: boolean;
  /** The file's name, given whether what it will hold is partial. */
  fileName: (partial: boolean) => string;
  signal: AbortSignal;
  progress: ProgressSink;
}

export interface JobExport {
  state: JobState;
  file: ExportedFile;
  /** How many rows fell to others of the same company; null where all were to be written. */
  merged: Merged | null;
  /** Why the file does not hold the whole result, or null. */
  partial: string | null;
  /** What else the reader has to know of what was read. */
  notices: string[];
  /** What is said of the reading quotes upstream. */
  quotesUpstream: boolean;
  /** Fields that were asked for and that no row has. */
  unknownFields: string[];
}

/** A job that can't be exported yet; carries how far it is. */
export class NotFinalError extends OpenFunnelError {
  readonly state: JobState;

  constructor(state: JobState) {
    super(
      'conflict',
      state.terminal
        ? 'The job failed, so nothing was written. allow_partial: true writes what it delivered before.'
        : `The job is not final (${describeProgress(state, null)}), so nothing was written. Wait for it with wait_and_collect and export then; allow_partial: true writes the provisional rows there are.`,
      { retryable: !state.terminal, quotesUpstream: !isKnownStatus(state.status) },
    );
    this.state = state;
  }
}

export const CANCELLED = 'the job was cancelled; these are all the companies it delivered';

/** What an export fails with where each page could be read, and all of them do not make up the job. */
const CONTRADICTION = new OpenFunnelError('upstream_invalid_response', '', { retryable: true });

/**
 * Streams a job's rows to a file, page by page (contract: the rule, and "Treat such rows as provisional").
 *
 * @throws {NotFinalError} for a job that is not final, unless `allowPartial`.
 * @throws {OpenFunnelError} when a page can't be read or the file not be written; no file is left then.
 */
export async function exportJob(options: ExportJobOptions): Promise<JobExport> {
  const { source, kept, keeping, jobId, allowPartial, fileName, signal, progress } = options;
  const first = await source.getPage(jobId, undefined, signal);
  const state = toJobState(jobId, first);
  if (!state.results_final && !allowPartial) throw new NotFinalError(state);

  // Named before anything is written, so that a bad name costs nothing.
  const wholeName = fileName(false);
  const partialName = fileName(true);
  const total = promised(state, 'count');
  // What a cancelled job delivered is final, and still not what was asked for.
  const cancelled = state.status === 'cancelled';
  const name = state.results_final && !cancelled ? wholeName : partialName;
  const rows = await RowExport.begin({ ...options, fileName: name });
  const duplicates = options.dedupe ? new Duplicates() : null;
  const { select } = options;
  const file = new FileSink(rows, allowPartial ? partialName : null, (row, position) => {
    const chosen = select ? select(jobId, row, position) : row;
    if (chosen === null || duplicates === null) return chosen;
    return duplicates.add(row, 0, position) ? chosen : null;
  });
  progress.reading(0, total, 'exporting');
  const reported = progressSink(
    progress,
    total,
    (read) => `exporting: ${read}${total === null ? '' : ` of ${total}`} companies`,
  );
  const read = await readJob(jobId, first, [file, reported], { source, kept, keeping, signal });
  const { why, notices, quotesUpstream, failure } = read;
  if (file.file === null) {
    const { code, httpStatus, retryAfterSeconds, retryable } = failure ?? CONTRADICTION;
    const goesOn =
      kept.count(jobId) > 0
        ? ' (it goes on where this call stopped, since the pages that were read are kept)'
        : '';
    const again = retryable ? `Try again in a little while${goesOn}; ` : '';
    throw new OpenFunnelError(
      code,
      `Not all of the job could be read (${why}), so nothing was written. ${again}allow_partial: true writes what can be read.`,
      { httpStatus, retryAfterSeconds, retryable, quotesUpstream },
    );
  }
  const partial = why ?? (cancelled ? CANCELLED : null);
  const merged = duplicates?.merged ?? null;
  const { unknownFields } = rows;
  return { state, file: file.file, merged, partial, notices, quotesUpstream, unknownFields };
}
