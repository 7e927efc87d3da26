import { type ExportedFile, type ExportOptions, RowExport } from '../files/row-export.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { isKnownStatus, type JobPage, type Row } from '../openfunnel/wire.ts';
import { Duplicates, type Merged } from './duplicates.ts';
import { CANCELLED, NotFinalError, type SelectRow } from './export-job.ts';
import type { ProgressSink } from './progress.ts';
import { type ReadCall, type ReadJob, type RowSink, readJob } from './read-job.ts';
import { type JobState, promised, toJobState } from './state.ts';

export interface ExportJobsOptions extends Omit<ExportOptions, 'fileName'>, Omit<ReadCall, 'deadline'> {
  jobIds: readonly string[];
  /** Writes one row, the best-ranked, for each company. */
  dedupe: boolean;
  /** Default all rows as they are. */
  select?: SelectRow | undefined;
  /** Writes what there is of jobs that are not final, or whose pages can't all be read. */
  allowPartial: boolean;
  /** The file's name, given whether what it will hold is partial. */
  fileName: (partial: boolean) => string;
  progress: ProgressSink;
}

export interface JobsExport {
  jobs: Array<{ job_id: string; status: string; companies: number }>;
  file: ExportedFile;
  merged: Merged | null;
  /** Why the file does not hold the whole results, or null. */
  partial: string | null;
  notices: string[];
  /** What is said of the reading quotes upstream. */
  quotesUpstream: boolean;
  /** Fields that were asked for and that no row has. */
  unknownFields: string[];
}

interface Opened {
  jobId: string;
  first: JobPage;
  state: JobState;
}

/**
 * Streams the rows of several jobs to one file, with the job's id before each row.
 *
 * @throws {NotFinalError} for a job that is not final, unless `allowPartial`.
 * @throws {OpenFunnelError} when a page can't be read or the file not be written; no file is left then.
 */
export async function exportJobs(options: ExportJobsOptions): Promise<JobsExport> {
  const { source, jobIds, allowPartial, dedupe, fileName, signal, progress, fields, select } = options;
  const opened: Opened[] = [];
  for (const jobId of jobIds) {
    const first = await source.getPage(jobId, undefined, signal);
    const state = toJobState(jobId, first);
    if (!state.results_final && !allowPartial) throw new NotFinalError(state);
    opened.push({ jobId, first, state });
  }
  // Named before anything is read, so that a bad name costs nothing.
  const names = { whole: fileName(false), partial: fileName(true) };
  const total = opened.reduce((sum, { state }) => sum + (promised(state, 'count') ?? 0), 0) || null;
  const duplicates = dedupe ? await findDuplicates(opened, options) : null;
  const rows = await RowExport.begin({
    ...options,
    fileName: names.whole,
    fields: fields && ['job_id', ...fields.filter((field) => field !== 'job_id')],
  });
  const done: JobsExport = {
    jobs: [],
    file: { path: '', format: options.format, rows: 0, bytes: 0, columns: [] },
    merged: duplicates?.merged ?? null,
    partial: null,
    notices: [],
    quotesUpstream: false,
    unknownFields: [],
  };
  let read = 0;
  try {
    for (const [number, { jobId, first, state }] of opened.entries()) {
      const standing = duplicates?.standing(number);
      const sink: RowSink = {
        async take(taken, { firstRow }) {
          for (const [at, row] of taken.entries()) {
            if (standing !== undefined && !standing.has(firstRow + at)) continue;
            const chosen = select ? select(jobId, row, firstRow + at) : row;
            if (chosen !== null) rows.add({ ...ofJob(jobId), ...chosen, ...ofJob(jobId) });
          }
          await rows.drain();
          read += taken.length;
          progress.reading(
            read,
            total,
            `exporting: ${read}${total === null ? '' : ` of ${total}`} companies`,
          );
        },
      };
      const result = await readJob(jobId, first, [sink], options);
      if (!result.whole && !allowPartial) throw notWhole(jobId, result);
      done.quotesUpstream ||= result.quotesUpstream || !isKnownStatus(state.status);
      done.jobs.push({ job_id: jobId, status: state.status, companies: result.rows });
      done.notices.push(...result.notices.map((notice) => `${jobId}: ${notice}`));
      const why = result.why ?? (state.status === 'cancelled' ? CANCELLED : null);
      if (why !== null) done.partial ??= `${jobId}: ${why}`;
    }
    if (done.partial !== null) rows.rename(names.partial);
    done.file = await rows.finish();
    done.unknownFields = rows.unknownFields;
    return done;
  } finally {
    await rows.abandon();
  }
}

/** Reads all jobs once, to know which rows stand for their companies. */
async function findDuplicates(opened: readonly Opened[], options: ExportJobsOptions): Promise<Duplicates> {
  const duplicates = new Duplicates();
  for (const [number, { jobId, first }] of opened.entries()) {
    const sink: RowSink = {
      take(taken, { firstRow }) {
        for (const [at, row] of taken.entries()) {
          const chosen = options.select ? options.select(jobId, row, firstRow + at) : row;
          if (chosen !== null) duplicates.add(row, number, firstRow + at);
        }
      },
    };
    const read = await readJob(jobId, first, [sink], options);
    if (!read.whole && !options.allowPartial) throw notWhole(jobId, read);
  }
  return duplicates;
}

/** The job's id comes first, and is ours whatever the row says. */
function ofJob(jobId: string): Row {
  return { job_id: jobId };
}

function notWhole(jobId: string, { why, failure, quotesUpstream }: ReadJob): OpenFunnelError {
  return new OpenFunnelError(
    failure?.code ?? 'upstream_invalid_response',
    `Not all of ${jobId} could be read (${why}), so nothing was written. Try again in a little while; allow_partial: true writes what can be read.`,
    { httpStatus: failure?.httpStatus ?? null, retryable: failure?.retryable ?? true, quotesUpstream },
  );
}
