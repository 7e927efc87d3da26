import * as z from 'zod';
import { CRM_COLUMNS, CRMS } from '../files/crm-columns.ts';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import { type CollectedList, NotEndedError } from '../lists/collected-list.ts';
import { toExclusions, WITHOUT_DOMAIN } from '../lists/selecting/exclusion.ts';
import type { Excluded } from '../lists/selecting/exclusions.ts';
import { whyPartial } from '../lists/selecting/export.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { ProgressSink } from '../reading/progress.ts';
import { describeProgress, type JobState } from '../reading/state.ts';
import { statusWord } from '../reading/words.ts';
import { invalidInput, type Part, part, saidOf, type ToolAnswer } from '../results/answer.ts';
import { DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { filePart, hasUpstreamText, statePart } from '../results/job-parts.ts';
import { EMPTY_FILE, nextStep } from '../results/next-step.ts';
import { renderNames } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';
import { exclude, excludedFields, excludedPart, leaveOut, MAX_NAMED, newPart } from './parts/exclude.ts';

const input = z.strictObject({
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
  filename: field.described(
    z.string().max(300).optional(),
    'File name without a folder. A taken name gets a number.',
  ),
  allow_partial: field.described(
    z.boolean().default(false),
    'Write what can be read of an incomplete list, to a file named .partial.',
  ),
});

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Exports the companies of a finished lookalike job to a new CSV, JSON or JSONL file. Use it for a whole list, or to combine several jobs in one file. Free. Writes the file on this machine, never over an existing one, and returns its path. Refuses an incomplete list unless `allow_partial` is true. To read rows in the chat, use get_bulk_page. For filtered rows or renamed columns, use query_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { dedupe: { list: 'exclude', item: 'duplicates' } },
  input,
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
    jobs: field.objects(
      { job_id: z.string(), status: z.string(), companies: z.number() },
      'With job_ids: what was read.',
    ),
    ...excludedFields,
  }),
  async handle(args, services, call) {
    const ids = [...new Set([args.job_id ?? [], args.job_ids ?? []].flat())];
    const [first] = ids;
    if (first === undefined) throw invalidInput('Give job_id, or job_ids for several jobs in one file.');
    if (args.preset !== undefined && args.fields !== undefined)
      throw invalidInput('preset has its own columns: give it or fields.');
    // What can't be used is said before anything is read.
    toExclusions(args.exclude ?? []);
    services.exporter.nameOf(args.filename, first, args.format, null);
    const lists: CollectedList[] = [];
    for (const id of ids) {
      const list = await listFor(id, args.allow_partial, services, call);
      if (!('about' in list)) return list;
      lists.push(list);
    }
    return write(args, lists, services, call);
  },
});

/** A job's list, or what is said of a job that can't be exported yet. */
async function listFor(
  id: string,
  allowPartial: boolean,
  { lists }: Services,
  call: ToolCall,
): Promise<CollectedList | ToolAnswer> {
  try {
    const list = await lists.get(id, { ...call, running: allowPartial });
    if (list.about.whole || allowPartial) return list;
    const { state, about, reading } = list;
    if (!state.results_final) return notFinal(state);
    const { failure, quotesUpstream = false, pages = [], missing = [] } = reading ?? {};
    const retryable = failure?.retryable ?? true;
    const goesOn =
      pages.length > 0 && missing.length > 0
        ? ' (it goes on where this call stopped, since the pages that were read are kept)'
        : '';
    throw new OpenFunnelError(
      failure?.code ?? 'upstream_invalid_response',
      `Not all of ${id} could be read (${about.why}), so nothing was written. ${retryable ? `Try again in a little while${goesOn}; ` : ''}allow_partial: true writes what can be read.`,
      { ...failure, retryable, quotesUpstream },
    );
  } catch (error) {
    if (error instanceof NotEndedError) return notFinal(error.state);
    throw error;
  }
}

function notFinal(state: JobState): ToolAnswer {
  const untrusted = hasUpstreamText(state);
  const said = state.terminal
    ? 'The job failed, so nothing was written. allow_partial: true writes what it delivered before.'
    : `The job is not final (${describeProgress(state, null)}), so nothing was written. Wait for it with wait_and_collect and export then; allow_partial: true writes the provisional rows there are.`;
  return {
    untrusted,
    parts: [statePart(state)],
    nextStep: nextStep(state),
    error: new OpenFunnelError('conflict', said, { retryable: !state.terminal, quotesUpstream: untrusted }),
  };
}

async function write(
  { preset, filename, format, rows: ranks, ...args }: z.output<typeof input>,
  lists: readonly CollectedList[],
  services: Services,
  call: ToolCall,
): Promise<ToolAnswer> {
  const several = args.job_ids !== undefined;
  const exclusions = [
    ...toExclusions([...(args.exclude ?? []), ...(preset ? ['duplicates'] : [])]),
    ...(preset ? [WITHOUT_DOMAIN] : []),
  ];
  const { excluded, notices: left } = await leaveOut(services, lists, exclusions, ranks, call);
  const partial = whyPartial(lists);
  const total = lists.reduce((sum, { about }) => sum + about.companies, 0);
  const progress = new ProgressSink(call.report);
  progress.reading(0, total, 'exporting');
  const { file, unknownFields, ...written } = await services.exporter.write(
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
    ...left,
    preset &&
      `The columns are named as an import of ${what} knows them; rows without a domain, and repeats of a company, are left out.`,
    ...written.notices,
    unknownFields.length > 0 && `No row has: ${renderNames(unknownFields)}.`,
  ];
  const quotes =
    lists.some(({ state, reading }) => hasUpstreamText(state) || reading?.quotesUpstream === true) ||
    saidOf(notices).some((notice) => notice.includes('"'));
  const done = file.rows === 0 ? EMPTY_FILE : 'Tell the user the path of the file.';
  const companies = excluded?.companies.length ?? 0;
  const build = (count: number): ToolAnswer => ({
    untrusted: quotes,
    notices,
    parts: [
      jobsPart(lists, several),
      filePart(file, preset !== undefined),
      mergedPart(excluded?.merged ?? null),
      excludedPart(excluded, count),
      newPart(excluded?.net_new ?? null, lists),
      part({ partial: partial !== null }, `Partial: ${partial === null ? 'no' : 'yes'}.`),
    ],
    nextStep: partial === null ? done : `${done} Say that it is not the whole list, and why.`,
  });
  return fitting(DEFAULT_BUDGET, [{ most: Math.min(MAX_NAMED, companies), least: 0, build }]);
}

function jobsPart(lists: readonly CollectedList[], several: boolean): Part {
  const [only] = lists;
  if (!several && only) {
    const { fields: state, lines } = statePart(only.state);
    return part({ ...state, jobs: [] }, ...lines);
  }
  const jobs = lists.map(({ about, state }) => {
    const { job_id, companies } = about;
    return { job_id, status: state.status, companies };
  });
  const told = jobs.map(
    ({ job_id, status, companies }) => `${job_id} (${statusWord(status)}, ${companies} companies)`,
  );
  return part({ jobs }, `Jobs: ${told.join(', ')}`);
}

function mergedPart(merged: Excluded['merged']): Part {
  if (merged === null) return part({ merged });
  const { within, across, without_identity } = merged;
  const unknown =
    without_identity === 0
      ? '.'
      : `; ${without_identity} companies have neither domain nor LinkedIn page, so that nothing tells whether they are duplicates.`;
  return part({ merged }, `Duplicates: ${within} within a job, ${across} across jobs${unknown}`);
}
