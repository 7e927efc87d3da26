import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { CRMS, type Crm, crmColumns } from '../files/crm-columns.ts';
import { EXPORT_FORMATS, MIME_TYPES } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { type CollectedList, NotEndedError } from '../lists/collected-list.ts';
import { type Exclusion, toExclusions, WITHOUT_DOMAIN } from '../lists/selecting/exclusion.ts';
import type { Excluded } from '../lists/selecting/exclusions.ts';
import { whyPartial } from '../lists/selecting/export.ts';
import { ranksOf, toRanks } from '../lists/selecting/ranks.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { ProgressSink } from '../reading/progress.ts';
import { describeProgress, type JobState } from '../reading/state.ts';
import { statusWord } from '../reading/words.ts';
import { answer, type Part, part } from '../results/answer.ts';
import { DEFAULT_BUDGET, largestFitting } from '../results/budget.ts';
import { filePart, hasUpstreamText, statePart } from '../results/job-parts.ts';
import { EMPTY_FILE, nextStep } from '../results/next-step.ts';
import { renderNames } from '../results/render.ts';
import { invalidInput, type ResourceLink, type ToolResult } from '../results/result.ts';
import { columnName } from '../results/rows.ts';
import { csvStyle, exportedFile, fields, jobId, jobState, ranksText, toCsvStyle } from '../results/schema.ts';
import type { Ranks } from '../sql/columns.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';
import { exclude, excludedFields, excludedPart, leaveOut, MAX_NAMED, newPart } from './parts/exclude.ts';

export const exportBulkResults = defineTool({
  name: 'export_bulk_results',
  title: 'Export a bulk job to a file',
  description:
    'Exports the companies of a finished lookalike job to a new CSV, JSON or JSONL file. Use it for a whole list, or to combine several jobs in one file. Free. Writes the file on this machine, never over an existing one, and returns its path. Refuses an incomplete list unless `allow_partial` is true. To read rows in the chat, use get_bulk_page. For filtered rows or renamed columns, use query_companies.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { dedupe: { list: 'exclude', item: 'duplicates' } },
  input: z.strictObject({
    job_id: jobId.optional().describe('The job. Give job_id or job_ids.'),
    job_ids: z
      .array(jobId)
      .min(1)
      .max(50)
      .optional()
      .describe('Several jobs for one file, with job_id as its first column.'),
    format: z.enum(EXPORT_FORMATS).default('csv').describe('Format of the file.'),
    ...csvStyle,
    fields: fields
      .optional()
      .describe(
        'Columns in this order, named as in get_bulk_page; default all. Verdict, role, score and reason follow, if any.',
      ),
    preset: z
      .enum(CRMS)
      .optional()
      .describe("Instead of fields: that CRM's columns, one row per company with a domain."),
    exclude,
    rows: ranksText.describe('Ranks to write, such as "1-180, 200".'),
    filename: z
      .string()
      .max(300)
      .optional()
      .describe('File name without a folder. A taken name gets a number.'),
    allow_partial: z
      .boolean()
      .default(false)
      .describe('Write what can be read of an incomplete list, to a file named .partial.'),
  }),
  output: jobState.extend({
    ...exportedFile.shape,
    partial: z
      .boolean()
      .describe(
        'Rows are missing that the jobs delivered or may still deliver. Those left out by exclude do not count.',
      ),
    merged: z
      .object({
        within: z.number().describe('Within a job.'),
        across: z.number().describe('Across jobs.'),
        without_identity: z.number().describe('Written without a domain or LinkedIn page to compare.'),
      })
      .nullable()
      .describe('With exclude duplicates: the rows left out.'),
    jobs: z
      .array(
        z.object({
          job_id: z.string(),
          status: z.string(),
          companies: z.number(),
        }),
      )
      .describe('With job_ids: what was read.'),
    ...excludedFields,
  }),
  async handle(args, services, call) {
    const ids = [...new Set([args.job_id ?? [], args.job_ids ?? []].flat())];
    const [first] = ids;
    if (first === undefined) throw invalidInput('Give job_id, or job_ids for several jobs in one file.');
    const exclusions = [
      ...toExclusions([...(args.exclude ?? []), ...(args.preset === undefined ? [] : ['duplicates'])]),
      ...(args.preset === undefined ? [] : [WITHOUT_DOMAIN]),
    ];
    if (args.preset !== undefined && args.fields !== undefined)
      throw invalidInput('preset has its own columns: give it or fields.');
    const ranks = args.rows === undefined ? null : toRanks(args.rows);
    // A name that can't be used is said before anything is read.
    services.exporter.nameOf(args.filename, first, args.format, null);
    const lists: CollectedList[] = [];
    for (const id of ids) {
      const list = await listFor(id, args.allow_partial, services, call);
      if (!('about' in list)) {
        return answer({
          untrusted: hasUpstreamText(list.state),
          parts: [statePart(list.state)],
          nextStep: nextStep(list.state),
          error: list.error,
        });
      }
      lists.push(list);
    }
    return write({ lists, exclusions, several: args.job_ids !== undefined, ranks, args }, services, call);
  },
});

