import * as z from 'zod';
import { jobId } from '../../results/schema.ts';
import type { CancelAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';

/** `cancel_bulk_job` for the view, which asks the user by itself. */
export const viewCancel = defineTool({
  name: 'view_cancel',
  title: 'Cancel the job (for the table)',
  description: 'Stops a running job for good, after the table has asked the user. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  view: 'only',
  input: z.strictObject({ job_id: jobId }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    status: z.string().describe('Its status now.'),
    message: z.string().nullable().describe('What OpenFunnel said.'),
  }),
  async handle({ job_id }, { cancel }, call) {
    const { state, message, notices } = await cancel(job_id, call);
    return viewResult<CancelAnswer>({ job_id, status: state.status, message }, notices);
  },
});
