import * as z from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted, quoted } from '../lib/text.ts';
import { aboutLists } from '../lists/selecting/question.ts';
import { type JobState, promised, toJobState } from '../reading/state.ts';
import { part } from '../results/answer.ts';
import { exportPart, statePart } from '../results/job-parts.ts';
import { callOf, EMPTY_FILE, nextStep } from '../results/next-step.ts';
import * as field from '../results/schema.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';

/** A cancel waits for the final state this long. Milliseconds. */
const CANCEL_MS = 15_000;

export const cancelBulkJob = defineTool({
  name: 'cancel_bulk_job',
  title: 'Cancel a bulk job',
  description:
    'Cancels a pending or running lookalike job for good. Use it only when the user wants to stop spending credits. The companies delivered so far are billed and stay readable, and nothing more is billed. A cancelled job cannot be resumed, and the same search again is a new, billed job. Waits up to 15 seconds for the final status. To stop only the waiting, do not call wait_and_collect again.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  guards: { none: 'all limit' },
  view: 'never',
  input: z.strictObject({
    job_id: field.jobId,
    format: z.enum(EXPORT_FORMATS).optional().describe('Also write the delivered companies to a new file.'),
  }),
  output: field.jobState.extend({
    message: field.text('Answer of OpenFunnel.').optional(),
    companies: field.someNumber.describe('Companies delivered; null until the job has ended.'),
    credits: field.someNumber.describe('Credits billed; null until known.'),
    export: field.exportedFile.nullable().describe('The written file.'),
  }),
  async handle({ job_id, format }, services, call) {
    const { state, message, notices } = await cancelJob(services, job_id, call.signal);
    const written = format && (await write(job_id, format, services, call));
    const { file = null, doubts = [] } = typeof written === 'object' ? written : {};
    const companies = state.terminal ? promised(state, 'count') : null;
    const credits = state.terminal ? promised(state, 'credits_consumed') : null;
    const cost = credits === null ? '' : `, for ${counted(credits, 'credit')}`;
    return {
      notices: [...notices, ...doubts, typeof written === 'string' && `No file was written: ${written}`],
      parts: [
        statePart(state),
        part({ message: message ?? undefined }, message !== null && `Message: ${quoted(message)}`),
        part(
          { companies, credits },
          companies === null
            ? 'Companies already delivered are kept and billed; how many is known once the job has ended.'
            : `Delivered: ${counted(companies, 'company')}${cost}, kept; nothing more is billed.`,
        ),
        exportPart(file),
      ],
      nextStep: stepAfter(state, file),
    };
  },
});

function stepAfter(state: JobState, file: ExportedFile | null): string {
  const { job_id } = state;
  if (file?.rows === 0) return EMPTY_FILE;
  if (file)
    return `Tell the user the path of the file, and that it has all rows delivered before the cancel, seeds and duplicates included. ${callOf('export_bulk_results', { job_id, exclude: ['seeds', 'duplicates'] })} writes a file without these.`;
  if (state.terminal) return nextStep(state);
  return `The cancel is under way: call ${callOf('get_bulk_status', { job_id })} in a few seconds for the final state.`;
}

/**
 * Asks upstream to stop a job, and gives what it is like afterwards (contract: "cancel").
 * @throws {OpenFunnelError} where the cancel was not accepted, but for a job that had already ended.
 */
export async function cancelJob({ source, waiter, states }: Services, jobId: string, signal: AbortSignal) {
  const told = async (state: JobState, message: string | null, ...notices: string[]) => {
    return { state, message, notices: [...notices, ...(await states.aboutStatus(state))] };
  };
  const asked = await orFailure(source.cancel(jobId), signal);
  if (asked instanceof OpenFunnelError) {
    if (asked.code !== 'conflict') throw asked;
    const state = toJobState(jobId, await source.getPage(jobId, undefined, signal));
    // A cancel that was refused must not read like one that was accepted.
    if (!state.terminal) throw asked;
    return told(state, `The job had already ended (${state.status}); nothing was cancelled.`);
  }
  const { message, status } = asked;
  const waited = await orFailure(waiter.wait({ jobId, maxWaitMs: CANCEL_MS, signal }), signal);
  if (!(waited instanceof OpenFunnelError)) return told(toJobState(jobId, waited.page), message);
  const unknown = { processed: null, progress_message: null, manifest: null, error_message: null };
  const state = toJobState(jobId, { status: status ?? 'cancelling', ...unknown });
  const unread = `The cancel was accepted, but the job's state could not be read after it (${waited.code}).`;
  return told(state, message, unread);
}

/** The file of what a job has delivered, or why there is none. Never fails: the cancel itself has been done. */
async function write(jobId: string, format: ExportFormat, services: Services, call: ToolCall) {
  const { lists, exporter, marks } = services;
  const written = async () => {
    const list = await lists.final(jobId, call);
    const { file } = await exporter.write({ lists: [list], format }, call);
    return { file, doubts: await aboutLists([list], marks) };
  };
  const made = await orFailure(written(), call.signal);
  return made instanceof OpenFunnelError ? made.message : made;
}
