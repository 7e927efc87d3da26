import * as z from 'zod';
import { oneLine, quoted } from '../lib/text.ts';
import type { HereOfJob, NotedJobs } from '../lists/noted-jobs.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { answer, part } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, largestFitting } from '../results/budget.ts';
import { renderTable } from '../results/render.ts';
import { invalidInput, type ToolResult } from '../results/result.ts';
import { jobId, nextStepField, untrusted } from '../results/schema.ts';
import { creditsLeft } from '../spending/balances.ts';
import type { LedgerJob } from '../spending/ledger.ts';
import { damageIn } from '../spending/refusals.ts';
import { defineTool } from './parts/define-tool.ts';
import { filtersOf, MAX_QUERY, quotedSearch, UNSETTLED_STEP, unsettledNotice } from './parts/searches.ts';

/** A submit has no more. */
const MAX_SEEDS = 10;
/** Submits of unknown outcome that are spoken of one by one. */
const MAX_UNSETTLED = 5;

const input = z.strictObject({
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Only jobs with all these words in label, query, seed_domains or job_id.'),
  max_jobs: z.int().min(1).max(100).default(20).describe('Jobs to list.'),
  offset: z.int().min(0).max(1_000_000).default(0).describe('Newer jobs to skip.'),
  refresh: z.boolean().default(false).describe('Ask OpenFunnel about all listed jobs that had not ended.'),
  job_id: jobId.optional().describe('Only this job. Required for label and hidden.'),
  label: z.string().max(200).optional().describe('New label of the job.'),
  hidden: z.boolean().optional().describe('Hide the job in this list, or show it again.'),
});
type Input = z.output<typeof input>;

