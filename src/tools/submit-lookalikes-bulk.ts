import * as z from 'zod';
import { oneLine } from '../lib/text.ts';
import { success } from '../results/result.ts';
import { defineTool } from './define-tool.ts';
import { SUBMIT_GUARDS, submitInput, toBody } from './submit-input.ts';

const NOT_RECORDED =
  'This job was NOT recorded in the ledger, which could not be written: keep the job_id, nothing else has it once this server ends. Ask the user to check OPENFUNNEL_STATE_DIR.';
const OTHER_KEY =
  'The job was submitted with another API key; should this key not be able to read it, the user has to set that one again, or ask for the search to be submitted again with allow_duplicate: true (billed again).';

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts a job that finds up to `limit` (10,000) companies like the seeds and/or matching the query, and returns its job_id at once. SPENDS CREDITS: 1 per company delivered, so confirm the limit with the user. Names instead of websites: lookup_companies first. Repeating it starts and bills a SECOND job: submit once, keep the job_id, then call wait_and_collect. Not for looking at a job that exists.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  guards: SUBMIT_GUARDS,
  view: 'never',
  input: submitInput,
  output: z.object({
    job_id: z.string(),
    status: z.string(),
    requested_limit: z.number(),
    max_credits: z.number(),
    already_submitted: z.boolean(),
    already_running: z.boolean(),
    request: z.record(z.string(), z.unknown()),
    label: z.string().nullable(),
    message: z.string().nullable(),
    next_step: z.string(),
  }),
  async handle(args, { jobs, lists, money }, call) {
    const body = toBody(args);
    const aboutSeeds: string[] = [];
    const submitted = await jobs.submit(
      body,
      {
        allowDuplicate: args.allow_duplicate,
        label: oneLine(args.label ?? '', 100) || null,
        confirm: async (asking) => {
          const seeds = body.seed_domains ?? [];
          const check = { hasQuery: body.query !== undefined, allowed: args.allow_unresolved_seeds };
          aboutSeeds.push(...(await lists.checkSeeds(seeds, check, call)));
          await money.confirm(body.limit, args.confirm_credits, {
            ...call,
            ask: (question) => call.ask(question, asking),
          });
        },
      },
      call,
    );
    const id = JSON.stringify(submitted.job_id);
    const structured = {
      job_id: submitted.job_id,
      status: submitted.status,
      requested_limit: body.limit,
      max_credits: body.limit,
      request: { ...body },
      already_submitted: submitted.existing,
      already_running: submitted.existing && !submitted.terminal,
      label: submitted.label,
      message: submitted.message,
      next_step: `Call wait_and_collect {"job_id": ${id}}; do not submit this search again, that would start and bill a second job.`,
    };
    const done = !submitted.existing
      ? 'Submitted'
      : submitted.terminal
        ? 'ALREADY SUBMITTED and completed, nothing was submitted'
        : 'ALREADY RUNNING, nothing was submitted';
    const lines = [
      `${done}. job_id: ${submitted.job_id} (status ${submitted.status})${submitted.label === null ? '' : `, label "${submitted.label.replaceAll('"', "'")}"`}`,
      submitted.existing
        ? 'Nothing is billed for this call.'
        : `Requested limit ${body.limit} companies; costs at most ${body.limit} credits, 1 per company delivered.`,
    ];
    lines.push(`Request: ${JSON.stringify(body)}`);
    if (submitted.message) lines.push(`Message: "${submitted.message}"`);
    const notices = submitted.recorded ? aboutSeeds : [NOT_RECORDED, ...aboutSeeds];
    if (submitted.other_key) notices.push(OTHER_KEY);
    return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), notices);
  },
});
