import * as z from 'zod';
import { PLAIN_CSV } from '../files/csv.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { orFailure } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import { type Collection, collect } from '../lists/collect.ts';
import { type Judgement, judgementOf } from '../lists/list-fit.ts';
import type { Excluded } from '../lists/selecting/exclusions.ts';
import type { NumberedCompany } from '../lists/selecting/fields.ts';
import { rankNames } from '../lists/selecting/ranks.ts';
import { invalidInput, part, type ToolAnswer } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { collectionFailure, collectionNotices, collectionStep, enoughPart } from '../results/collection.ts';
import { fitFields, fitPart, searchToPropose } from '../results/fit-part.ts';
import { exportPart, manifestPart, missingPart, pagesPart, statePart } from '../results/job-parts.ts';
import { type RowStyle, rowStyle, SHORT_REASON, tableOf } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { summaryField, summaryPart } from '../results/summary-part.ts';
import { chargedFor } from '../spending/balances.ts';
import { defineTool, type Services, type ToolCall } from './parts/define-tool.ts';
import {
  exclude,
  excludedFields,
  excludedPart,
  leaveOut,
  MAX_NAMED,
  marksBeside,
  newPart,
  notKnown,
} from './parts/exclude.ts';

const input = z.strictObject({
  job_id: field.jobId,
  max_wait_seconds: field.described(
    z.number().min(0).max(600).default(45),
    'Longest wait. Many clients give up on a call after a minute.',
  ),
  sample_rows: field.described(
    z.int().min(0).max(20).optional(),
    'Sample companies per page; default 3, or fewer for many pages.',
  ),
  fields: field.fields.optional().describe('Row fields of the samples, as in get_bulk_page.'),
  max_chars: field.maxChars,
  format: field.formatOrNone.describe(
    'Also write the complete list, with all fields, to a file. export_bulk_results has more options.',
  ),
  rows: field.ranks.describe('Only these ranks in the file: "1-180".'),
  enough: field.described(
    z.int().min(1).max(10_000).optional(),
    'Return early, once this many companies can be read. Seeds, duplicates and known companies do not count. The job runs on and costs more, unless cancel_bulk_job stops it.',
  ),
  exclude: exclude.describe('Companies to leave out of the file, as in export_bulk_results.'),
});
type Input = z.output<typeof input>;

/** Companies left out that are named where a result would be too long. */
const FEW_NAMED = 5;
/** Pages told one by one; more are told in groups, which get coarser where they do not fit. */
const GROUPS = 20;
const COARSER = [20, 10, 5, 2];

export const waitAndCollect = defineTool({
  name: 'wait_and_collect',
  title: 'Wait for a bulk job and collect its results',
  description:
    'Waits for a lookalike job, reads all its pages and summarizes the companies with samples. Call it after submit_lookalikes_bulk, and again until the job has ended. An early return is normal and loses nothing. Free. Stores the finished list on this machine, and writes a file only if `format` is given. For a quick look without waiting, use get_bulk_status. To read the rows, use get_bulk_page.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { export: 'format' },
  input,
  output: field.jobState.extend({
    manifest: field.manifest,
    complete: field.bool(
      'Everything the job delivered was read and checked. That can be fewer companies than requested_limit.',
    ),
    waited_seconds: field.number('How long this call took.'),
    polls: field.number('Status requests.'),
    requested_limit: field.someNumber.describe('Companies requested; null for a job submitted elsewhere.'),
    summary: summaryField,
    pages: field.objects(
      {
        page: field.text('A page, or a range.'),
        pages: field.number('Pages in the range.'),
        rows: z.number(),
        first_row: field.someNumber,
        last_row: field.someNumber,
        top_industries: field.texts('The three commonest: they show a drift.'),
        sample: field.cells.describe('Some of its companies, as in rows.'),
      },
      'Pages that were read.',
    ),
    columns: field.rowTable.columns,
    row_numbers: field.rowTable.row_numbers,
    missing_pages: field.objects({ page: z.string(), reason: z.string() }, 'Pages that could not be read.'),
    export: field.exportedFile.nullable().describe('The written file.'),
    enough_reached: field.bool('With enough: whether there are so many, while the job runs on.').optional(),
    credits_so_far: field.someNumber.describe('With enough: about what a cancel now would cost, or more.'),
    ...excludedFields,
    ...fitFields,
  }),
  async handle(args, services, call) {
    if (args.rows !== undefined && args.format === undefined)
      throw invalidInput('rows cuts the file: give format as well, or ask query_companies.');
    const collection = await collect(services, args, call);
    return tell(args, collection, await makeOf(collection, args, services, call));
  },
});

