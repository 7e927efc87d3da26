import * as z from 'zod';
import { part } from '../results/answer.ts';
import * as field from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

const MAX_NAMED = 100;

export const deleteJobData = defineTool({
  name: 'delete_job_data',
  title: 'Delete stored job data from this machine',
  description:
    'Deletes the stored companies and marks of finished lookalike jobs from this machine. Use it only when the user asks for that. Free. Marks are lost for good, while rows can be read again from OpenFunnel as long as it has them. Known lists, exported files and the entries of list_bulk_jobs stay. To stop a running job, use cancel_bulk_job.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  ownWords: true,
  guards: { job_ids: 'jobs ids', 'job_ids: ["all"]': 'all' },
  input: z.strictObject({
    job_ids: z
      .array(field.jobIdText)
      .min(1)
      .max(MAX_NAMED)
      .describe('Job ids, or ["all"] for every stored job.'),
  }),
  output: z.object({
    deleted: field.texts('Jobs whose rows were deleted.'),
    not_stored: field.texts('Jobs without stored rows.'),
    bytes_freed: field.number('Freed disk space.'),
  }),
  async handle({ job_ids }, { lists, marks, sessions }) {
    const all = job_ids.some((id) => id.toLowerCase() === 'all');
    const wanted = all ? 'all' : job_ids;
    const { forgotten, bytes: rows } = await lists.forget(wanted);
    const bytes = rows + (await marks.forget(wanted)) + (await sessions.forget(wanted));
    const gone = new Set(forgotten.map((id) => id.toLowerCase()));
    const notStored = all ? [] : job_ids.filter((id) => !gone.has(id.toLowerCase()));
    const deleted = forgotten.slice(0, MAX_NAMED);
    const nothing = bytes === 0 && deleted.length === 0;
    return {
      notices: [
        deleted.length < forgotten.length &&
          `The data of ${forgotten.length} jobs was deleted; ${MAX_NAMED} of them are named.`,
      ],
      parts: [
        part(
          { deleted, not_stored: notStored, bytes_freed: bytes },
          `Deleted: ${deleted.join(', ') || 'nothing'}. Freed: ${bytes} bytes.`,
          notStored.length > 0 && `Nothing was stored of: ${notStored.join(', ')}.`,
        ),
      ],
      nextStep: `${nothing ? 'There was nothing to delete.' : 'Tell the user what was deleted.'} Exported files, known lists and the entries of list_bulk_jobs, with their searches, stay on this machine.`,
    };
  },
});
