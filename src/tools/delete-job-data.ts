import * as z from 'zod';
import { success } from '../results/result.ts';
import { jobIdText, nextStepField } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

export const deleteJobData = defineTool({
  name: 'delete_job_data',
  title: 'Delete stored job data from this machine',
  description:
    'Deletes the stored companies and marks of finished lookalike jobs from this machine. Use it only when the user asks for that. Free. Marks are lost for good, while rows can be read again from OpenFunnel as long as it has them. Known lists, exported files and the entries of list_bulk_jobs stay. To stop a running job, use cancel_bulk_job.',
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
    job_ids: z.array(jobIdText).min(1).max(100).describe('Job ids, or ["all"] for every stored job.'),
  }),
  output: z.object({
    deleted: z.array(z.string()).describe('Jobs whose rows were deleted.'),
    not_stored: z.array(z.string()).describe('Jobs without stored rows.'),
    bytes_freed: z.number().describe('Freed disk space.'),
    next_step: nextStepField,
  }),
  async handle({ job_ids }, { lists, marks, sessions }) {
    const all = job_ids.some((id) => id.toLowerCase() === 'all');
    const wanted = all ? 'all' : job_ids;
    const { forgotten: deleted, bytes: rows } = await lists.forget(wanted);
    const bytes = rows + (await marks.forget(wanted)) + (await sessions.forget(wanted));
    const gone = new Set(deleted.map((id) => id.toLowerCase()));
    const notStored = all ? [] : job_ids.filter((id) => !gone.has(id.toLowerCase()));
    const stays =
      'Exported files, known lists and the entries of list_bulk_jobs, with their searches, stay on this machine.';
    const next =
      deleted.length === 0 && bytes === 0
        ? `There was nothing to delete. ${stays}`
        : `Tell the user what was deleted. ${stays}`;
    const shown = deleted.slice(0, 100);
    const notices =
      shown.length < deleted.length
        ? [`The data of ${deleted.length} jobs was deleted; 100 of them are named.`]
        : [];
    const structured = { deleted: shown, not_stored: notStored, bytes_freed: bytes, next_step: next };
    const lines = [
      `Deleted: ${deleted.length === 0 ? 'nothing' : shown.join(', ')}. Freed: ${bytes} bytes.`,
      ...(notStored.length === 0 ? [] : [`Nothing was stored of: ${notStored.join(', ')}.`]),
      `Next: ${next}`,
    ];
    return success(structured, lines.join('\n'), notices);
  },
});
