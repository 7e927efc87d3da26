import * as z from 'zod';
import { answer, part } from '../results/answer.ts';
import { aboutProcessed, hasUpstreamText, manifestPart, statePart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import { jobId, jobState, manifest } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

export const getBulkStatus = defineTool({
  name: 'get_bulk_status',
  title: 'Get the status of a bulk job',
  description:
    'Tells where a lookalike job stands (status, companies that qualified so far and, once it has ended, the manifest with its cost), without rows: one quick look, free. To wait for the end call wait_and_collect instead of this in a loop; for companies get_bulk_page; for jobs whose id is lost list_bulk_jobs.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({ job_id: jobId }),
  output: jobState.extend({
    manifest,
    poll_after_seconds: z
      .number()
      .nullable()
      .describe('Seconds after which another look is worth it; null once the job has ended.'),
  }),
  async handle({ job_id }, { states, noted }, call) {
    const { state, pollAfterMs, delivered, notices } = await states.now(job_id, call);
    const seconds = state.terminal ? null : Math.ceil(pollAfterMs / 1000);
    const processed = aboutProcessed(state);
    return answer({
      untrusted: hasUpstreamText(state) || state.manifest !== null,
      notices: [
        ...notices,
        ...(processed === null ? [] : [processed]),
        ...(state.status === 'failed' ? [await noted.charged(job_id, call)] : []),
      ],
      parts: [
        statePart(state),
        manifestPart(state),
        part(
          { poll_after_seconds: seconds },
          ...(seconds === null ? [] : [`Poll again after ${seconds} s.`]),
        ),
      ],
      nextStep: nextStep(state, delivered),
    });
  },
});
