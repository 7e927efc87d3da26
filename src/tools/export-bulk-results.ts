import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { EXPORT_FORMATS, MIME_TYPES } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import type { Merged } from '../jobs/duplicates.ts';
import { type JobExport, NotFinalError } from '../jobs/export-job.ts';
import type { JobsExport } from '../jobs/export-jobs.ts';
import { nextStep } from '../jobs/state.ts';
import { statusWord } from '../jobs/words.ts';
import { toExclusions } from '../lists/exclusions.ts';
import { answer, type Part, part } from '../results/answer.ts';
import { filePart, hasUpstreamText, statePart } from '../results/job-parts.ts';
import { renderNames } from '../results/render.ts';
import { invalidInput, type ResourceLink, type ToolResult } from '../results/result.ts';
import { columnName } from '../results/rows.ts';
import { csvStyle, exportedFile, fields, jobId, jobState, toCsvStyle } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';
import { exclude, excludedFields, excludedPart, type FileSelection, selectFor } from './exclude.ts';

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Writes the companies of a finished (completed or cancelled) lookalike job, or of several together (job_ids), to a new file on this machine (csv, jsonl or json) and returns its path, not the companies. Reads and checks all pages first; never overwrites a file. A job that is not finished, or not wholly readable, is refused unless allow_partial. Free. For chosen rows, or columns renamed or computed, use query_companies with export; to look at companies here get_bulk_page.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    job_id: jobId.optional().describe('One job; either this or job_ids.'),
    job_ids: z
      .array(jobId)
      .min(1)
      .max(50)
      .optional()
      .describe('Instead of job_id: several jobs for one file, whose first column is job_id.'),
    format: z.enum(EXPORT_FORMATS).default('csv'),
    ...csvStyle,
    fields: fields
      .optional()
      .describe(
        'Row fields to write, in this order, named as in get_bulk_page; default all. Of a marked job, verdict, role, score and reason follow as last columns.',
      ),
    dedupe: z
      .boolean()
      .default(false)
      .describe(
        'Keep one row, the best-ranked, per company (domain or LinkedIn page), across jobs too. Same rows as exclude duplicates, counted in merged.',
      ),
    exclude,
    filename: z
      .string()
      .max(300)
      .optional()
      .describe('Bare file name, no folder; a taken one gets a number; default made of the job_id.'),
    allow_partial: z
      .boolean()
      .default(false)
      .describe(
        'Write what can be read of a job that is not finished or not whole; the name then says .partial.',
      ),
  }),
  output: jobState.extend({
    ...exportedFile.shape,
    partial: z
      .boolean()
      .describe(
        'Rows that the jobs delivered, or may still deliver, are missing; those left out by exclude or dedupe do not count.',
      ),
    merged: z
      .object({
        by_domain: z.number().describe('Left out for their domain.'),
        by_linkedin: z.number().describe('Left out for their LinkedIn page.'),
        without_identity: z.number().describe('Written, though nothing tells whether they are duplicates.'),
      })
      .nullable()
      .describe(
        'With dedupe: rows left out by what they were told to be the same, and rows that tell nothing.',
      ),
    jobs: z
      .array(
        z.object({
          job_id: z.string().describe('The job.'),
          status: z.string().describe('Its status.'),
          companies: z.number().describe('Companies read of it.'),
        }),
      )
      .describe('With job_ids: what was read of each.'),
    ...excludedFields,
  }),
  async handle(args, { jobs, lists }, call) {
    const ids = [...new Set([args.job_id ?? [], args.job_ids ?? []].flat())];
    const [only, ...more] = ids;
    if (only === undefined) throw invalidInput('Give job_id, or job_ids for several jobs in one file.');
    const exclusions = toExclusions(args.exclude ?? []);
    const selection = await selectFor(lists, ids, exclusions, call);
    const fields = args.fields?.includes('all') ? undefined : args.fields;
    const request = {
      format: args.format,
      csv: toCsvStyle(args),
      fields: fields && [...new Set([...fields, ...selection.columns])],
      select: selection.select ?? undefined,
      // A duplicate is one across the jobs of a file as well.
      dedupe: args.dedupe || (ids.length > 1 && exclusions.some(({ kind }) => kind === 'duplicates')),
      fileName: args.filename,
      allowPartial: args.allow_partial,
    };
    try {
      if (more.length === 0 && args.job_ids === undefined)
        return renderOne(await jobs.export({ ...request, jobId: only }, call), selection);
      return renderSeveral(await jobs.exportSeveral({ ...request, jobIds: ids }, call), selection);
    } catch (error) {
      if (!(error instanceof NotFinalError)) throw error;
      return answer({
        untrusted: hasUpstreamText(error.state),
        parts: [statePart(error.state)],
        nextStep: nextStep(error.state),
        error,
      });
    }
  },
});

const NEXT = 'Tell the user the path of the file.';

function renderOne(exported: JobExport, selection: FileSelection): ToolResult {
  const { state } = exported;
  const untrusted = exported.quotesUpstream || hasUpstreamText(state);
  return render(exported, selection, [statePart(state), part({ jobs: [] })], untrusted);
}

function renderSeveral(exported: JobsExport, selection: FileSelection): ToolResult {
  const { jobs } = exported;
  const told = jobs.map(
    ({ job_id, status, companies }) => `${job_id} (${statusWord(status)}, ${companies} companies)`,
  );
  const parts = [part({ jobs }, `Jobs: ${told.join(', ')}`)];
  return render(exported, selection, parts, exported.quotesUpstream);
}

function render(
  { file, merged, partial, notices, unknownFields }: Omit<JobExport, 'state'>,
  selection: FileSelection,
  parts: readonly Part[],
  untrusted: boolean,
): ToolResult {
  return answer({
    untrusted:
      untrusted ||
      file.columns.some((name) => columnName(name) !== name) ||
      selection.facts.excluded_companies.length > 0,
    notices: said(partial, [...notices, ...selection.notices], unknownFields),
    parts: [
      ...parts,
      filePart(file),
      part({ merged }, ...renderMerged(merged)),
      excludedPart(withMerged(selection.facts, merged)),
      part({ partial: partial !== null }, `Partial: ${partial === null ? 'no' : 'yes'}.`),
    ],
    nextStep: partial === null ? NEXT : `${NEXT} Say that it is not the whole list, and why.`,
    link: linkTo(file),
  });
}

/** `dedupe` counts among what was left out as `exclude: ["duplicates"]` does. */
function withMerged(facts: FileSelection['facts'], merged: Merged | null): FileSelection['facts'] {
  if (merged === null) return facts;
  const duplicates = (facts.excluded?.duplicates ?? 0) + merged.by_domain + merged.by_linkedin;
  return { ...facts, excluded: { ...facts.excluded, duplicates } };
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

export function linkTo(file: ExportedFile): ResourceLink {
  return {
    type: 'resource_link',
    uri: pathToFileURL(file.path).href,
    name: file.path.split(/[\\/]/).at(-1) ?? file.path,
    mimeType: MIME_TYPES[file.format],
    description: `${file.rows} companies`,
  };
}