export const listBulkJobs = defineTool({
  name: 'list_bulk_jobs',
  title: 'List the bulk jobs of this machine',
  description:
    'Lists the lookalike jobs of this machine, newest first, with their searches, labels, statuses and credits. Use it to find a lost job_id or an earlier search for similar companies. Use it also after a submit without an answer, which it reports on. Free. Changes nothing, unless `label` or `hidden` is given. For one job with a known job_id, use get_bulk_status.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  aliases: { limit: 'max_jobs' },
  input,
  output: z.object({
    untrusted,
    jobs: z
      .array(
        z.object({
          job_id: z.string(),
          submitted_at: z.string().nullable().describe('UTC; null for a job submitted elsewhere.'),
          label: z.string().nullable(),
          query: z.string().nullable(),
          seed_domains: z.array(z.string()).nullable(),
          filters: z.string().nullable().describe('Countries, sizes, funding, search_type.'),
          requested_limit: z.number().nullable(),
          status: z.string().describe('As last seen.'),
          terminal: z.boolean().describe('Had ended at checked_at.'),
          processed: z.number().nullable().describe('Companies that had qualified then.'),
          credits: z.number().nullable().describe('Cost, where known.'),
          judged: z.string().nullable().describe('Companies judged, by verdict.'),
          copy: z.string().nullable().describe('Whether the companies are kept on this machine.'),
          checked_at: z.string().describe('When status was seen, UTC.'),
          other_key: z.boolean().describe('Submitted with another API key, which may be needed to read it.'),
          from_elsewhere: z.boolean().describe('Not submitted from this machine.'),
        }),
      )
      .describe('Newest first.'),
    total: z.number().describe('Jobs that match, listed here or not.'),
    credits_sum: z.number().describe('Credits of the listed jobs together, where known.'),
    next_step: nextStepField,
  }),
  async handle(args, services, call) {
    const { max_jobs, offset, refresh, job_id } = args;
    const { noted } = services;
    const changed = await change(args, noted);
    const words = (args.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (job: LedgerJob) =>
      (job_id === undefined || job.job_id === job_id) &&
      (!job.hidden || job_id !== undefined) &&
      words.every((word) => searched(job).includes(word));
    const choose = (jobs: readonly LedgerJob[]) => jobs.filter(matches).slice(offset, offset + max_jobs);
    const listed = await noted.list({ choose, quickly: !refresh }, call);
    const { jobs, unsettled, readable, damage } = listed;
    const left =
      unsettled.length === 0 ? null : await creditsLeft(services.account, services.clock, call.signal);
    const notices = [
      ...changed,
      ...(readable ? [] : [UNREADABLE]),
      ...(damage ? [`Jobs may be missing in this list: ${damageIn(damage)}.`] : []),
      ...unsettled.slice(-MAX_UNSETTLED).map((each) => unsettledNotice(each, left, services.clock.now())),
      ...listed.notices,
    ];
    if (unsettled.length > MAX_UNSETTLED)
      notices.push(`So it is with ${unsettled.length - MAX_UNSETTLED} earlier submits of the last 7 days.`);
    const matching = jobs.filter(matches);
    const hidden = job_id === undefined ? jobs.filter((job) => job.hidden).length : 0;
    if (hidden > 0) notices.push(`Hidden entries that are not listed: ${hidden}; job_id shows one again.`);
    const wanted: ListedJob[] = [];
    for (const job of choose(jobs))
      wanted.push({ job, old: noted.isOld(job), ...(await noted.here(job, call)) });
    const { built } = largestFitting(wanted.length, max_jobs > 20 ? CHOSEN_BUDGET : DEFAULT_BUDGET, (n) => {
      const left = wanted.length - n;
      const leftOut = `${left} of these jobs were left out to fit; offset ${offset + n} has them.`;
      const shown = { jobs: wanted.slice(0, n), total: matching.length, offset, unsettled: unsettled.length };
      return render(shown, left > 0 ? [...notices, leftOut] : notices);
    });
    return built;
  },
});

const UNREADABLE =
  'The ledger of jobs could not be read, so only what this process remembers is listed; ask the user to check OPENFUNNEL_STATE_DIR.';

/** A job with what there is of it on this machine. */
interface ListedJob extends HereOfJob {
  job: LedgerJob;
  /** Whether its status was seen some time ago, and may be another by now. */
  old: boolean;
}

interface Shown {
  jobs: readonly ListedJob[];
  total: number;
  offset: number;
  /** Submits whose outcome is not known. */
  unsettled: number;
}

/** Changes what the caller wants changed of a job, and says so. */
async function change({ job_id, label, hidden }: Input, noted: NotedJobs): Promise<string[]> {
  if (label === undefined && hidden === undefined) return [];
  if (job_id === undefined) throw invalidInput('label and hidden are about one job: give its job_id.');
  const name = label === undefined ? undefined : oneLine(label, 100);
  await noted.note(job_id, { label: name, hidden });
  return [
    ...(name === undefined
      ? []
      : [
          `The label is ${quoted(name)} now, in this list; companies collected before keep the old one in queries.`,
        ]),
    ...(hidden === undefined
      ? []
      : [hidden ? 'The job is hidden in this list.' : 'The job is listed again.']),
  ];
}

function render({ jobs, total, offset, unsettled }: Shown, notices: readonly string[]): ToolResult {
  const columns = COLUMNS.filter(
    (column) => !OPTIONAL.has(column) || jobs.some((job) => line(job)[column] !== null),
  );
  const said = [...notices];
  const old = jobs.filter((job) => job.old).length;
  if (old > 0)
    said.push(
      `${old === 1 ? '1 status that is no end is' : `${old} statuses that are no end are`} old (see checked_at), and may be another by now: refresh looks all of them up.`,
    );
  const known = jobs.flatMap(({ credits }) => credits ?? []);
  const sum = known.reduce((all, each) => all + each, 0);
  const lines = [
    `${jobs.length} of ${total} jobs, newest first${offset > 0 ? `, from ${offset}` : ''}.`,
    ...(known.length === 0
      ? []
      : [`Credits of these: ${sum}, by the manifests of ${known.length} of ${jobs.length} jobs.`]),
  ];
  if (jobs.length > 0) lines.push(renderTable(columns, jobs.map(line)));
  if (jobs.some(({ job }) => job.other_key))
    said.push('(other key): noted with another API key; this one may not be able to read it.');
  return answer({
    untrusted: jobs.length > 0,
    notices: said,
    parts: [part({ jobs: jobs.map(show), total, credits_sum: sum }, ...lines)],
    nextStep:
      jobs.length > 0
        ? 'wait_and_collect with a job_id goes on with a job, or collects one that has ended.'
        : total > 0
          ? 'No job stands at that offset; a lower one lists those there are.'
          : unsettled > 0
            ? UNSETTLED_STEP
            : 'No such job is known here. A job from elsewhere can be read if the user gives its job_id; a new search is submit_lookalikes_bulk.',
  });
}

const COLUMNS =
  'job_id submitted_at label search requested_limit status processed checked_at credits judged copy'.split(
    ' ',
  );
/** Those that are left out where no job has anything in them. */
const OPTIONAL: ReadonlySet<string> = new Set(['label', 'credits', 'judged', 'copy']);

/** A job in the text: enough to tell it from the others. */
function line(listed: ListedJob): Record<string, unknown> {
  const { job, old } = listed;
  const marks: string[] = [];
  if (job.terminal) marks.push('terminal');
  if (old) marks.push('old');
  if (!isKnownStatus(job.status)) marks.push('unknown to this server');
  if (job.other_key) marks.push('other key');
  return {
    ...job,
    ...hereOf(listed),
    submitted_at: job.submitted_at ?? '(elsewhere)',
    search:
      job.request === null ? '(submitted elsewhere)' : quotedSearch(null, job.request, MAX_SEEDS, MAX_QUERY),
    requested_limit: job.request?.limit ?? null,
    status: job.status + marks.map((mark) => ` (${mark})`).join(''),
  };
}

/** What there is of a job on this machine, as it is shown. */
function hereOf({ job, credits, kept, marks }: ListedJob) {
  const verdicts = marks
    ? [
        [marks.keep, 'keep'],
        [marks.drop, 'drop'],
        [marks.maybe, 'maybe'],
      ].flatMap(([count, verdict]) => (count === 0 ? [] : [`${count} ${verdict}`]))
    : [];
  return {
    credits,
    judged: marks && `${marks.companies - marks.open} of ${marks.companies} judged: ${verdicts.join(', ')}`,
    copy: !kept
      ? null
      : job.missing_since === null
        ? 'kept here'
        : `only the copy on this machine is left (OpenFunnel did not find the job at ${job.missing_since})`,
  };
}

/** What the words of `search` are looked for in. */
function searched({ job_id, label, request }: LedgerJob): string {
  return [job_id, label, request?.query, ...(request?.seed_domains ?? [])].join(' ').toLowerCase();
}

function show(listed: ListedJob) {
  const { job } = listed;
  const { query, seed_domains, limit } = job.request ?? {};
  return {
    job_id: job.job_id,
    submitted_at: job.submitted_at,
    label: job.label === null ? null : oneLine(job.label, 100),
    query: query === undefined ? null : oneLine(query, MAX_QUERY),
    seed_domains: seed_domains ?? null,
    filters: job.request === null ? null : filtersOf(job.request),
    requested_limit: limit ?? null,
    status: job.status,
    terminal: job.terminal,
    processed: job.processed,
    ...hereOf(listed),
    checked_at: job.checked_at,
    other_key: job.other_key,
    from_elsewhere: job.request === null,
  };
}
