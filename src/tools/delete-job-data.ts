import * as z from 'zod';
import { success } from '../results/result.ts';
import { jobIdText, nextStepField } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

export const deleteJobData = defineTool({
  name: 'delete_job_data',
  title: 'Delete kept rows and marks from this machine',
  description:
    'Deletes what is kept on this machine of finished lookalike jobs: the rows of their companies and the marks on them. Marks are lost for good; rows can be read from OpenFunnel again while it has them. Only when the user wants it. Does nothing at OpenFunnel: to stop a running job use cancel_bulk_job. Imported lists, exported files and the entries of list_bulk_jobs stay. Free.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  guards: {
    dryrun: null,
    preview: null,
    simulate: null,
    jobs: 'job_ids',
    ids: 'job_ids',
    all: 'job_ids: ["all"]',
  },
  input: z.strictObject({
    job_ids: z
      .array(jobIdText)
      .min(1)
      .max(100)
      .describe('Ids of jobs; ["all"]: every job that is kept, when the user means all.'),
  }),
  output: z.object({
    forgotten: z.array(z.string()).describe('Jobs whose rows were kept and are deleted.'),
    not_kept: z.array(z.string()).describe('Jobs of which no rows were kept.'),
    bytes_freed: z.number().describe('Space on the disk.'),
    next_step: nextStepField,
  }),
  async handle({ job_ids }, { lists, marks, sessions }) {
    const all = job_ids.some((id) => id.toLowerCase() === 'all');
    const wanted = all ? 'all' : job_ids;
    const { forgotten, bytes: rows } = await lists.forget(wanted);
    const bytes = rows + (await marks.forget(wanted)) + (await sessions.forget(wanted));
    const gone = new Set(forgotten.map((id) => id.toLowerCase()));
    const notKept = all ? [] : job_ids.filter((id) => !gone.has(id.toLowerCase()));
    const stays =
      'What stays on this machine: exported files, imported lists, and the entries of list_bulk_jobs, which hold the searches.';
    const next =
      forgotten.length === 0 && bytes === 0
        ? `There was nothing to delete. ${stays}`
        : `Tell the user what was deleted. ${stays}`;
    const shown = forgotten.slice(0, 100);
    const notices =
      shown.length < forgotten.length
        ? [`${forgotten.length} jobs were forgotten; 100 of them are named.`]
        : [];
    const structured = { forgotten: shown, not_kept: notKept, bytes_freed: bytes, next_step: next };
    const lines = [
      `Forgotten: ${forgotten.length === 0 ? 'nothing' : shown.join(', ')}. Freed: ${bytes} bytes.`,
      ...(notKept.length === 0 ? [] : [`Nothing was kept of: ${notKept.join(', ')}.`]),
      `Next: ${next}`,
    ];
    return success(structured, lines.join('\n'), notices);
  },
});
