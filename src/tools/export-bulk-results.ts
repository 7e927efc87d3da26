import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EXPORT_FORMATS, MIME_TYPES } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import type { Merged } from '../jobs/duplicates.ts';
import { type JobExport, NotFinalError } from '../jobs/export-job.ts';
import type { JobsExport } from '../jobs/export-jobs.ts';
import { nextStep } from '../jobs/state.ts';
import { renderNames, renderState } from '../results/render.ts';
import {
  failure,
  invalidInput,
  type ResourceLink,
  success,
  type ToolResult,
  withLink,
} from '../results/result.ts';
import { csvStyle, exportedFile, fields, jobId, jobState, toCsvStyle } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Writes all companies of a finished lookalike job, or of several together, to a new file on this machine (csv for spreadsheets and CRMs, jsonl, json) and returns its path, not the rows. For a part of them, or other columns, use query_companies with export. Never overwrites. A job that is not final is refused unless allow_partial. Free.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId.optional(),
    job_ids: z
      .array(jobId)
      .min(1)
      .max(50)
      .optional()
      .describe('Instead of job_id: 1 to 50 jobs for one file, whose first column is job_id.'),
    format: z.enum(EXPORT_FORMATS).default('csv'),
    ...csvStyle,
    fields: fields.optional().describe('Row fields to write; default all.'),
    dedupe: z
      .boolean()
      .default(false)
      .describe('Keep one row, the best-ranked, per company (same domain or LinkedIn page).'),
    filename: z.string().max(300).optional().describe('A bare name, without a folder.'),
    allow_partial: z.boolean().default(false).describe('Write what there is of a job that is not final.'),
  }),
  output: jobState.extend(exportedFile.shape).extend({
    merged: z
      .object({ by_domain: z.number(), by_linkedin: z.number(), without_identity: z.number() })
      .nullable()
      .describe(
        'With dedupe: rows left out by what they were told to be the same, and rows that tell nothing.',
      ),
    jobs: z
      .array(z.object({ job_id: z.string(), status: z.string(), companies: z.number() }))
      .describe('With job_ids: what was read of each.'),
  }),
  async handle(args, { jobs }, call) {
    const ids = [...new Set([args.job_id ?? [], args.job_ids ?? []].flat())];
    const [only, ...more] = ids;
    if (only === undefined) throw invalidInput('Give job_id, or job_ids for several jobs in one file.');
    const request = {
      format: args.format,
      csv: toCsvStyle(args),
      fields: args.fields?.includes('all') ? undefined : args.fields,
      dedupe: args.dedupe,
      fileName: args.filename,
      allowPartial: args.allow_partial,
    };
    try {
      if (more.length === 0 && args.job_ids === undefined)
        return renderOne(await jobs.export({ ...request, jobId: only }, call));
      return renderSeveral(await jobs.exportSeveral({ ...request, jobIds: ids }, call));
    } catch (error) {
      if (!(error instanceof NotFinalError)) throw error;
      const structured = { ...error.state, next_step: nextStep(error.state) };
      return failure(error, {
        structured,
        text: `${renderState(error.state)}\nNext: ${structured.next_step}`,
      });
    }
  },
});

const NEXT = 'Tell the user the path of the file.';

function renderOne({ state, file, merged, partial, notices, unknownFields }: JobExport): ToolResult {
  const structured = { ...state, next_step: NEXT, ...file, merged, jobs: [] };
  const lines = [renderState(state), renderFile(file), ...renderMerged(merged), `Next: ${NEXT}`];
  return withLink(success(structured, lines.join('\n'), said(partial, notices, unknownFields)), linkTo(file));
}

function renderSeveral({ jobs, file, merged, partial, notices, unknownFields }: JobsExport): ToolResult {
  const structured = { ...file, merged, jobs, next_step: NEXT };
  const lines = [
    `Jobs: ${jobs.map(({ job_id, status, companies }) => `${job_id} (${status}, ${companies} companies)`).join(', ')}`,
    renderFile(file),
    ...renderMerged(merged),
    `Next: ${NEXT}`,
  ];
  return withLink(success(structured, lines.join('\n'), said(partial, notices, unknownFields)), linkTo(file));
}

function said(
  partial: string | null,
  notices: readonly string[],
  unknownFields: readonly string[],
): string[] {
  return [
    ...(partial === null ? [] : [`PARTIAL: ${partial}.`]),
    ...notices,
    ...(unknownFields.length === 0 ? [] : [`No row has: ${renderNames(unknownFields)}.`]),
  ];
}

function renderMerged(merged: Merged | null): string[] {
  if (merged === null) return [];
  const { by_domain, by_linkedin, without_identity } = merged;
  return [
    `Duplicates left out: ${by_domain} by domain, ${by_linkedin} by LinkedIn page; ${without_identity} companies have neither, so that nothing tells whether they are duplicates, and all of them are in the file.`,
  ];
}

export function renderFile(file: ExportedFile): string {
  return `Written: ${file.path} (${file.format}, ${file.rows} rows, ${file.bytes} bytes; columns: ${file.columns.join(', ')})`;
}

export function linkTo(file: ExportedFile): ResourceLink {
  return {
    type: 'resource_link',
    uri: pathToFileURL(file.path).href,
    name: file.path.split(/[\\/]/).at(-1) ?? file.path,
    mimeType: MIME_TYPES[file.format],
    description: `${file.rows} companies`,
  };
}
