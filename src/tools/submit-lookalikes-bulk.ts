import * as z from 'zod';
import { success } from '../results/result.ts';
import { defineTool } from './define-tool.ts';
import { SUBMIT_GUARDS, submitInput, toBody } from './submit-input.ts';

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts a job that finds up to `limit` (10,000) companies like the seeds and/or matching the query, and returns its job_id at once. SPENDS CREDITS: 1 per company delivered, so confirm the limit with the user. Repeating it starts and bills a SECOND job: submit once, keep the job_id, then call wait_and_collect. Not for looking at a job that exists.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  guards: SUBMIT_GUARDS,
  input: submitInput,
  output: z.object({
    job_id: z.string(),
    status: z.string(),
    requested_limit: z.number(),
    max_credits: z.number(),
    already_running: z.boolean(),
    request: z.record(z.string(), z.unknown()),
    message: z.string().nullable(),
    next_step: z.string(),
  }),
  async handle(args, { jobs, money }, call) {
    const body = toBody(args);
    const submitted = await jobs.submit(
      body,
      {
        allowDuplicate: args.allow_duplicate,
        confirm: () => money.confirm(body.limit, args.confirm_credits, call),
      },
      call,
    );
    const id = JSON.stringify(submitted.job_id);
    const structured = {
      job_id: submitted.job_id,
      status: submitted.status,
      requested_limit: body.limit,
      max_credits: body.limit,
      already_running: submitted.existing,
      request: { ...body },
      message: submitted.message,
      next_step: `Call wait_and_collect {"job_id": ${id}}; do not submit this search again, that would start and bill a second job.`,
    };
    const lines = [
      `${submitted.existing ? 'ALREADY RUNNING, nothing was submitted' : 'Submitted'}. job_id: ${submitted.job_id} (status ${submitted.status})`,
      `Requested limit ${body.limit} companies; costs at most ${body.limit} credits, 1 per company delivered.`,
    ];
    lines.push(`Request: ${JSON.stringify(body)}`);
    if (submitted.message) lines.push(`Message: "${submitted.message}"`);
    const notices = submitted.recorded
      ? []
      : [
          'This job was NOT recorded in the ledger, which could not be written: keep the job_id, nothing else has it.',
        ];
    return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), notices);
  },
});
