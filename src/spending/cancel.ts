import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { CancelAnswer, JobPage } from '../openfunnel/wire.ts';
import { type JobState, toJobState } from '../reading/state.ts';
import type { BulkApi } from './bulk-api.ts';

/** What became of asking upstream to stop a job. */
export interface Cancelled {
  state: JobState;
  /** Upstream's word on it, or ours where the job had ended before; cleaned. */
  message: string | null;
  notices: string[];
}

/**
 * Asks upstream to stop a job, and waits for what it is like after that (contract: "cancel").
 *
 * @param wait Waits a while for the job's end, and gives its first page as of then.
 *
 * @throws {OpenFunnelError} where the cancel was not accepted, but for a job that had already ended.
 */
export async function cancelJob(
  api: BulkApi,
  jobId: string,
  wait: () => Promise<JobPage>,
  signal: AbortSignal,
): Promise<Cancelled> {
  let accepted: CancelAnswer | null = null;
  let conflict: OpenFunnelError | null = null;
  try {
    accepted = await api.cancel(jobId);
  } catch (error) {
    if (!(error instanceof OpenFunnelError && error.code === 'conflict')) throw error;
    conflict = error;
  }
  const notices: string[] = [];
  const state = await (conflict ? api.getPage(jobId, undefined, signal) : wait()).then(
    (page) => toJobState(jobId, page),
    (error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError) || accepted === null) throw error;
      notices.push(
        `The cancel was accepted, but the job's state could not be read after it (${error.code}).`,
      );
      return acceptedState(jobId, accepted);
    },
  );
  // A cancel that was refused must not read like one that was accepted.
  if (conflict && !state.terminal) throw conflict;
  const message = conflict
    ? `The job had already ended (${state.status}); nothing was cancelled.`
    : (accepted?.message ?? null);
  return { state, message: message === null ? null : oneLine(message, 300), notices };
}

/** What the answer to a cancel tells of the job, where nothing newer could be read. */
function acceptedState(jobId: string, answer: CancelAnswer): JobState {
  const status = answer.status ?? 'cancelling';
  const unknown = { processed: null, progress_message: null, manifest: null, error_message: null };
  return toJobState(jobId, { status, ...unknown });
}
