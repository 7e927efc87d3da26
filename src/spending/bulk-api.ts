import { OpenFunnelError } from '../lib/errors.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import { type JobPage, jobPage } from '../openfunnel/wire.ts';
import { statusWord } from '../reading/job-words.ts';
import type { Ledger, LedgerJob } from './ledger.ts';
import { isGone, SAME_FOR_MS } from './same-search.ts';

/** The upstream API as the reading of jobs uses it. */
export type BulkApi = Pick<OpenFunnelClient, 'getPage' | 'cancel'>;

interface StatusParts {
  ledger: Ledger;
  now: () => number;
  /** Where a damaged copy of a job's list is that was set aside; null where there is none. */
  asideOf: (jobId: string) => Promise<string | null>;
}

/** A job that is not found is taken to be as it was last seen for so long. Milliseconds. */
const LAST_SEEN_FOR_MS = 60 * 60 * 1000;
/** Upstream may not know a job yet so shortly after it took it. Milliseconds. */
const JUST_SUBMITTED_MS = 10 * 60 * 1000;

/**
 * The same API, noting in the ledger what it shows of each job. One that is not found is as it was last seen, until
 * that was repeated over some minutes: it may only not be visible yet, and nobody is to take it for lost, and pay
 * again.
 */
export function notingStatus(api: BulkApi, { ledger, now, asideOf }: StatusParts): BulkApi {
  return {
    cancel: (jobId) =>
      api.cancel(jobId).catch(async (error: unknown) => {
        const job = isNotFound(error) ? await ledger.find(jobId) : undefined;
        if (!job || !mayRun(job, now(), 2 * SAME_FOR_MS)) throw error;
        throw notFound(
          `The job was NOT cancelled: OpenFunnel does not find it. It was submitted from this machine at ${job.submitted_at} and last seen ${statusWord(job.status)} at ${job.checked_at}, and may only not be visible yet: it may start, or run on, and be billed all the same. Call cancel_bulk_job again in some seconds, and look with get_bulk_status; if OpenFunnel keeps answering so, tell the user to cancel it in the OpenFunnel dashboard.`,
          5,
        );
      }),
    async getPage(jobId, cursor, signal, deadline) {
      let page: JobPage;
      try {
        page = await api.getPage(jobId, cursor, signal, deadline);
      } catch (error) {
        if (!isNotFound(error) || cursor !== undefined) throw error;
        const copy = await asideOf(jobId);
        if (copy !== null)
          error.message += ` A damaged copy of its list was set aside on this machine: ${copy}. A SQLite tool may still read some of it.`;
        const job = await ledger.noteMissing(jobId);
        if (!job || !mayRun(job, now(), LAST_SEEN_FOR_MS)) throw error;
        const { status, processed, submitted_at } = job;
        const isNew = processed === null && now() - Date.parse(submitted_at ?? '') < JUST_SUBMITTED_MS;
        if (isGone(job, now()) && !isNew)
          throw notFound(
            `OpenFunnel has answered for some minutes that it knows no such job, but this machine submitted it, and saw it ${statusWord(status)} at ${job.checked_at}: it may run and be billed all the same. Look again later with get_bulk_status, do not submit the search again, and tell the user if it stays.`,
          );
        const progress_message = isNew
          ? 'just submitted, not visible at OpenFunnel yet'
          : 'as last seen: OpenFunnel does not find the job now';
        return jobPage.parse({ job_id: jobId, status, processed, progress_message });
      }
      // Of several pages the first says where the job stands.
      if (cursor === undefined) await ledger.noteStatus(jobId, page);
      return page;
    },
  };
}

function isNotFound(error: unknown): error is OpenFunnelError {
  return error instanceof OpenFunnelError && error.code === 'not_found';
}

/** Whether it is one of this key's that had not ended when it was last seen, within that time. */
function mayRun(job: LedgerJob, now: number, withinMs: number): boolean {
  if (job.submitted_at === null || job.other_key || job.doubtful || job.terminal) return false;
  return now - Date.parse(job.checked_at) < withinMs;
}

function notFound(message: string, retryAfterSeconds: number | null = null): OpenFunnelError {
  return new OpenFunnelError('not_found', message, { httpStatus: 404, retryable: true, retryAfterSeconds });
}
