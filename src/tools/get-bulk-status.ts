import * as z from 'zod';
import { jobFacts, pollDelayMs } from '../reading/polling.ts';
import { part } from '../results/answer.ts';
import { aboutProcessed, manifestPart, statePart } from '../results/job-parts.ts';
import { nextStep } from '../results/next-step.ts';
import * as field from '../results/schema.ts';
import { chargedFor } from '../spending/balances.ts';
import { defineTool, READS_ONLY } from './parts/define-tool.ts';

export const getBulkStatus = defineTool({
  name: 'get_bulk_status',
  title: 'Get the status of a bulk job',
  description:
    'Checks the status and progress of a lookalike job: pending, running, completed, failed or cancelled. Use it for one quick look, without rows. Shows how many companies have qualified, and the cost in credits once the job has ended. Free and changes nothing. To wait for the end, use wait_and_collect instead of repeating this call. To find a lost job_id, use list_bulk_jobs.',
  annotations: READS_ONLY,
  input: z.strictObject({ job_id: field.jobId }),
  output: field.jobState.extend({
    manifest: field.manifest,
    poll_after_seconds: field.number('Seconds to wait before another look at a running job.').optional(),
  }),
  async handle({ job_id }, services, call) {
    const { states, ledger, clock } = services;
    const { state, delivered, notices } = await states.now(job_id, call);
    const pollAfterMs = pollDelayMs({ ...(await jobFacts(ledger, clock, job_id)), state });
    const seconds = state.terminal ? undefined : Math.ceil(pollAfterMs / 1000);
    const charged = state.status === 'failed' && (await chargedFor(services, job_id, call.signal));
    return {
      notices: [...notices, aboutProcessed(state), charged],
      parts: [
        statePart(state),
        manifestPart(state),
        part({ poll_after_seconds: seconds }, seconds !== undefined && `Poll again after ${seconds} s.`),
      ],
      nextStep: nextStep(state, delivered),
    };
  },
});
