import * as z from 'zod';
import { VERDICTS } from '../../disk/marks.ts';
import { invalidInput } from '../../results/answer.ts';
import { jobId } from '../../results/schema.ts';
import type { MarkAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';
import { counts, fit, judgedNow, selection, toSelection } from './view-schema.ts';

const output = z.object({
  job_id: z.string().describe('The job.'),
  marked: z.number().describe('Rows that were marked, or whose marks are as before.'),
  counts: counts.describe('Verdicts now.'),
  fit: fit.nullable().describe('How much of the list is right by now.'),
  revision: z.string().describe('Differs when marks or lists do.'),
});

export const viewMark = defineTool({
  name: 'view_mark',
  title: 'Mark companies (for the table)',
  description:
    'Keeps what the user ticks in the table: the same marks that every other tool reads. Marks the rows named, or all that the selection leaves. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    id: z
      .string()
      .min(1)
      .max(80)
      .describe('Name of this call: repeated after a lost answer, it marks nothing twice.'),
    rows: z.array(z.int().min(1).max(1_000_000)).min(1).max(1_000).optional(),
    keys: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(1_000)
      .optional()
      .describe('Instead of rows: keys that companies had while the job ran.'),
    all: z.boolean().default(false).describe('Mark all that the selection leaves.'),
    verdict: z
      .enum([...VERDICTS, 'clear', 'confirm'])
      .describe("confirm makes the model's verdicts the user's."),
    ...selection,
  }),
  output,
  async handle({ job_id, id, rows, keys, all, verdict, ...given }, services, call) {
    const { table, tableMarks } = services;
    if ([rows, keys, all || undefined].filter((each) => each !== undefined).length !== 1)
      throw invalidInput('Exactly one of rows, keys and all is needed.');
    const marked =
      rows ??
      (keys
        ? await table.rowsOf(job_id, keys, call)
        : await table.ids(job_id, await toSelection(job_id, given, services, call), call));
    const done = await tableMarks.mark(job_id, id, { rows: marked, of_one_kind: all }, verdict, call);
    return viewResult<MarkAnswer>({ job_id, marked: done, ...(await judgedNow(job_id, services, call)) });
  },
});

export const viewUndo = defineTool({
  name: 'view_undo',
  title: 'Take marks back (for the table)',
  description: 'Gives the rows of one call of view_mark the marks that they had before. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    id: z.string().min(1).max(80).describe('The id that view_mark was called with.'),
  }),
  output,
  async handle({ job_id, id }, services, call) {
    const marked = await services.tableMarks.undo(job_id, id, call);
    return viewResult<MarkAnswer>({ job_id, marked, ...(await judgedNow(job_id, services, call)) });
  },
});
