import * as z from 'zod';
import { VERDICTS } from '../../disk/marks.ts';
import { markCompanies } from '../../lists/marking.ts';
import { jobId } from '../../results/schema.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';
import { counts } from './view-schema.ts';

export const viewMark = defineTool({
  name: 'view_mark',
  title: 'Mark companies (for the table)',
  description:
    'Keeps what the user ticks in the table: the same marks that every other tool reads. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    rows: z.array(z.int().min(1).max(1_000_000)).min(1).max(500),
    verdict: z.enum([...VERDICTS, 'clear']),
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    counts: counts.describe('Verdicts now.'),
    revision: z.string().describe('Differs when marks or lists do.'),
  }),
  async handle({ job_id, rows, verdict }, services, call) {
    const { table } = services;
    await markCompanies(services, job_id, [{ rows, verdict }], call);
    const revision = await table.revision(job_id);
    const { counts } = await table.overview(job_id, revision, call);
    return viewResult({ job_id, counts, revision });
  },
});
