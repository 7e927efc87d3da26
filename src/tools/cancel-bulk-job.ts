import * as z from 'zod';
import { isFinal, isTerminal, type JobState, nextStep, shownStatus, toJobState } from '../jobs/state.ts';
import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { CancelAnswer } from '../openfunnel/wire.ts';
import { renderState } from '../results/render.ts';
import { success } from '../results/result.ts';
import { jobId, jobState } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

export const cancelBulkJob = defineTool({
  name: 'cancel_bulk_job',
  title: 'Cancel a bulk job',
  description:
    'Stops a running job for good. Companies already delivered are kept, stay readable and are billed; nothing more is. Only when the user wants it: giving up a wait needs no cancel. A job that has already ended is answered with its state.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({ job_id: jobId }),
  output: jobState.extend({ message: z.string().nullable() }),
  async handle({ job_id }, { api }, { signal }) {
    let message: string | null = null;
    let accepted: CancelAnswer | null = null;
    let conflict: OpenFunnelError | null = null;
    try {
      accepted = await api.cancel(job_id);
      message = accepted.message;
    } catch (error) {
      if (!(error instanceof OpenFunnelError && error.code === 'conflict')) throw error;
      conflict = error;
    }
    const notices: string[] = [];
    const state = await api.getPage(job_id, undefined, signal).then(
      (page) => toJobState(job_id, page),
      (error: unknown) => {
        signal.throwIfAborted();
        if (!(error instanceof OpenFunnelError) || accepted === null) throw error;
        notices.push(
          `The cancel was accepted, but the job's state could not be read after it (${error.code}).`,
        );
        return acceptedState(job_id, accepted);
      },
    );
    // A cancel that was refused must not read like one that was accepted.
    if (conflict && !state.terminal) throw conflict;
    if (conflict) {
      message = `The job had already ended (${state.status}); nothing was cancelled.`;
    }
    const structured = {
      ...state,
      next_step: nextStep(state),
      message: message === null ? null : oneLine(message, 300),
    };
    const lines = [renderState(state)];
    if (structured.message !== null) lines.push(`Message: "${structured.message}"`);
    lines.push('Companies already delivered are kept and billed.', `Next: ${structured.next_step}`);
    return success(structured, lines.join('\n'), notices);
  },
});

/** What the answer to a cancel tells of the job, where nothing newer could be read. */
function acceptedState(jobId: string, answer: CancelAnswer): JobState {
  const status = shownStatus(answer.status ?? 'cancelling');
  return {
    job_id: jobId,
    status,
    terminal: isTerminal(status),
    results_final: isFinal(status),
    processed: null,
    stage: null,
    manifest: null,
    error_message: null,
  };
}
