import * as z from 'zod';
import { nextStep } from '../jobs/state.ts';
import { renderState } from '../results/render.ts';
import { success } from '../results/result.ts';
import { jobId, jobState } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

export const getBulkStatus = defineTool({
  name: 'get_bulk_status',
  title: 'Get the status of a bulk job',
  description:
    'Tells where a job stands, without rows. For a quick look; to wait for the end use wait_and_collect instead of calling this in a loop, and for rows get_bulk_page. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({ job_id: jobId }),
  output: jobState.extend({ poll_after_seconds: z.number().nullable() }),
  async handle({ job_id }, { jobs }, call) {
    const { state, pollAfterMs, notices } = await jobs.state(job_id, call);
    const structured = {
      ...state,
      next_step: nextStep(state),
      poll_after_seconds: state.terminal ? null : Math.ceil(pollAfterMs / 1000),
    };
    const lines = [renderState(state)];
    if (structured.poll_after_seconds !== null)
      lines.push(`Poll again after ${structured.poll_after_seconds} s.`);
    return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), notices);
  },
});
