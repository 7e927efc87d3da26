import * as z from 'zod';
import { oneLine, quoted } from '../lib/text.ts';
import { checkSeeds } from '../lists/lookup.ts';
import { isKnownStatus, type SubmitBody } from '../openfunnel/wire.ts';
import { answer, part } from '../results/answer.ts';
import type { ToolResult } from '../results/result.ts';
import { nextStepField, untrusted } from '../results/schema.ts';
import type { Sight } from '../spending/same-search.ts';
import { PreparedSubmit, type Submitted } from '../spending/submit.ts';
import { defineTool } from './parts/define-tool.ts';
import { SUBMIT_GUARDS, SUBMIT_WORDS, submitInput, toBody } from './parts/submit-input.ts';

const NOT_RECORDED =
  'The submit went out, but the ledger could not be written, before it or after it (is the disk full?), so this job was NOT recorded: keep the job_id, nothing else has it once this server ends, and the same search would then be submitted and billed again. Ask the user to check the disk and OPENFUNNEL_STATE_DIR.';
const OTHER_KEY =
  'The job was submitted with another API key; should this key not be able to read it, the user has to set that one again, or ask for the search to be submitted again with allow_duplicate: true (billed again).';

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts a bulk lookalike search for companies like given seed domains, matching a description, or both. Use it once per search, after the user has agreed to the limit. Spends credits: 1 per delivered company, at most `limit`, with seeds and duplicates billed too. Returns a job_id for wait_and_collect and no companies. If no answer comes back, do not submit again: check list_bulk_jobs. To turn company names into domains, use lookup_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  guards: SUBMIT_GUARDS,
  guardedWords: SUBMIT_WORDS,
  view: 'never',
  input: submitInput,
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job. Every later call needs it.'),
    status: z.string().describe('pending for a new job, otherwise as last seen.'),
    requested_limit: z.number().describe('Companies requested.'),
    max_credits: z.number().describe('The most credits it can cost.'),
    already_submitted: z
      .boolean()
      .describe('The same search was submitted before: nothing was sent or billed.'),
    already_running: z.boolean().describe('The earlier job has not ended yet.'),
    request: z.record(z.string(), z.unknown()).describe('The search as it was sent.'),
    label: z.string().nullable().describe('Its name.'),
    message: z.string().nullable().describe('About the submit.'),
    next_step: nextStepField,
  }),
  async handle(args, { submits, confirmation, lookup, clock }, call) {
    const body = toBody(args);
    const label = oneLine(args.label ?? '', 100) || null;
    const request = { body, label, allowDuplicate: args.allow_duplicate };
    const prepared = await submits.prepare(request, call.signal);
    if (!(prepared instanceof PreparedSubmit)) return submitResult(body, prepared, []);
    try {
      const seeds = body.seed_domains ?? [];
      const check = { hasQuery: body.query !== undefined, allowed: args.allow_unresolved_seeds };
      const aboutSeeds = await checkSeeds(lookup, clock, seeds, { ...check, signal: call.signal });
      const ask = (question: string) => call.ask(question, () => prepared.asking());
      await confirmation.get(body.limit, args.confirm_credits, ask, call.signal);
      return submitResult(body, await prepared.send(call.signal), aboutSeeds);
    } finally {
      prepared.end();
    }
  },
});

function submitResult(body: SubmitBody, submitted: Submitted, aboutSeeds: readonly string[]): ToolResult {
  const { job_id, status, earlier, terminal, label, message: said } = submitted;
  const existing = earlier !== null;
  const message = existing ? aboutEarlier(submitted) : said;
  const done = !existing
    ? 'Submitted'
    : terminal
      ? 'ALREADY SUBMITTED and completed, nothing was submitted'
      : 'ALREADY RUNNING, nothing was submitted';
  const cost = existing
    ? 'Nothing is billed for this call.'
    : `Requested limit ${body.limit} companies; costs at most ${body.limit} credits, 1 per company delivered.`;
  const sight = earlier === null ? null : SIGHTS[earlier];
  const notices = [
    ...(submitted.recorded ? [] : [NOT_RECORDED]),
    ...(sight === null ? [] : [sight]),
    ...aboutSeeds,
  ];
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
}

/** What is known of a job that stands for the same search. */
function aboutEarlier({ terminal, other_key, submitted_at }: Submitted): string {
  const when = submitted_at === null ? 'before' : `at ${submitted_at}`;
  const by = other_key ? ' with another API key' : '';
  const state = terminal ? 'has completed' : 'has not ended yet';
  return `The same search was submitted ${when}${by} and ${state}: nothing was submitted or billed again.`;
}

/** What is to be known of where that comes from. */
const SIGHTS: Readonly<Record<Sight, string | null>> = {
  seen: null,
  kept: 'The whole list of that job is kept on this machine; OpenFunnel was not asked.',
  denied:
    'That is what this machine has seen of the job. OpenFunnel answered just now that it knows no such job, which alone proves nothing: it may not show it yet, or not any more, and it is billed all the same. Should it stay unknown, tell the user; only if they then want the search sent again, at the risk of paying twice, call with allow_duplicate: true.',
  unread: 'That is what this machine has seen of the job; OpenFunnel could not be asked about it just now.',
};
