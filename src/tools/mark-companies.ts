import * as z from 'zod';
import { ROLES, VERDICTS } from '../disk/marks.ts';
import { oneLine } from '../lib/text.ts';
import { judgementOf } from '../lists/fit.ts';
import { type Marked, markCompanies, namesOf } from '../lists/marking.ts';
import { nextForReview } from '../lists/selecting/review.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { answer, type Part, part } from '../results/answer.ts';
import { DEFAULT_BUDGET } from '../results/budget.ts';
import { fitFields, fitPart } from '../results/fit-part.ts';
import { queryFailure } from '../results/query-failure.ts';
import { invalidInput, type ToolResult } from '../results/result.ts';
import { jobId, nextStepField, untrusted } from '../results/schema.ts';
import { QueryError } from '../sql/thread.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';
import { batchFields, batchPart, fileStep, fittingReview, reviewStep, USUAL_SIZE } from './parts/review.ts';

const MAX_REASON = 500;
const verdict = z.enum([...VERDICTS, 'clear']);
const judgement = {
  reason: z.string().max(2_000).optional().describe('Why, in a few words.'),
  role: z
    .enum(ROLES)
    .optional()
    .describe(
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
  guards: {},
  input: z.strictObject({
    job_id: jobId,
    marks: z
      .array(z.strictObject({ row: z.int().min(1).max(1_000_000), verdict, ...judgement }))
      .min(1)
      .max(200)
      .optional()
      .describe('One verdict per row, by its row number. Give marks or where.'),
    where: z
      .string()
      .min(1)
      .max(5_000)
      .optional()
      .describe(
        "SQL condition on the columns of query_companies, such as country_code = 'USA' AND verdict IS NULL. Every matching row gets verdict.",
      ),
    verdict: verdict.optional().describe('Verdict for where. clear removes a verdict.'),
    confirm_rows: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('Number of rows that where matches. Required if over half of the job.'),
    reason: judgement.reason.describe('Only with where.'),
    role: judgement.role.describe('Only with where.'),
    score: judgement.score.describe('Only with where.'),
    next: z.boolean().default(false).describe('Also return the next companies to judge.'),
  }),
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job.'),
    companies: z.number().describe('Companies of the job.'),
    keep: z.number().describe('Of them, marked keep.'),
    drop: z.number().describe('Marked drop.'),
    maybe: z.number().describe('Marked maybe.'),
    open: z.number().describe('Without a verdict.'),
    marked: z.number().describe('Rows this call marked.'),
    changed: z.number().describe('Of these, rows with a new mark.'),
    first: z
      .array(z.object({ row: z.number(), name: z.string().nullable() }))
      .describe('With where: the first three matches.'),
    ...fitFields,
    batch: z.object(batchFields).nullable().describe('With next: as from get_review_batch.'),
    next_step: nextStepField,
  }),
  async handle(args, services, call) {
    const { job_id, marks, where } = args;
    if ((marks === undefined) === (where === undefined))
      throw invalidInput('Give either marks, or where with a verdict.');
    if (where !== undefined && args.verdict === undefined)
      throw invalidInput('where needs a verdict: keep, drop, maybe or clear.');
    if (marks !== undefined && args.verdict !== undefined)
      throw invalidInput('verdict goes with where; each of marks has its own.');
    const said = ({ reason, role, score }: Pick<typeof args, 'reason' | 'role' | 'score'>) => ({
      reason: reason && oneLine(reason, MAX_REASON),
      role,
      score,
    });
    try {
      const given =
        where !== undefined && args.verdict !== undefined
          ? { where, verdict: args.verdict, confirmRows: args.confirm_rows, ...said(args) }
          : (marks ?? []).map((mark) => ({ rows: [mark.row], verdict: mark.verdict, ...said(mark) }));
      const marked = await markCompanies(services, job_id, given, call);
      const asksKnown = where !== undefined && /known/i.test(where);
      const unknown = asksKnown || args.next ? await notKnown(services) : [];
      return await tell(
        job_id,
        { marked, byCondition: where !== undefined, unknown },
        args.next,
        services,
        call,
      );
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return queryFailure(error);
    }
  },
});

const NOTHING_MARKED = 'Nothing was marked: look at the companies with query_companies, and correct where.';

/** What was marked, which is on the disk; then how right the list is by that, and the next batch where it is wanted. */
async function tell(
  jobId: string,
  { marked, byCondition, unknown }: { marked: Marked; byCondition: boolean; unknown: readonly string[] },
  next: boolean,
  services: Services,
  { signal }: ToolCall,
): Promise<ToolResult> {
  const { list, rows, first, hints } = marked;
  const said = [
    ...(rows === 0 ? ['The condition matches no company, so nothing was marked.'] : []),
    ...hints,
    ...unknown,
  ];
  const counts = countsPart(jobId, marked, byCondition);
  try {
    const judgement = await judgementOf(services, list, { signal });
    const left =
      judgement.fit === null && judgement.judged.length > 0 ? ` ${fileStep(jobId, judgement)}` : '';
    if (!next)
      return answer({
        parts: [counts, fitPart(judgement), part({ batch: null })],
        nextStep: rows === 0 ? NOTHING_MARKED : `${reviewStep({ jobId, judgement }, 0)}${left}`,
        notices: [...said, ...judgement.notices],
        untrusted: first.length > 0 || judgement.apart !== null,
      });
    const request = { size: USUAL_SIZE, order: undefined };
    const batch = await nextForReview(services.lists, list, judgement, request, { signal });
    const review = { jobId, judgement, batch };
    return fittingReview(review, DEFAULT_BUDGET, (room, facts) => {
      const { fields, lines } = batchPart(review, room);
      return answer({
        parts: [counts, fitPart(judgement), { fields: { batch: fields }, lines }],
        nextStep: `${facts.nextStep}${left}`,
        notices: [...said, ...(facts.notices ?? [])],
        untrusted: first.length > 0 || facts.untrusted,
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OpenFunnelError || error instanceof QueryError)) throw error;
    return answer({
      parts: [counts, fitPart(null), part({ batch: null })],
      nextStep: `The marks are saved. get_review_batch {"job_id": ${JSON.stringify(jobId)}} tells how much of the list fits.`,
      notices: [...said, `How much of the list fits could not be told: ${error.message}`],
      untrusted: true,
    });
  }
}

function countsPart(
  jobId: string,
  { rows, first: found, changed, ...counts }: Marked,
  byCondition: boolean,
): Part {
  const { companies, keep, drop, maybe, open } = counts;
  const first = found.map(({ row, name }) => ({ row, name: name && oneLine(name, 60) }));
  return part(
    { job_id: jobId, companies, keep, drop, maybe, open, marked: rows, changed, first },
    `Job ${jobId}: ${rows} rows marked, ${changed} of them with a new mark.`,
    ...(byCondition
      ? [
          `The condition matches ${rows} of ${companies} companies${first.length > 0 ? `, such as ${namesOf(first)}` : ''}.`,
        ]
      : []),
    `Of ${companies} companies: ${keep} keep, ${drop} drop, ${maybe} maybe, ${open} without a verdict.`,
  );
}