/** What is made of a collection beside it. */
interface Made {
  file: ExportedFile | null;
  excluded: Excluded | null;
  judgement: Judgement | null;
  /** What the balance tells of what a failed job cost. */
  charged: string;
  notices: string[];
}

/** How a collected list is judged, and the file of it; what fails of that is a notice, not an error. */
async function makeOf(
  { state, list, complete, enough }: Collection,
  { job_id, format, exclude: exclusions = [], rows: ranks }: Input,
  services: Services,
  call: ToolCall,
): Promise<Made> {
  const charged = state.status === 'failed' ? await chargedFor(services, job_id, call.signal) : '';
  const notices = enough ? await notKnown(services) : [];
  const made: Made = { file: null, excluded: null, judgement: null, charged, notices };
  if (list === null) return made;
  const judge = async () => {
    const isJudged = complete && (await services.marks.version(list.about.job_id)) !== null;
    if (!isJudged) return;
    notices.push(...(await marksBeside(services, [list], exclusions)));
    made.judgement = await judgementOf(services, list, call);
  };
  const write = async () => {
    if (!complete && format && state.results_final)
      notices.push(
        'Nothing was exported, because the list is not complete; export_bulk_results with allow_partial: true writes what can be read.',
      );
    // Where no file is to be written, whom it would leave out is told all the same.
    if (!complete || (!format && exclusions.length === 0)) return;
    const told = await leaveOut(services, [list], exclusions, ranks, call);
    made.excluded = told.excluded;
    notices.push(...told.notices);
    if (!format) return;
    const request = { lists: [list], format, csv: PLAIN_CSV, ranks, excluded: told.excluded };
    made.file = (await services.exporter.write(request, call)).file;
  };
  const unfit = await orFailure(judge(), call.signal);
  if (unfit) notices.push(`How much of the list fits could not be told: ${unfit.message}`);
  const unwritten = await orFailure(write(), call.signal);
  if (unwritten) notices.push(`The export failed: ${unwritten.message}`);
  return made;
}

/** Fewer companies are named that were left out, then reasons shrink, then there are fewer samples, then the pages are told in coarser groups. */
function tell(args: Input, collection: Collection, made: Made): ToolAnswer {
  const { state, list, complete, waited_seconds, polls, requested, summary, samples } = collection;
  const { file, excluded, judgement } = made;
  const { format, rows, enough, exclude: left } = args;
  const again = { format, rows: rows && rankNames(rows), enough, exclude: left?.map(({ text }) => text) };
  const step = collectionStep(collection, again, file);
  const search = judgement && searchToPropose(judgement);
  const asked = requested === null ? '' : ` Asked for: ${counted(requested, 'company')}.`;
  const byRank = (a: NumberedCompany, b: NumberedCompany) => a.row - b.row;
  const build = (groups: number, named: number, style: RowStyle) => (count: number) => ({
    notices: [
      ...collection.notices,
      ...made.notices,
      ...(judgement?.notices ?? []),
      ...collectionNotices(collection),
      count < samples.length &&
        `To fit, ${count} of ${samples.length} sample companies are shown; get_bulk_page has all.`,
    ],
    parts: [
      statePart(state),
      manifestPart(state),
      part(
        { complete, waited_seconds, polls, requested_limit: requested },
        `Complete: ${complete}. Waited ${waited_seconds} s, ${counted(polls, 'poll')}.${asked}`,
      ),
      fitPart(judgement),
      summary ? summaryPart(summary) : part({ summary: null }),
      exportPart(file),
      excludedPart(excluded, named),
      newPart(excluded?.net_new ?? collection.enough?.net_new ?? null, list ? [list] : []),
      enoughPart(collection),
      missingPart(list?.reading?.missing ?? []),
      pagesPart(collection, groups, tableOf(samples.slice(0, count).sort(byRank), style)),
    ],
    nextStep: search ? `${step} ${search}` : step,
    error: collectionFailure(collection, made.charged),
  });
  const chosen = args.sample_rows !== undefined || args.fields !== undefined || args.max_chars !== undefined;
  const style = rowStyle(args);
  const short = chosen ? style : { ...style, reasonChars: SHORT_REASON };
  const most = samples.length;
  const least = Math.min(1, most);
  return fitting(chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET, [
    ...[MAX_NAMED, FEW_NAMED].map((named) => ({ most, build: build(GROUPS, named, style) })),
    ...COARSER.map((groups) => ({ most, least, build: build(groups, FEW_NAMED, short) })),
  ]);
}
