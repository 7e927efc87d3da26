import * as z from 'zod';
import { judgementOf } from '../lists/fit.ts';
import { finalList } from '../lists/marking.ts';
import { nextForReview, ORDERS } from '../lists/selecting/review.ts';
import { answer, part } from '../results/answer.ts';
import { CHOSEN_BUDGET } from '../results/budget.ts';
import { fitFields, fitPart } from '../results/fit-part.ts';
import { jobId, nextStepField, untrusted } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';
import { batchFields, batchPart, fittingReview, USUAL_SIZE } from './parts/review.ts';

/** What a half of the result may have by default, and what is left of it for what every result says. Characters. */
const USUAL_CHARS = 7_800;
const NOTICE_CHARS = 300;

export const getReviewBatch = defineTool({
  name: 'get_review_batch',
  title: 'Get the next companies to judge',
  description:
    'Returns companies of a finished lookalike job (read first if not kept here) that have no verdict yet, to judge each and mark all in one mark_companies call, and by the verdicts so far fit: how much of the list is right. The same batch comes back until it is marked; empty rows mean that none is left. Seeds, duplicates and companies on imported lists are left aside, yet files hold them. To choose rows yourself use query_companies. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId,
    order: z
      .enum(ORDERS)
      .optional()
      .describe(
        'spread: one of each of size equal bands of rank, to learn how much fits (default until such a sample is judged); rank: best first.',
      ),
    size: z.int().min(1).max(60).default(USUAL_SIZE).describe('Most companies.'),
    max_chars: z
      .int()
      .min(2_000)
      .max(16_000)
      .default(USUAL_CHARS)
      .describe('Longest answer, in characters: fewer companies, not shorter texts.'),
  }),
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job.'),
    companies: z.number().describe('Companies of the job.'),
    judged: z.number().describe('Companies with a verdict.'),
    ...fitFields,
    ...batchFields,
    next_step: nextStepField,
  }),
  async handle({ job_id, size, order, max_chars }, services, { signal }) {
    const list = await finalList(services.lists, job_id, { signal });
    const judgement = await judgementOf(services, list, { signal });
    const batch = await nextForReview(services.lists, list, judgement, { size, order }, { signal });
    const review = { jobId: job_id, judgement, batch };
    const unknown = await notKnown(services.exclusions);
    const { companies } = list.about;
    const judged = judgement.verdicts.size;
    const budget = { ...CHOSEN_BUDGET, chars: max_chars - NOTICE_CHARS };
    return fittingReview(review, budget, (shown, room, { notices = [], ...facts }) =>
      answer({
        ...facts,
        notices: [...unknown, ...notices],
        parts: [
          part({ job_id, companies, judged }, `Job ${job_id}: ${judged} of ${companies} companies judged.`),
          fitPart(shown.judgement),
          batchPart(shown, room),
        ],
      }),
    );
  },
});
