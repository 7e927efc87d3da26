import * as z from 'zod';
import { quoted } from '../lib/text.ts';
import { promised } from '../reading/state.ts';
import { answer, part } from '../results/answer.ts';
import { hasUpstreamText, statePart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import { jobId, jobState } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

export const cancelBulkJob = defineTool({
  name: 'cancel_bulk_job',
  title: 'Cancel a bulk job',
  description:
    'Cancels a pending or running lookalike job for good. Use it only when the user wants to stop spending credits. The companies delivered so far are billed and stay readable, and nothing more is billed. A cancelled job cannot be resumed, and the same search again is a new, billed job. Waits up to 15 seconds for the final status. To stop only the waiting, do not call wait_and_collect again.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  guards: { all: null, limit: null },
  view: 'never',
  input: z.strictObject({ job_id: jobId }),
  output: jobState.extend({
    message: z.string().optional().describe('Answer of OpenFunnel.'),
    companies: z.number().nullable().describe('Companies delivered; null until the job has ended.'),
    credits: z.number().nullable().describe('Credits billed; null until known.'),
  }),
  async handle({ job_id }, { cancel }, call) {
    const { state, message, notices } = await cancel(job_id, call);
    const companies = state.terminal ? promised(state, 'count') : null;
    const credits = state.terminal ? promised(state, 'credits_consumed') : null;
    const delivered =
      companies === null
        ? 'Companies already delivered are kept and billed; how many is known once the job has ended.'
        : `Delivered: ${companies} companies${credits === null ? '' : `, for ${credits} credits`}; they are kept, and nothing more is billed.`;
    const id = JSON.stringify(job_id);
    return answer({
      untrusted: message !== null || hasUpstreamText(state),
      notices,
      parts: [
        statePart(state),
        part({ message }, ...(message === null ? [] : [`Message: ${quoted(message)}`])),
        part({ companies, credits }, delivered),
      ],
      nextStep: state.terminal
        ? nextStep(state)
        : `The cancel is under way: call get_bulk_status {"job_id": ${id}} in a few seconds for the final state.`,
    });
  },
});
