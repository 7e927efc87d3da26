import type { Deadline } from '../lib/deadline.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import {
  type CancelAnswer,
  type CreditBalance,
  isKnownStatus,
  type JobPage,
  jobPage,
  type SubmitAnswer,
  type SubmitBody,
} from '../openfunnel/wire.ts';
import type { Ledger, LedgerJob } from './ledger.ts';
import { shownStatus } from './state.ts';

/** The upstream API as the domain and the tools use it. */
export interface BulkApi {
  /**
   * `signal` is heeded only as long as nothing is sent. `beforeSend` runs right before that, when nothing else
   * is waited for; where it throws, nothing is sent.
   */
  submit(body: SubmitBody, signal?: AbortSignal, beforeSend?: () => Promise<void>): Promise<SubmitAnswer>;
  /** `deadline` bounds the whole time, queueing and retries included; there is one in any case. */
  getPage(jobId: string, cursor?: string, signal?: AbortSignal, deadline?: Deadline): Promise<JobPage>;
  cancel(jobId: string): Promise<CancelAnswer>;
  getBalance(signal?: AbortSignal): Promise<CreditBalance>;
}

/** Upstream may not know a job yet so shortly after it took it. Milliseconds. */
export const JUST_SUBMITTED_MS = 10 * 60 * 1000;

/**
 * The same API, noting each status that it shows in the ledger, and handing each page to `onPage`. A job that was submitted from here a moment ago
 * and that upstream does not know yet is as it was when it was taken: nobody is to take it for lost, and pay again.
 */
export function notingStatus(
  api: BulkApi,
  ledger: Ledger,
  now: () => number,
  onPage: (jobId: string, page: JobPage) => void = () => {},
): BulkApi {
  return {
    submit: (body, signal, beforeSend) => api.submit(body, signal, beforeSend),
    cancel: (jobId) => api.cancel(jobId),
    getBalance: (signal) => api.getBalance(signal),
    async getPage(jobId, cursor, signal, deadline) {
      let page: JobPage;
      try {
        page = await api.getPage(jobId, cursor, signal, deadline);
      } catch (error) {
        if (!(error instanceof OpenFunnelError && error.code === 'not_found') || cursor !== undefined)
          throw error;
        const job = await ledger.find(jobId);
        if (!job || !isJustSubmitted(job, now())) throw error;
        return jobPage.parse({ job_id: jobId, status: job.status, progress_message: NOT_VISIBLE });
      }
      onPage(jobId, page);
      // What the ledger has of a job is what was last known of it; a job that it does not have is noted in any case.
      const noted = isKnownStatus(page.status) ? undefined : await ledger.find(jobId).catch(() => undefined);
      if (!noted || !isKnownStatus(noted.status))
        await ledger.noteStatus(jobId, shownStatus(page.status), page.processed);
      return page;
    },
  };
}

const NOT_VISIBLE = 'just submitted, not visible at OpenFunnel yet';

/** Whether it is one of this key's that nobody has seen yet. */
function isJustSubmitted(job: LedgerJob, now: number): boolean {
  if (job.submitted_at === null || job.other_key || job.doubtful || job.terminal) return false;
  return Math.abs(now - Date.parse(job.submitted_at)) < JUST_SUBMITTED_MS;
}