type Args = {
  format: (typeof EXPORT_FORMATS)[number];
  fields?: readonly string[] | undefined;
  filename?: string | undefined;
  preset?: Crm | undefined;
} & z.output<z.ZodObject<typeof csvStyle>>;

interface Writing {
  lists: readonly CollectedList[];
  exclusions: readonly Exclusion[];
  several: boolean;
  /** Null for all rows. */
  ranks: Ranks | null;
  args: Args;
}

/** A job's list, or how far a job is that can't be exported yet. */
async function listFor(
  id: string,
  allowPartial: boolean,
  { lists }: Services,
  { signal }: ToolCall,
): Promise<CollectedList | { state: JobState; error: OpenFunnelError }> {
  try {
    const list = await lists.get(id, { signal, running: allowPartial });
    if (list.about.whole || allowPartial) return list;
    const { state, about, reading } = list;
    if (!state.results_final) return { state, error: notFinal(state) };
    const { failure, quotesUpstream = false, pages = [] } = reading ?? {};
    const retryable = failure?.retryable ?? true;
    const goesOn =
      pages.length > 0 && (reading?.missing.length ?? 0) > 0
        ? ' (it goes on where this call stopped, since the pages that were read are kept)'
        : '';
    throw new OpenFunnelError(
      failure?.code ?? 'upstream_invalid_response',
      `Not all of ${id} could be read (${about.why}), so nothing was written. ${retryable ? `Try again in a little while${goesOn}; ` : ''}allow_partial: true writes what can be read.`,
      {
        httpStatus: failure?.httpStatus ?? null,
        retryAfterSeconds: failure?.retryAfterSeconds ?? null,
        retryable,
        quotesUpstream,
      },
    );
  } catch (error) {
    if (!(error instanceof NotEndedError)) throw error;
    return { state: error.state, error: notFinal(error.state) };
  }
}

/** What a job is refused with that can't be exported yet. */
function notFinal(state: JobState): OpenFunnelError {
  return new OpenFunnelError(
    'conflict',
    state.terminal
      ? 'The job failed, so nothing was written. allow_partial: true writes what it delivered before.'
      : `The job is not final (${describeProgress(state, null)}), so nothing was written. Wait for it with wait_and_collect and export then; allow_partial: true writes the provisional rows there are.`,
    { retryable: !state.terminal, quotesUpstream: hasUpstreamText(state) },
  );
}

function aboutPreset(crm: Crm): string {
  const what = crm === 'hubspot' ? 'companies in HubSpot' : 'accounts in Salesforce';
  return `The columns are named as an import of ${what} knows them; rows without a domain, and repeats of a company, are left out.`;
}

