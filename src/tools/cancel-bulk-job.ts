import * as z from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { quoted } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { type JobState, promised } from '../reading/state.ts';
import { answer, part } from '../results/answer.ts';
import { exportPart, hasUpstreamText, statePart } from '../results/job-parts.ts';
import { callOf, nextStep } from '../results/next-step.ts';
import { exportedFile, jobId, jobState } from '../results/schema.ts';
import { linkTo } from './export-bulk-results.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';

export const cancelBulkJob = defineTool({
  name: 'cancel_bulk_job',
  title: 'Cancel a bulk job',
  description:
    'Cancels a pending or running lookalike job for good. Use it only when the user wants to stop spending credits. The companies delivered so far are billed and stay readable, and nothing more is billed. A cancelled job cannot be resumed, and the same search again is a new, billed job. Waits up to 15 seconds for the final status. To stop only the waiting, do not call wait_and_collect again.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  guards: { all: null, limit: null },
  view: 'never',
  input: z.strictObject({
    job_id: jobId,
    format: z.enum(EXPORT_FORMATS).optional().describe('Also write the delivered companies to a new file.'),
  }),
  output: jobState.extend({
    message: z.string().optional().describe('Answer of OpenFunnel.'),
    companies: z.number().nullable().describe('Companies delivered; null until the job has ended.'),
    credits: z.number().nullable().describe('Credits billed; null until known.'),
    export: exportedFile.nullable().describe('The written file.'),
  }),
  async handle({ job_id, format }, services, call) {
    const { state, message, notices } = await services.cancel(job_id, call);
    const written = format === undefined ? null : await write(state, format, services, call);
    const file = written !== null && 'path' in written ? written : null;
    const companies = state.terminal ? promised(state, 'count') : null;
    const credits = state.terminal ? promised(state, 'credits_consumed') : null;
    const delivered =
      companies === null
        ? 'Companies already delivered are kept and billed; how many is known once the job has ended.'
        : `Delivered: ${companies} companies${credits === null ? '' : `, for ${credits} credits`}; they are kept, and nothing more is billed.`;
    const id = JSON.stringify(job_id);
    return answer({
      untrusted: message !== null || hasUpstreamText(state),
      notices: written !== null && 'why' in written ? [...notices, written.why] : notices,
      parts: [
        statePart(state),
        part({ message }, ...(message === null ? [] : [`Message: ${quoted(message)}`])),
        part({ companies, credits }, delivered),
        exportPart(file),
      ],
      link: file ? linkTo(file) : null,
      nextStep: file
        ? `Tell the user the path of the file, and that it has all rows delivered before the cancel, seeds and duplicates included. ${callOf('export_bulk_results', { job_id, exclude: ['seeds', 'duplicates'] })} writes a file without these.`
        : state.terminal
          ? nextStep(state)
          : `The cancel is under way: call get_bulk_status {"job_id": ${id}} in a few seconds for the final state.`,
    });
  },
});

/** The file of what a job has delivered, or why there is none. Never fails: the cancel itself has been done. */
async function write(
  state: JobState,
  format: ExportFormat,
  { lists, exporter }: Services,
  call: ToolCall,
): Promise<ExportedFile | { why: string }> {
  const id = JSON.stringify(state.job_id);
  const later = `export_bulk_results {"job_id": ${id}} writes it`;
  if (!state.results_final) {
    const partly = `export_bulk_results {"job_id": ${id}, "allow_partial": true} writes what can be read`;
    return {
      why: `No file was written, as the job ${state.terminal ? `failed: ${partly}` : `has not stopped yet: ${later} once it has`}.`,
    };
  }
  try {
    const list = await lists.get(state.job_id, call);
    if (list.about.companies === 0) return { why: 'No file was written, as the job delivered no companies.' };
    if (!list.about.whole)
      return { why: `No file was written, as not all could be read (${list.about.why}): ${later} later.` };
    return (await exporter.write({ lists: [list], format }, call)).file;
  } catch (error) {
    if (!(error instanceof OpenFunnelError)) throw error;
    return { why: `No file was written (${error.code}): ${later} later.` };
  }
}
