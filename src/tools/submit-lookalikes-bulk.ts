import * as z from 'zod';
import { oneLine, quoted } from '../lib/text.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { answer, part } from '../results/answer.ts';
import { nextStep, untrusted } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';
import { SUBMIT_GUARDS, SUBMIT_WORDS, submitInput, toBody } from './submit-input.ts';

const NOT_RECORDED =
  'This job was NOT recorded in the ledger, which could not be written: keep the job_id, nothing else has it once this server ends. Ask the user to check OPENFUNNEL_STATE_DIR.';
const OTHER_KEY =
  'The job was submitted with another API key; should this key not be able to read it, the user has to set that one again, or ask for the search to be submitted again with allow_duplicate: true (billed again).';

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts an asynchronous job that finds up to `limit` companies: lookalikes of the seeds, companies matching the query, or with both, lookalikes that match it. Returns its job_id at once, no companies. SPENDS CREDITS, 1 per company delivered, also for seeds, duplicates and companies on imported lists: agree on limit with the user first. Submit once, keep the job_id, then call wait_and_collect. An identical search (limit included) within 24 h is answered with its earlier job while that runs or has completed; any other is a new job, billed in full. After error submit_outcome_unknown, or no answer at all, do not submit again, not even changed: look at list_bulk_jobs and tell the user. To turn names into seed_domains use lookup_companies, to filter what a job has found query_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  guards: SUBMIT_GUARDS,
  guardedWords: SUBMIT_WORDS,
  view: 'never',
  input: submitInput,
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job: keep it, its status, rows and files are asked for by it.'),
    status: z
      .string()
      .describe('pending for a new job, else as last seen; wait_and_collect tells how it goes on.'),
    requested_limit: z.number().describe('Companies asked for.'),
    max_credits: z.number().describe('The most credits it can cost.'),
    already_submitted: z
      .boolean()
      .describe('The same search had been submitted: nothing was sent or billed.'),
    already_running: z.boolean().describe('With already_submitted: that earlier job has not ended yet.'),
    request: z
      .record(z.string(), z.unknown())
      .describe('The search as it was sent: query, seeds, filters, limit.'),
    label: z.string().nullable().describe("The user's name for it."),
    message: z.string().nullable().describe("OpenFunnel's or our word on the submit."),
    next_step: nextStep,
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
    const { job_id, status, existing, terminal, label, message } = submitted;
    const done = !existing
      ? 'Submitted'
      : terminal
        ? 'ALREADY SUBMITTED and completed, nothing was submitted'
        : 'ALREADY RUNNING, nothing was submitted';
    const cost = existing
      ? 'Nothing is billed for this call.'
      : `Requested limit ${body.limit} companies; costs at most ${body.limit} credits, 1 per company delivered.`;
    const notices = submitted.recorded ? aboutSeeds : [NOT_RECORDED, ...aboutSeeds];
    if (submitted.other_key) notices.push(OTHER_KEY);
    return answer({
      untrusted: (message !== null && !existing) || aboutSeeds.length > 0,
      notices,
      parts: [
        part(
          { job_id, status, label },
          `${done}. job_id: ${job_id} (status ${isKnownStatus(status) ? status : quoted(status)})${label === null ? '' : `, label ${quoted(label)}`}`,
        ),
        part(
          {
            requested_limit: body.limit,
            max_credits: body.limit,
            already_submitted: existing,
            already_running: existing && !terminal,
          },
          cost,
        ),
        part({ request: { ...body } }, `Request: ${JSON.stringify(body)}`),
        part({ message }, ...(message === null ? [] : [`Message: ${quoted(message)}`])),
      ],
      nextStep: `Call wait_and_collect {"job_id": ${JSON.stringify(job_id)}}; do not submit this search again, that would start and bill a second job.`,
    });
  },
});