function stepAfter({ rows }: ExportedFile, partial: string | null): string {
  const next = rows === 0 ? EMPTY_FILE : 'Tell the user the path of the file.';
  return partial === null ? next : `${next} Say that it is not the whole list, and why.`;
}

async function write(
  { lists, exclusions, several, ranks, args }: Writing,
  services: Services,
  call: ToolCall,
): Promise<ToolResult> {
  const cut = ranks === null ? [] : [`The file has ${ranksOf(ranks, lists)}.`];
  const left = await leaveOut(services, lists, exclusions, { ...call, ranks });
  const partial = whyPartial(lists);
  const total = lists.reduce((sum, { about }) => sum + about.companies, 0);
  const progress = new ProgressSink(call.report);
  progress.reading(0, total, 'exporting');
  const {
    file,
    unknownFields,
    notices: written,
  } = await services.exporter.write(
    {
      lists,
      withJob: several && args.preset === undefined,
      named: args.preset && crmColumns(args.preset),
      format: args.format,
      csv: toCsvStyle(args),
      fields: args.fields,
      fileName: args.filename,
      ranks,
      excluded: left?.excluded ?? null,
    },
    {
      signal: call.signal,
      onRows: (read) => progress.reading(read, total, `exporting: ${read} of ${total} companies`),
    },
  );
  const excluded = left?.excluded ?? null;
  const merged = excluded?.merged ?? null;
  const notices = [
    ...(partial === null ? [] : [`PARTIAL: ${partial}.`]),
    ...cut,
    ...lists.flatMap(({ about, notices: told }) =>
      told.map((notice) => (several ? `${about.job_id}: ${notice}` : notice)),
    ),
    ...(left?.notices ?? []),
    ...(args.preset ? [aboutPreset(args.preset)] : []),
    ...written,
    ...(unknownFields.length === 0 ? [] : [`No row has: ${renderNames(unknownFields)}.`]),
  ];
  const build = (named: number) =>
    answer({
      untrusted:
        lists.some(({ state, reading }) => hasUpstreamText(state) || reading?.quotesUpstream === true) ||
        (args.preset === undefined && file.columns.some((name) => columnName(name) !== name)) ||
        (excluded?.companies.length ?? 0) > 0 ||
        notices.some((notice) => notice.includes('"')),
      notices,
      parts: [
        ...jobsParts(lists, several),
        filePart(file, args.preset ? 'by us' : 'by others'),
        part({ merged }, ...renderMerged(merged)),
        excludedPart(excluded, named),
        newPart(excluded?.net_new ?? null, lists),
        part({ partial: partial !== null }, `Partial: ${partial === null ? 'no' : 'yes'}.`),
      ],
      nextStep: stepAfter(file, partial),
      link: linkTo(file),
    });
  return largestFitting(Math.min(MAX_NAMED, excluded?.companies.length ?? 0), DEFAULT_BUDGET, build).built;
}

function jobsParts(lists: readonly CollectedList[], several: boolean): Part[] {
  const [only] = lists;
  if (!several && only) return [statePart(only.state), part({ jobs: [] })];
  const jobs = lists.map(({ about, state }) => ({
    job_id: about.job_id,
    status: state.status,
    companies: about.companies,
  }));
  const told = jobs.map(
    ({ job_id, status, companies }) => `${job_id} (${statusWord(status)}, ${companies} companies)`,
  );
  return [part({ jobs }, `Jobs: ${told.join(', ')}`)];
}

function renderMerged(merged: Excluded['merged']): string[] {
  if (merged === null) return [];
  const { within, across, without_identity } = merged;
  const unknown =
    without_identity === 0
      ? '.'
      : `; ${without_identity} companies have neither domain nor LinkedIn page, so that nothing tells whether they are duplicates.`;
  return [`Duplicates: ${within} within a job, ${across} across jobs${unknown}`];
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
