import * as z from 'zod';
import { cutWords, oneLine, tableCell } from '../lib/text.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { finalList } from '../lists/marking.ts';
import { nextForReview, type ReviewBatch } from '../lists/review.ts';
import { CHOSEN_BUDGET, largestFitting } from '../results/budget.ts';
import { UNTRUSTED } from '../results/render.ts';
import { success, type ToolResult } from '../results/result.ts';
import { jobId, maxChars, nextStepField, untrusted } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

/** What a half of the result may have where the caller set no length. Characters, and tokens (o200k). */
const USUAL_CHARS = 7_800;
const USUAL_TOKENS = 4_000;
/** Lengths to which the two long texts of a company are then cut, the longer tried first. Characters. */
const CUTS = [240, 180, 140, 110, 85, 65, 50, 35, 20];
const COLUMNS = ['row', 'name', 'domain', 'country', 'employees', 'match_reason', 'description'] as const;

export const getReviewBatch = defineTool({
  name: 'get_review_batch',
  title: 'Get the next companies to judge',
  description:
    "Returns the next companies of a finished lookalike job that have no verdict yet, best first. Use it to review and qualify a list in batches, and record verdicts with mark_companies. The same batch returns until it is marked. Free. Stores the job's rows on this machine, if they are not stored yet. Skips seeds, duplicates and known companies. To choose companies yourself, use query_companies.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId,
    size: z.int().min(10).max(60).default(40).describe('Companies per batch.'),
    max_chars: maxChars.describe(
      'Longest text of one field, in characters; default as long as the batch allows.',
    ),
  }),
  output: z.object({
    untrusted,
    job_id: z.string().describe('The job.'),
    columns: z.array(z.string()).describe('Names of the cells of each of rows; the first is "row".'),
    rows: z.array(z.array(z.unknown())).describe('Companies to judge, best first.'),
    left: z.number().describe('Companies to judge after these.'),
    judged: z.number().describe('Companies with a verdict.'),
    companies: z.number().describe('Companies of the job.'),
    left_out: z
      .object({
        seeds: z.number(),
        duplicates: z.number(),
        known: z.number(),
      })
      .describe('Companies without a verdict that are skipped, by reason.'),
    next_step: nextStepField,
  }),
  async handle({ job_id, size, max_chars }, { lists }, { signal }) {
    const list = await finalList(lists, job_id, { signal });
    const batch = await nextForReview(lists, list, size, { signal });
    if (max_chars !== undefined) {
      const { n, built } = largestFitting(batch.rows.length, CHOSEN_BUDGET, (shown) =>
        render(job_id, batch, shown, max_chars),
      );
      if (n > 0 || batch.rows.length === 0) return built;
    }
    const fits = (result: ToolResult) => {
      const [text] = result.content;
      const halves = [JSON.stringify(result.structuredContent), text?.type === 'text' ? text.text : ''];
      return halves.every((half) => half.length <= USUAL_CHARS && estimateTokens(half) <= USUAL_TOKENS);
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
  const { companies, judged, left_out, open } = batch;
  const short = (text: string | null, length: number) =>
    text === null ? null : cutWords(oneLine(text, length * 4), length) || null;
  const rows = batch.rows
    .slice(0, shown)
    .map(({ row, name, domain, country, employees, match_reason, description }) => [
      row,
      short(name, 80),
      short(domain, 80),
      short(country, 40),
      typeof employees === 'string' ? short(employees, 20) : employees,
      short(match_reason, cut),
      short(description, cut),
    ]);
  const left = open - rows.length;
  const id = JSON.stringify(job_id);
  const next_step =
    rows.length === 0
      ? `No company is left to judge. export_bulk_results {"job_id": ${id}, "exclude": ["seeds", "duplicates", "dropped"]} writes the others to a file.`
      : `Judge each company and call mark_companies {"job_id": ${id}, "marks": [{"row", "verdict", "role", "reason"}]}, with maybe if you are unsure. Then call get_review_batch again${left > 0 ? ` for the other ${left}` : ''}.`;
  const lines = [
    `Job ${job_id}: ${rows.length} companies to judge, ${left} more after these; ${judged} of ${companies} have a verdict.`,
    `Skipped: ${left_out.seeds} seeds or their branches, ${left_out.duplicates} duplicates, ${left_out.known} known companies.`,
  ];
  if (rows.length > 0) {
    lines.push(UNTRUSTED, COLUMNS.join('|'));
    for (const row of rows)
      lines.push(row.map((value) => (value === null ? '' : tableCell(String(value), 4_100))).join('|'));
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
