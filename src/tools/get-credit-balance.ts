import * as z from 'zod';
import { part } from '../results/answer.ts';
import * as field from '../results/schema.ts';
import { ceilingInWords, ceilingNow, INCOMPLETE } from '../spending/ceiling.ts';
import { defineTool, READS_ONLY } from './parts/define-tool.ts';
import { UNSETTLED_STEP, unsettledNotice } from './parts/searches.ts';

const OPEN =
  'A job that has just ended may not be in this balance yet, as OpenFunnel does not say when it bills. What a job cost is in its manifest (credits_consumed).';

const MOST_JOBS = 3;
const MOST_TIMES = 10;

export const getCreditBalance = defineTool({
  name: 'get_credit_balance',
  title: 'Get the credit balance',
  description:
    'Shows the OpenFunnel credit balance: credits left, used and in total. Use it before a large lookalike search, to agree on a limit with the user. Delivered companies cost 1 credit each. Free and changes nothing. Running jobs may not be billed yet, so subtract their limits. For the cost of one finished job, use get_bulk_status.',
  annotations: READS_ONLY,
  ownWords: true,
  input: z.strictObject({}),
  output: z.object({
    total_credits: field.number('Credits of the account.'),
    credits_used: field.number('Credits used.'),
    credits_left: field.number('Credits left.'),
    jobs: field.objects(
      { job_id: z.string(), credits: field.number('Cost by its manifest.') },
      'The last three ended jobs: credits_used may not include them yet.',
    ),
    daily_ceiling: z
      .object({
        credits: z.number(),
        left: field.number('What can still be submitted.'),
        frees: field.objects(
          { at: field.text('UTC.'), credits: z.number() },
          'What becomes free again, soonest first, up to ten.',
        ),
      })
      .nullable()
      .describe("The user's ceiling on the limits of all submits within 24 hours; null for none."),
  }),
  async handle(_, services, call) {
    const { api, ledger, clock } = services;
    const { total_credits, credits_used, credits_left } = await api.getBalance(call.signal);
    const noted = await ledger.view();
    // What jobs that ended lately cost, as far as it was seen; of those seen at once the one submitted last comes first.
    const jobs = noted.jobs
      .sort((a, b) => (b.ended_at ?? '').localeCompare(a.ended_at ?? ''))
      .flatMap(({ job_id, credits }) => (credits === null ? [] : [{ job_id, credits }]))
      .slice(0, MOST_JOBS);
    const now = await ceilingNow(services);
    const frees = now?.frees.slice(0, MOST_TIMES);
    const daily_ceiling = now && { credits: now.credits, left: now.left, frees };
    const unsettled = noted.unsettled.slice(-MOST_JOBS);
    const costs = jobs.map(({ job_id, credits }) => `${job_id} ${credits}`).join(', ');
    return {
      notices: [
        OPEN,
        now?.incomplete && INCOMPLETE,
        ...unsettled.map((each) => unsettledNotice(each, credits_left, clock.now())),
      ],
      parts: [
        part(
          { total_credits, credits_used, credits_left },
          `Credits: ${credits_left} left, ${credits_used} used, of ${total_credits}.`,
        ),
        part({ daily_ceiling }, now && ceilingInWords(now)),
        part({ jobs }, costs && `Jobs that ended lately cost, by their manifests, in credits: ${costs}.`),
      ],
      nextStep:
        unsettled.length > 0
          ? UNSETTLED_STEP
          : 'Before a submit, tell the user what is left and agree on the limit (1 credit a company).',
    };
  },
});
