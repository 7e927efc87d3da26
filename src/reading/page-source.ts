import type { Deadline } from '../lib/deadline.ts';
import type { JobPage } from '../openfunnel/wire.ts';

/** Reads a job's state and one page; the first without a cursor. Callers at the same time share a request. */
export interface PageSource {
  getPage(jobId: string, cursor?: string, signal?: AbortSignal, deadline?: Deadline): Promise<JobPage>;
}
