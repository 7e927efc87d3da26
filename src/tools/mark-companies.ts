import * as z from 'zod';
import { ROLES } from '../disk/marks.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted, oneLine } from '../lib/text.ts';
import { VERDICTS } from '../lib/verdicts.ts';
import { judgementOf } from '../lists/list-fit.ts';
import { type Marked, markCompanies, namesOf } from '../lists/marking.ts';
import { aboutLists } from '../lists/selecting/question.ts';
import { nextForReview } from '../lists/selecting/review.ts';
import { invalidInput, part, type Said } from '../results/answer.ts';
import { DEFAULT_BUDGET } from '../results/budget.ts';
import { fitFields, fitPart } from '../results/fit-part.ts';
import { callOf } from '../results/next-step.ts';
import * as field from '../results/schema.ts';
import { QueryError } from '../sql/messages.ts';
import { defineTool } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';
import { batchFields, fittingReview, reviewStep, USUAL_SIZE } from './parts/review-batch.ts';

const MAX_REASON = 500;
const verdict = z.enum([...VERDICTS, 'clear']);
const judgement = {
  reason: z
    .string()
    .max(2_000)
    .overwrite((text) => oneLine(text, MAX_REASON))
    .optional()
    .describe('Why, in a few words.'),
  role: field.described(
    z.enum(ROLES).optional(),
    'peer does the same as the seeds, servicer serves them, tool is used by them, self is a seed or its branch.',
  ),
  score: z.number().min(0).max(10).optional().describe('Fit, 10 is best.'),
};

export const markCompaniesTool = defineTool({
  name: 'mark_companies',
  title: 'Mark companies of a job',
  description:
    "Records verdicts on companies of a finished lookalike job: keep, drop or maybe. Use it to judge companies row by row, or all that match an SQL condition. Free. Saves the marks on this machine, and replaces a row's earlier verdict, reason, role and score. Returns how much of the list fits. To get companies to judge, use get_review_batch. To exclude companies from every job, use import_known_companies.",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  guards: {
    'where, such as row BETWEEN 1 AND 10': 'row fromrow torow rowfrom rowto; rows rank ranks range ranges',
  },
  input: z.strictObject({
    job_id: field.jobId,
    marks: z
      .array(z.strictObject({ row: z.int().min(1).max(1_000_000), verdict, ...judgement }))
      .min(1)
      .max(200)
      .optional()
      .describe('One verdict per row, by its row number. Give marks or where.'),
    where: field.described(
      z.string().min(1).max(5_000).optional(),
      "SQL condition on the columns of query_companies, such as country_code = 'USA' AND verdict IS NULL. Every matching row gets verdict.",
    ),
    verdict: verdict.optional().describe('Verdict for where. clear removes a verdict.'),
    confirm_rows: field.described(
      z.int().min(0).max(1_000_000).optional(),
      'Number of rows that where matches. Required if over half of the job.',
    ),
    reason: judgement.reason.describe('Only with where.'),
    role: judgement.role.describe('Only with where.'),
    score: judgement.score.describe('Only with where.'),
    next: z.boolean().default(false).describe('Also return the next companies to judge.'),
  }),
  output: z.object({
    job_id: field.text('The job.'),
    companies: field.number('Companies of the job.'),
    keep: field.number('Of them, marked keep.'),
    drop: field.number('Marked drop.'),
    maybe: field.number('Marked maybe.'),
    open: field.number('Without a verdict.'),
    marked: field.number('Rows this call marked.'),
    changed: field.number('Of these, rows with a new mark.'),
    first: field.objects({ row: z.number(), name: field.someText }, 'With where: the first three matches.'),
    ...fitFields,
    batch: z.object(batchFields).nullable().describe('With next: as from get_review_batch.'),
  }),
  async handle({ job_id, marks, where, verdict: each, next, ...how }, services, call) {
    if ((marks === undefined) === (where === undefined) || (where === undefined) !== (each === undefined))
      throw invalidInput(
        'Give either marks, or where: it needs a verdict (keep, drop, maybe or clear), while each of marks has its own.',
      );
    const given =
      where !== undefined && each !== undefined
        ? { where, verdict: each, ...how }
        : (marks ?? []).map(({ row, ...mark }) => ({ rows: [row], ...mark }));
    const marked = await markCompanies(services, job_id, given, call);
    const { list, rows } = marked;
    const counts = countsPart(job_id, marked, where !== undefined);
    const notices: Said[] = [
      ...(await aboutLists([list], services.marks)),
      rows === 0 && 'The condition matches no company, so nothing was marked.',
      ...marked.hints,
      ...(next || /known/i.test(where ?? '') ? await notKnown(services) : []),
    ];
    // The marks are on the disk by now, whatever becomes of the rest.
    try {
      const judgement = await judgementOf(services, list, call);
      const fit = fitPart(judgement);
      if (!next)
        return {
          parts: [counts, fit, part({ batch: null })],
          nextStep: `${rows === 0 ? 'To mark any, correct where. ' : ''}${reviewStep({ jobId: job_id, judgement }, 0)}`,
          notices: [...notices, ...judgement.notices],
        };
      const request = { size: USUAL_SIZE, order: undefined };
      const batch = await nextForReview(list, judgement, request, call);
      return fittingReview({ jobId: job_id, judgement, batch }, DEFAULT_BUDGET, (open, more) => ({
        parts: [counts, fit, { ...open, fields: { batch: open.fields } }],
        nextStep: more.nextStep,
        notices: [...notices, ...more.notices],
      }));
    } catch (error) {
      call.signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError || error instanceof QueryError)) throw error;
      return {
        parts: [counts, fitPart(null), part({ batch: null })],
        nextStep: `The marks are saved. ${callOf('get_review_batch', { job_id })} tells how much of the list fits.`,
        notices: [...notices, `How much of the list fits could not be told: ${error.message}`],
      };
    }
  },
});

function countsPart(jobId: string, marked: Marked, byCondition: boolean) {
  const { companies, keep, drop, maybe, open, rows, changed, first } = marked;
  const such = first.length > 0 ? `, such as ${namesOf(first)}` : '';
  return part(
    { job_id: jobId, companies, keep, drop, maybe, open, marked: rows, changed, first },
    `Job ${jobId}: ${counted(rows, 'row')} marked, ${changed} of them with a new mark.`,
    byCondition && `The condition matches ${rows} of ${counted(companies, 'company')}${such}.`,
    `Of ${counted(companies, 'company')}: ${keep} keep, ${drop} drop, ${maybe} maybe, ${open} without a verdict.`,
  );
}
