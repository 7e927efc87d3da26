import * as z from 'zod';
import { VERDICTS } from '../../disk/marks.ts';
import { invalidInput } from '../../results/answer.ts';
import { jobId } from '../../results/schema.ts';
import type { MarkAnswer } from '../../view/contract.ts';
import { judgedNow, row, selection, toSelection, viewResult, viewTool } from './view-tool.ts';

const annotations = { readOnlyHint: false, openWorldHint: false };

export const viewMark = viewTool({
  name: 'view_mark',
  title: 'Mark companies',
  description:
    'Keeps what the user ticks in the table: the same marks that every other tool reads. Marks the rows named, or all that the selection leaves.',
  annotations,
  input: z.strictObject({
    job_id: jobId,
    id: z
      .string()
      .min(1)
      .max(80)
      .describe('Name of this call: repeated after a lost answer, it marks nothing twice.'),
    rows: z.array(row).min(1).max(1_000).optional(),
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
  async handle({ job_id, id, rows, keys, all, verdict, ...given }, services, call) {
    const { table, tableMarks } = services;
    if ([rows, keys, all || undefined].filter((each) => each !== undefined).length !== 1)
      throw invalidInput('Exactly one of rows, keys and all is needed.');
    const found = async () =>
      keys
        ? table.rowsOf(job_id, keys, call)
        : table.ids(job_id, await toSelection(job_id, given, services, call), call);
    const marking = { rows: rows ?? (await found()), of_one_kind: all };
    const marked = await tableMarks.mark(job_id, id, marking, verdict, call);
    return viewResult<MarkAnswer>({ job_id, marked, ...(await judgedNow(job_id, services, call)) });
  },
});

export const viewUndo = viewTool({
  name: 'view_undo',
  title: 'Take marks back',
  description: 'Gives the rows of one call of view_mark the marks that they had before.',
  annotations,
  input: z.strictObject({
    job_id: jobId,
    id: z.string().min(1).max(80).describe('The id that view_mark was called with.'),
  }),
  async handle({ job_id, id }, services, call) {
    const marked = await services.tableMarks.undo(job_id, id, call);
    return viewResult<MarkAnswer>({ job_id, marked, ...(await judgedNow(job_id, services, call)) });
  },
});
