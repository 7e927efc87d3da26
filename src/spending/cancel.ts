import { OpenFunnelError, orFailure } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import { type JobState, toJobState } from '../reading/state.ts';
import type { BulkApi } from './bulk-api.ts';

export interface Cancelled {
  state: JobState;
  /** Upstream's word on it, or ours where the job had ended before; cleaned. */
  message: string | null;
  notices: string[];
}

/**
 * Asks upstream to stop a job, and gives what it is like after `wait` (contract: "cancel").
 * @throws {OpenFunnelError} where the cancel was not accepted, but for a job that had already ended.
 */
export async function cancelJob(
  api: BulkApi,
  jobId: string,
  wait: () => Promise<JobPage>,
  signal: AbortSignal,
): Promise<Cancelled> {
  const asked = await orFailure(api.cancel(jobId), signal);
  if (asked instanceof OpenFunnelError) {
    if (asked.code !== 'conflict') throw asked;
    const state = toJobState(jobId, await api.getPage(jobId, undefined, signal));
    // A cancel that was refused must not read like one that was accepted.
    if (!state.terminal) throw asked;
    const message = `The job had already ended (${state.status}); nothing was cancelled.`;
    return { state, message, notices: [] };
  }
  const { message, status } = asked;
  const page = await orFailure(wait(), signal);
  if (!(page instanceof OpenFunnelError)) return { state: toJobState(jobId, page), message, notices: [] };
  const unknown = { processed: null, progress_message: null, manifest: null, error_message: null };
  const state = toJobState(jobId, { status: status ?? 'cancelling', ...unknown });
  const notice = `The cancel was accepted, but the job's state could not be read after it (${page.code}).`;
  return { state, message, notices: [notice] };
}
