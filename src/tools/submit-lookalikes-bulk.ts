import * as z from 'zod';
import { counted, oneLine, quoted } from '../lib/text.ts';
import { adviceOn } from '../lists/advice.ts';
import { checkSeeds } from '../lists/lookup.ts';
import { isKnownStatus, type SubmitBody } from '../openfunnel/wire.ts';
import { part, type Said, type ToolAnswer } from '../results/answer.ts';
import { callOf } from '../results/next-step.ts';
import * as field from '../results/schema.ts';
import { ceilingTold } from '../spending/ceiling.ts';
import { confirmCost } from '../spending/confirm.ts';
import type { Sight } from '../spending/same-search.ts';
import type { Submitted } from '../spending/submit.ts';
import { defineTool } from './parts/define-tool.ts';
import { groupsIn, SUBMIT_GUARDS, submitInput, toBody } from './parts/submit-input.ts';

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts a bulk lookalike search for companies like given seed domains, matching a description, or both. Use it once per search, after the user has agreed to the limit. Spends credits: 1 per delivered company, at most `limit`, with seeds and duplicates billed too. Returns a job_id for wait_and_collect and no companies. If no answer comes back, do not submit again: check list_bulk_jobs. To turn company names into domains, use lookup_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  guards: SUBMIT_GUARDS,
  view: 'never',
  input: submitInput,
  output: z.object({
    job_id: field.text('The job. Every later call needs it.'),
    status: field.text('pending for a new job, otherwise as last seen.'),
    requested_limit: field.number('Companies requested.'),
    max_credits: field.number('The most credits this call can cost.'),
    already_submitted: field.bool('The same search was submitted before: nothing was sent or billed.'),
    already_running: field.bool('The earlier job has not ended yet.'),
    request: z.record(z.string(), z.unknown()).describe('The search as it was sent.'),
    label: field.text('Its name.').optional(),
    message: field.text('About the submit.').optional(),
  }),
  async handle(args, services, call) {
    const { submits } = services;
    const body = toBody(args);
    const label = oneLine(args.label ?? '', 100) || null;
    const request = { body, label, allowDuplicate: args.allow_duplicate };
    const cleared = await submits.clear(request, call.signal);
    const groups = groupsIn(args.locations);
    if ('job' in cleared) return tell(body, cleared, groups);
    const aboutSeeds = await checkSeeds(services, body, args.allow_unresolved_seeds, call.signal);
    const advised = [...groups, ...(await adviceOn(services, body, call))];
    const ask = (question: string) => submits.asking(body, () => call.ask(question));
    const cost = { limit: body.limit, confirmed: args.confirm_credits, advice: advised };
    await confirmCost(services, cost, ask, call.signal);
    const submitted = await submits.send(request, cleared, call.signal);
    const left = await ceilingTold(services);
    const told = submitted.sight ? groups : advised;
    return tell(body, submitted, [...told, ...left], aboutSeeds);
  },
});

function tell(
  body: SubmitBody,
  { job, sight, unrecorded, message }: Submitted,
  ours: readonly string[],
  aboutSeeds: readonly string[] = [],
): ToolAnswer {
  const { job_id, status, terminal, label, other_key, submitted_at } = job;
  const by = other_key ? ' with another API key' : '';
  const earlier =
    sight &&
    `ALREADY ${terminal ? 'SUBMITTED and completed' : 'RUNNING'}, so nothing was submitted. Nothing is billed for this call. The same search was submitted at ${submitted_at}${by}.`;
  const known = `status ${isKnownStatus(status) ? status : quoted(status)}`;
  return {
    notices: [
      unrecorded &&
        'The search was submitted, but the ledger could not be written, so this job was NOT recorded. Tell the user the job_id: nothing else has it once this server ends, and the same search would then be submitted and billed again. Ask the user to check the disk and OPENFUNNEL_STATE_DIR.',
      sight && SIGHTS[sight],
      ...aboutSeeds,
      ...ours,
      other_key &&
        'The job was submitted with another API key. If this key cannot read it, the user can set that key again, or ask for the search to be submitted again with allow_duplicate: true, which is billed again.',
    ],
    parts: [
      part(
        { job_id, status, label: label ?? undefined },
        `${earlier ?? 'Submitted.'} job_id: ${job_id} (${known})${label === null ? '' : `, label ${quoted(label)}`}`,
      ),
      part(
        {
          requested_limit: body.limit,
          max_credits: sight ? 0 : body.limit,
          already_submitted: sight !== undefined,
          already_running: sight !== undefined && !terminal,
        },
        !sight &&
          `Limit: ${counted(body.limit, 'company')}. Costs at most ${counted(body.limit, 'credit')}, 1 per delivered company.`,
      ),
      part({ request: { ...body } }, `Request: ${JSON.stringify(body)}`),
      part({ message: earlier ?? message ?? undefined }, message && `Message: ${quoted(message)}`),
    ],
    nextStep: `Call ${callOf('wait_and_collect', { job_id })}${
      sight
        ? `. Only if the user wants to pay for the search again, at most ${counted(body.limit, 'credit')}, call with the same arguments and allow_duplicate: true.`
        : '; do not submit this search again, which would start and bill a second job.'
    }`,
  };
}

const SIGHTS: Readonly<Record<Sight, Said>> = {
  seen: null,
  kept: 'The whole list of that job is stored on this machine. OpenFunnel was not asked.',
  denied:
    'That is what this machine last saw of the job. OpenFunnel now answers that it has no such job, which proves nothing: it may not show the job yet, or no longer, and bills it all the same. If it stays unknown, tell the user. Only if the user then wants the search sent again, at the risk of paying twice, call with allow_duplicate: true.',
  unread: 'That is what this machine last saw of the job. OpenFunnel could not be asked about it now.',
};
