import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { invalidInput } from '../../results/answer.ts';
import { exportedFile, jobId } from '../../results/schema.ts';
import type { ExportAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';
import { ordering, selection, toSelection } from './view-schema.ts';

export const viewExport = defineTool({
  name: 'view_export',
  title: 'Export companies (for the table)',
  description:
    'Writes what the table shows, or the keepers of it, in its order to a new CSV file on this machine. Only for the table.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    which: z.enum(['shown', 'keepers']),
    ...ordering,
    ...selection,
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    export: exportedFile
      .extend({ uri: z.string().describe('The file as a resource.') })
      .describe('The file.'),
  }),
  async handle({ job_id, which, sort, descending, ...given }, services, call) {
    const { table, sandbox } = services;
    const verdicts = which === 'keepers' ? ['keep' as const] : given.verdicts;
    const chosen = await toSelection(job_id, { ...given, verdicts }, services, call);
    // Made-up companies are not mistaken for real ones.
    const name = `${sandbox ? 'sandbox-' : ''}lookalikes-${job_id.slice(0, 80)}-${which}`;
    const written = await table.export(job_id, { ...chosen, sort, descending }, name, call);
    if (!written) throw invalidInput('No company is left to export.');
    const { file, notices } = written;
    return viewResult<ExportAnswer>(
      { job_id, export: { ...file, uri: pathToFileURL(file.path).href } },
      notices,
    );
  },
});
