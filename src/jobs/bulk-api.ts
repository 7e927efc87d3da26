import type { Deadline } from '../lib/deadline.ts';
import {
  type CancelAnswer,
  type CreditBalance,
  isKnownStatus,
  type JobPage,
  type SubmitAnswer,
  type SubmitBody,
} from '../openfunnel/wire.ts';
import type { Ledger } from './ledger.ts';
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

/** The same API, noting each status that it shows in the ledger. */
export function notingStatus(api: BulkApi, ledger: Ledger): BulkApi {
  return {
    submit: (body, signal, beforeSend) => api.submit(body, signal, beforeSend),
    cancel: (jobId) => api.cancel(jobId),
    getBalance: (signal) => api.getBalance(signal),
    async getPage(jobId, cursor, signal, deadline) {
      const page = await api.getPage(jobId, cursor, signal, deadline);
      // What the ledger has of a job is what was last known of it.
      if (isKnownStatus(page.status))
        await ledger.noteStatus(jobId, shownStatus(page.status), page.processed);
      return page;
    },
  };
}
