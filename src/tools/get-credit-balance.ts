import * as z from 'zod';
import { answer, part } from '../results/answer.ts';
import { nextStepField } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

const OPEN =
  "When the balance shows an ended job's cost is open; what a job cost stands in its manifest (credits_consumed).";

/** Jobs whose cost is told. */
const MOST_JOBS = 3;

export const getCreditBalance = defineTool({
  name: 'get_credit_balance',
  title: 'Get the credit balance',
  description:
    'Shows the OpenFunnel credit balance: credits left, used and in total. Use it before a large lookalike search, to agree on a limit with the user. Delivered companies cost 1 credit each. Free and changes nothing. Running jobs may not be billed yet, so subtract their limits. For the cost of one finished job, use get_bulk_status.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({}),
  output: z.object({
    total_credits: z.number().describe('Credits of the account.'),
    credits_used: z.number().describe('Credits used.'),
    credits_left: z.number().describe('Credits left.'),
    jobs: z
      .array(
        z.object({
          job_id: z.string(),
          credits: z.number().describe('Cost by its manifest.'),
        }),
      )
      .describe('The last three ended jobs: credits_used may not include them yet.'),
    next_step: nextStepField,
  }),
  async handle(_, { account, costs: seen }, call) {
    const { total_credits, credits_used, credits_left } = await account.getBalance(call.signal);
    const costs = seen.latest(MOST_JOBS);
    const said = costs.map(({ job_id, credits }) => `${job_id} ${credits}`).join(', ');
    return answer({
      untrusted: false,
      notices: [OPEN],
      parts: [
        part(
          { total_credits, credits_used, credits_left },
          `Credits: ${credits_left} left, ${credits_used} used, of ${total_credits}.`,
        ),
        part(
          { jobs: costs },
          ...(costs.length === 0
            ? []
            : [`Jobs that ended lately cost, by their manifests, in credits: ${said}.`]),
        ),
      ],
      nextStep: 'Before a submit, tell the user what is left and agree on the limit (1 credit a company).',
    });
  },
});
