import * as z from 'zod';
import { ROLES, VERDICTS } from '../disk/marks.ts';
import { oneLine } from '../lib/text.ts';
import type { Marked } from '../lists/marking.ts';
import { markCompanies, namesOf } from '../lists/marking.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { judgedStep } from '../results/next-step.ts';
import { queryFailure } from '../results/query-failure.ts';
import { invalidInput, success, type ToolResult } from '../results/result.ts';
import { jobId, nextStepField, untrusted } from '../results/schema.ts';
import { QueryError } from '../sql/thread.ts';
import { defineTool } from './parts/define-tool.ts';

const MAX_REASON = 500;
const verdict = z.enum([...VERDICTS, 'clear']);
const judgement = {
  reason: z.string().max(2_000).optional().describe('Why, in a few words.'),
  role: z
    .enum(ROLES)
    .optional()
    .describe(
      'peer: does the same as the seeds; servicer: does services for them; tool: makes products that they use; self: a seed or its branch; unrelated: none of these.',
    ),
  score: z.number().min(0).max(10).optional().describe('How well it fits, 10 best.'),
};

export const markCompaniesTool = defineTool({
  name: 'mark_companies',
  title: 'Mark companies of a job',
  description:
    'Records your verdicts on companies of a finished lookalike job (keep, drop, maybe; clear leaves none), row by row or for all that fit an SQL condition. A new mark replaces the old one of a row whole: verdict, reason, role, score. Refused as a whole where the job lacks a row or still runs. Returns counts by verdict. Marks are for this job only (for all: import_known_companies). exclude "dropped" leaves those out of files. To judge in batches, read get_review_batch first. Free.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  guards: {},
  input: z.strictObject({
    job_id: jobId,
    marks: z
      .array(z.strictObject({ row: z.int().min(1).max(1_000_000), verdict, ...judgement }))
      .min(1)
      .max(200)
      .optional()
      .describe(
        'One verdict a row; row as get_review_batch, query_companies or, where row_numbers is exact, get_bulk_page shows it. Either marks or where.',
      ),
    where: z
      .string()
      .min(1)
      .max(5_000)
      .optional()
      .describe(
        "Instead of marks: an SQL condition on the columns of companies (listed at query_companies), such as country_code = 'USA'. All rows that fit get verdict: count them with query_companies first; AND verdict IS NULL spares those judged before.",
      ),
    verdict: verdict
      .optional()
      .describe(
        'Required with where; reason, role and score beside it are optional. With marks, each mark has its own.',
      ),
    confirm_rows: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('How many rows where fits, as counted; needed above half of the job.'),
    reason: judgement.reason.describe('As in marks.'),
    role: judgement.role.describe('As in marks.'),
    score: judgement.score.describe('As in marks.'),
  }),
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job.'),
    companies: z.number().describe('Companies of the job.'),
    kept: z.number().describe('Of them marked keep.'),
    dropped: z.number().describe('Of them marked drop.'),
    maybe: z.number().describe('Of them marked maybe.'),
    open: z.number().describe('Of them without a verdict, also those that get_review_batch leaves aside.'),
    marked: z.number().describe('Companies that this call marked.'),
    changed: z.number().describe('Of these, marked otherwise than before.'),
    first: z
      .array(
        z.object({ row: z.number().describe('Row.'), name: z.string().nullable().describe('Its company.') }),
      )
      .describe('With where: the first three that it fits.'),
    next_step: nextStepField,
  }),
  async handle(args, services, call) {
    const { job_id, marks, where } = args;
    if ((marks === undefined) === (where === undefined))
      throw invalidInput('Give marks, or where with a verdict: one of the two.');
    if (where !== undefined && args.verdict === undefined)
      throw invalidInput('where needs a verdict: keep, drop, maybe or clear.');
    if (marks !== undefined && args.verdict !== undefined)
      throw invalidInput('verdict goes with where; each of marks has its own.');
    const said = ({
      reason,
      role,
      score,
    }: {
      reason?: string | undefined;
      role?: (typeof ROLES)[number] | undefined;
      score?: number | undefined;
    }) => ({
      ...(reason === undefined ? {} : { reason: oneLine(reason, MAX_REASON) }),
      ...(role === undefined ? {} : { role }),
      ...(score === undefined ? {} : { score }),
    });
    try {
      const given =
        where !== undefined && args.verdict !== undefined
          ? { where, verdict: args.verdict, confirmRows: args.confirm_rows, ...said(args) }
          : (marks ?? []).map((mark) => ({ rows: [mark.row], verdict: mark.verdict, ...said(mark) }));
      return render(job_id, await markCompanies(services, job_id, given, call));
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return queryFailure(error);
    }
  },
});

function render(job_id: string, { rows, left, ...counts }: Marked): ToolResult {
  const id = JSON.stringify(job_id);
  const { companies, kept, dropped, maybe, open, changed } = counts;
  const first = counts.first.map(({ row, name }) => ({ row, name: name && oneLine(name, 60) }));
  const next_step =
    rows === 0
      ? 'Nothing was marked: look at the companies with query_companies, and correct where.'
      : left > 0
        ? `get_review_batch {"job_id": ${id}} gives the next of ${left} companies to judge.`
        : judgedStep(job_id, counts, open);
  return success(
    {
      ...(first.length > 0 ? { untrusted: UNTRUSTED } : {}),
      ...{ job_id, companies, kept, dropped, maybe, open, marked: rows, changed, first, next_step },
    },
    [
      `Job ${job_id}: ${rows} rows marked, ${changed} of them otherwise than before.`,
      ...(first.length > 0 ? [UNTRUSTED, `It fits ${rows} of ${companies}, such as ${namesOf(first)}.`] : []),
      `Of ${companies} companies: ${kept} kept, ${dropped} dropped, ${maybe} maybe, ${open} open.`,
      `Next: ${next_step}`,
    ].join('\n'),
    rows === 0 ? ['The condition fits no company, so nothing was marked.'] : [],
  );
}
