import * as z from 'zod';
import { oneLine, tableCell } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { finalList } from '../lists/marking.ts';
import { nextForReview, type ReviewBatch } from '../lists/review.ts';
import { judgedStep } from '../results/next-step.ts';
import { UNTRUSTED } from '../results/render.ts';
import { success, type ToolResult } from '../results/result.ts';
import { jobId, nextStepField, untrusted } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

/** What a half of the result may have by default. Characters. */
const USUAL_CHARS = 7_800;
/** What a half costs at the most. Tokens (o200k). */
const MAX_TOKENS = 4_000;
/** Lengths to which the two texts of a company are cut, the longer tried first. Characters. */
const CUTS = [240, 180, 140, 110, 85, 65, 50, 35, 20];
const COLUMNS = ['row', 'name', 'domain', 'country', 'employees', 'reason', 'says'] as const;

export const getReviewBatch = defineTool({
  name: 'get_review_batch',
  title: 'Get the next companies to judge',
  description:
    'Returns the next companies of a finished lookalike job (read first if not kept here) that have no verdict yet, best first, to judge each and mark all in one mark_companies call. The same batch comes back until it is marked, then the next; empty rows mean that none is left to judge. What was searched for: list_bulk_jobs. Seeds, duplicates and companies on imported lists are left aside (left_out), yet files hold them and the dropped: exclude seeds, duplicates, known:*, dropped. To choose rows yourself use query_companies. Free.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId,
    size: z.int().min(10).max(60).default(40).describe('Most companies in the batch.'),
    max_chars: z
      .int()
      .min(2_000)
      .max(16_000)
      .default(USUAL_CHARS)
      .describe(
        'Longest whole answer, in characters: texts are cut, then companies left for the next batch.',
      ),
  }),
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job.'),
    columns: z.array(z.string()).describe('Names of the cells of each of rows; the first is "row".'),
    rows: z
      .array(z.array(z.unknown()))
      .describe('Companies to judge, best first, each a list of cells in the order of columns.'),
    left: z.number().describe('Companies to judge behind these.'),
    judged: z.number().describe('Companies with a verdict.'),
    companies: z.number().describe('Companies of the job.'),
    left_out: z
      .object({
        seeds: z.number().describe('Seeds and their branches.'),
        duplicates: z.number().describe('Companies that an earlier row is about.'),
        known: z.number().describe('Companies on known lists.'),
      })
      .describe('Companies left aside, by reason.'),
    next_step: nextStepField,
  }),
  async handle({ job_id, size, max_chars }, { lists }, { signal }) {
    const list = await finalList(lists, job_id, { signal });
    const batch = await nextForReview(lists, list, size, { signal });
    const fits = (result: ToolResult) => {
      const [text] = result.content;
      const halves = [JSON.stringify(result.structuredContent), text?.type === 'text' ? text.text : ''];
      return halves.every((half) => half.length <= max_chars && estimateTokens(half) <= MAX_TOKENS);
    };
    for (let shown = batch.rows.length; ; shown = Math.floor(shown * 0.8)) {
      for (const cut of CUTS) {
        const result = render(job_id, batch, shown, cut);
        if (fits(result) || shown === 0) return result;
      }
    }
  },
});

function render(job_id: string, batch: ReviewBatch, shown: number, cut: number): ToolResult {
  const { companies, judged, dropped, left_out, open } = batch;
  const short = (text: string | null, length: number) =>
    text === null ? null : oneLine(text, length) || null;
  const rows = batch.rows
    .slice(0, shown)
    .map(({ row, name, domain, country, employees, reason, says }) => [
      row,
      short(name, 80),
      short(domain, 80),
      short(country, 40),
      typeof employees === 'string' ? short(employees, 20) : employees,
      short(reason, cut),
      short(says, cut),
    ]);
  const left = open - rows.length;
  const id = JSON.stringify(job_id);
  const next_step =
    rows.length === 0
      ? judgedStep(job_id, { companies, dropped }, left_out.seeds + left_out.duplicates + left_out.known)
      : `Judge these with mark_companies {"job_id": ${id}, "marks": [{"row", "verdict", "role", "reason"}]}, unsure ones as maybe, then call get_review_batch again${left > 0 ? `: ${left} more are left` : ''}.`;
  const lines = [
    `Job ${job_id}: ${rows.length} companies to judge, ${left} left after these; ${judged} of ${companies} judged.`,
    `Left aside: ${left_out.seeds} seeds or branches, ${left_out.duplicates} duplicates, ${left_out.known} known.`,
  ];
  if (rows.length > 0) {
    lines.push(UNTRUSTED, COLUMNS.join('|'));
    for (const row of rows)
      lines.push(row.map((value) => (value === null ? '' : tableCell(String(value), 300))).join('|'));
  }
  return success(
    {
      ...(rows.length > 0 ? { untrusted: UNTRUSTED } : {}),
      job_id,
      columns: [...COLUMNS],
      rows,
      left,
      judged,
      companies,
      left_out,
      next_step,
    },
    [...lines, `Next: ${next_step}`].join('\n'),
  );
}
