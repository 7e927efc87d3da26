import * as z from 'zod';
import { CRM_COLUMNS, CRMS } from '../files/crm-columns.ts';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import { counted } from '../lib/text.ts';
import { type CollectedList, NotFinalError } from '../lists/collected-list.ts';
import { type Excluded, toExclusions } from '../lists/selecting/exclusions.ts';
import { statusWord } from '../reading/job-words.ts';
import { ProgressSink } from '../reading/progress.ts';
import { invalidInput, type Part, part, type ToolAnswer } from '../results/answer.ts';
import { DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { filePart, statePart } from '../results/job-parts.ts';
import { EMPTY_FILE } from '../results/next-step.ts';
import { renderNames } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';
import {
  exclude,
  excludedFields,
  excludedPart,
  leaveOut,
  MAX_NAMED,
  marksBeside,
  newPart,
} from './parts/exclude.ts';

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Exports the companies of a finished lookalike job to a new CSV, JSON or JSONL file. Use it for a whole list, or to combine several jobs in one file. Free. Writes the file on this machine, never over an existing one, and returns its path. Refuses an incomplete list unless `allow_partial` is true. To read rows in the chat, use get_bulk_page. For filtered rows or renamed columns, use query_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { dedupe: { list: 'exclude', item: 'duplicates' } },
  input: z.strictObject({
    job_id: field.jobId.optional().describe('The job. Give job_id or job_ids.'),
    job_ids: field.described(
      z.array(field.jobId).min(1).max(50).optional(),
      'Several jobs for one file, with job_id as its first column.',
    ),
    format: z.enum(EXPORT_FORMATS).default('csv').describe('Format of the file.'),
    ...field.csvStyle,
    fields: field.described(
      field.fields.optional(),
      'Columns in this order, named as in get_bulk_page; default all. Verdict, role, score and reason follow, if any.',
    ),
    preset: field.described(
      z.enum(CRMS).optional(),
      "Instead of fields: that CRM's columns, one row per company with a domain.",
    ),
    exclude,
    rows: field.ranks.describe('Ranks to write, such as "1-180, 200".'),
    filename: field.fileName.describe('File name without a folder. A taken name gets a number.'),
    allow_partial: field.described(
      z.boolean().default(false),
      'Write what can be read of an incomplete list, to a file named .partial.',
    ),
  }),
  output: field.jobState.extend({
    ...field.exportedFile.shape,
    partial: field.bool(
      'Rows are missing that the jobs delivered or may still deliver. Those left out by exclude do not count.',
    ),
    merged: z
      .object({
        within: field.number('Within a job.'),
        across: field.number('Across jobs.'),
        without_identity: field.number('Written without a domain or LinkedIn page to compare.'),
      })
      .nullable()
      .describe('With exclude duplicates: the rows left out.'),
    jobs: field
      .objects(
        { job_id: z.string(), status: z.string(), companies: z.number() },
        'With job_ids: what was read.',
      )
      .optional(),
    ...excludedFields,
  }),
  async handle({ job_id, job_ids, preset, filename, format, rows: ranks, ...args }, services, call) {
    const ids = [...new Set([job_id ?? [], job_ids ?? []].flat())];
    if (ids.length === 0) throw invalidInput('Give job_id, or job_ids for several jobs in one file.');
    if (preset !== undefined && args.fields !== undefined)
      throw invalidInput('preset has its own columns: give it or fields.');
    const lists: CollectedList[] = [];
    for (const id of ids) {
      const partly = () => services.lists.get(id, { ...call, running: true });
      const final = () => services.lists.final(id, call).catch(unwritten);
      lists.push(await (args.allow_partial ? partly() : final()));
    }
    const several = job_ids !== undefined;
    const asked = (args.exclude ?? []).map(({ text }) => text);
    const exclusions = toExclusions([...asked, ...(preset ? ['duplicates', 'without domain'] : [])]);
    const { excluded, notices: left } = await leaveOut(services, lists, exclusions, ranks, call);
    const total = lists.reduce((sum, { about }) => sum + about.companies, 0);
    const progress = new ProgressSink(call.report);
    progress.reading(0, total, 'exporting');
    const { file, unknownFields, partial, ...written } = await services.exporter.write(
      {
        lists,
        withJob: several && !preset,
        named: preset && CRM_COLUMNS[preset],
        format,
        csv: args,
        fields: args.fields,
        fileName: filename,
        ranks,
        excluded,
      },
      {
        signal: call.signal,
        onRows: (read) => progress.reading(read, total, `exporting: ${read} of ${total} companies`),
      },
    );
    const what = preset === 'hubspot' ? 'companies in HubSpot' : 'accounts in Salesforce';
    const notices = [
      partial !== null && `PARTIAL: ${partial}.`,
      ...lists.flatMap(({ about, notices: told }) =>
        told.map((notice) => (several ? `${about.job_id}: ${notice}` : notice)),
      ),
      ...(await marksBeside(services, lists, exclusions)),
      ...left,
      preset &&
        `The columns are named as an import of ${what} knows them; rows without a domain, and repeats of a company, are left out.`,
      ...written.notices,
      unknownFields.length > 0 && `No row has: ${renderNames(unknownFields)}.`,
    ];
    const done = file.rows === 0 ? EMPTY_FILE : 'Tell the user the path of the file.';
    const companies = excluded?.companies.length ?? 0;
    const build = (count: number): ToolAnswer => ({
      notices,
      parts: [
        ...(several ? [jobsPart(lists)] : lists.map(({ state }) => statePart(state))),
        filePart(file, preset !== undefined),
        mergedPart(excluded?.merged ?? null),
        excludedPart(excluded, count),
        newPart(excluded?.net_new ?? null, lists),
        part({ partial: partial !== null }, `Partial: ${partial === null ? 'no' : 'yes'}.`),
      ],
      nextStep: partial === null ? done : `${done} Say that it is not the whole list, and why.`,
    });
    return fitting(DEFAULT_BUDGET, [{ most: Math.min(MAX_NAMED, companies), least: 0, build }]);
  },
});

/** Says also what became of the file. @throws the error itself. */
function unwritten(error: unknown): never {
  if (error instanceof NotFinalError)
    error.message += ' Nothing was written; allow_partial: true writes what can be read.';
  throw error;
}

function jobsPart(lists: readonly CollectedList[]): Part {
  const jobs = lists.map(({ about: { job_id, companies }, state: { status } }) => ({
    job_id,
    status,
    companies,
  }));
  const told = jobs.map(
    (job) => `${job.job_id} (${statusWord(job.status)}, ${counted(job.companies, 'company')})`,
  );
  return part({ jobs }, `Jobs: ${told.join(', ')}`);
}

function mergedPart(merged: Excluded['merged']): Part {
  if (merged === null) return part({ merged });
  const { within, across, without_identity } = merged;
  const unknown =
    without_identity === 0
      ? '.'
      : `; ${counted(without_identity, 'company', 'have')} neither domain nor LinkedIn page, so that nothing tells of duplicates there.`;
  return part({ merged }, `Duplicates: ${within} within a job, ${across} across jobs${unknown}`);
}
