import * as z from 'zod';
import { nextStep } from '../jobs/state.ts';
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
  guards: { dryrun: null, preview: null, simulate: null, all: null, limit: null },
  view: 'never',
  input: z.strictObject({ job_id: jobId }),
  output: jobState.extend({ message: z.string().nullable() }),
  async handle({ job_id }, { jobs }, call) {
    const { state, message, notices } = await jobs.cancel(job_id, call);
    const structured = { ...state, next_step: nextStep(state), message };
    const lines = [renderState(state)];
    if (message !== null) lines.push(`Message: "${message}"`);
    lines.push('Companies already delivered are kept and billed.', `Next: ${structured.next_step}`);
    return success(structured, lines.join('\n'), notices);
  },
});
