import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EXPORT_FORMATS, MIME_TYPES } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { NotFinalError } from '../jobs/export-job.ts';
import { nextStep } from '../jobs/state.ts';
import { renderNames, renderState } from '../results/render.ts';
import { failure, type ResourceLink, success, withLink } from '../results/result.ts';
import { csvStyle, exportedFile, fields, jobId, jobState, toCsvStyle } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Writes all rows of a finished job to a new file on this machine (csv for spreadsheets and CRMs, jsonl, json) and returns its path, not the rows. For lists too long for a conversation. Never overwrites. A job that is not final is refused unless allow_partial. Free.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId,
    format: z.enum(EXPORT_FORMATS).default('csv'),
    ...csvStyle,
    fields: fields.optional().describe('Row fields to write; default all.'),
    dedupe: z.boolean().default(false).describe('Keep one row, the best-ranked, per domain.'),
    filename: z.string().max(300).optional().describe('A bare name, without a folder.'),
    allow_partial: z.boolean().default(false).describe('Write what there is of a job that is not final.'),
  }),
  output: jobState.extend(exportedFile.shape),
  async handle(args, { jobs }, call) {
    const choice = args.fields;
    try {
      const exported = await jobs.export(
        {
          jobId: args.job_id,
          format: args.format,
          csv: toCsvStyle(args),
          fields: choice?.includes('all') ? undefined : choice,
          dedupe: args.dedupe,
          fileName: args.filename,
          allowPartial: args.allow_partial,
        },
        call,
      );
      const { state, file, partial, notices: said, unknownFields } = exported;
      const structured = { ...state, next_step: 'Tell the user the path of the file.', ...file };
      const notices = partial === null ? said : [`PARTIAL: ${partial}.`, ...said];
      if (unknownFields.length > 0) notices.push(`No row has: ${renderNames(unknownFields)}.`);
      const lines = [renderState(state), renderFile(file), `Next: ${structured.next_step}`];
      return withLink(success(structured, lines.join('\n'), notices), linkTo(file));
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
