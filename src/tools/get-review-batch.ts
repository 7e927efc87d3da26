import * as z from 'zod';
import { counted } from '../lib/text.ts';
import { judgementOf } from '../lists/list-fit.ts';
import { aboutLists } from '../lists/selecting/question.ts';
import { nextForReview, ORDERS } from '../lists/selecting/review.ts';
import { part } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET } from '../results/budget.ts';
import { fitFields, fitPart } from '../results/fit-part.ts';
import * as field from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';
import { batchFields, fittingReview, USUAL_SIZE } from './parts/review-batch.ts';

const LARGE_BUDGET = { ...CHOSEN_BUDGET, chars: 15_700 };

export const getReviewBatch = defineTool({
  name: 'get_review_batch',
  title: 'Get the next companies to judge',
  description:
    "Returns companies of a finished lookalike job to judge. Use it to see how much of the list fits, after recording verdicts with mark_companies. The same batch returns until it is marked. Free. Stores the job's rows on this machine, if they are not stored yet. Skips seeds, duplicates and known companies. To choose companies yourself, use query_companies.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    job_id: field.jobId,
    order: z
      .enum(ORDERS)
      .optional()
      .describe('spread (default at first) samples the whole list, rank (default later) goes best first.'),
    size: z.int().min(1).max(60).default(USUAL_SIZE).describe('Companies per batch.'),
    // Up to 16,000, as when it was the length of the whole answer.
    max_chars: z
      .int()
      .min(20)
      .max(16_000)
      .optional()
      .describe('Longest text of one field, in characters; default as much as fits.'),
  }),
  output: z.object({
    job_id: field.text('The job.'),
    companies: field.number('Companies of the job.'),
    judged: field.number('Companies with a verdict.'),
    ...fitFields,
    ...batchFields,
  }),
  async handle({ job_id, size, order, max_chars }, services, call) {
    const list = await services.lists.final(job_id, call);
    const judgement = await judgementOf(services, list, call);
    const batch = await nextForReview(list, judgement, { size, order }, call);
    const doubts = await aboutLists([list], services.marks);
    const unknown = await notKnown(services);
    const { companies } = list.about;
    const judged = judgement.verdicts.size;
    const head = part(
      { job_id, companies, judged },
      `Job ${job_id}: ${judged} of ${counted(companies, 'company')} judged.`,
    );
    const budget = max_chars === undefined ? DEFAULT_BUDGET : LARGE_BUDGET;
    const review = { jobId: job_id, judgement, batch, maxText: max_chars };
    return fittingReview(review, budget, (rows, { notices, ...said }) => ({
      ...said,
      notices: [...doubts, ...unknown, ...notices],
      parts: [head, fitPart(judgement), rows],
    }));
  },
});
