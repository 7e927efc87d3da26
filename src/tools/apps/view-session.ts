import * as z from 'zod';
import { jobId } from '../../results/schema.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';

export const viewSession = defineTool({
  name: 'view_session',
  title: 'Keep the place in the table (for the table)',
  description:
    'Keeps where the user is in the table of a job, so that a new frame begins there. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  view: 'only',
  input: z.strictObject({ job_id: jobId, session: z.string().max(60_000) }),
  output: z.object({ job_id: z.string().describe('The job.') }),
  async handle({ job_id, session }, { sessions }) {
    await sessions.keep(job_id, session);
    return viewResult({ job_id });
  },
});
