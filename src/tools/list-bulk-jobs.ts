import * as z from 'zod';
import { oneLine } from '../lib/text.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { answer, part } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, largestFitting } from '../results/budget.ts';
import { renderTable } from '../results/render.ts';
import type { ToolResult } from '../results/result.ts';
import { nextStepField, untrusted } from '../results/schema.ts';
import type { LedgerJob, Submission } from '../spending/ledger.ts';
import { damageIn } from '../spending/refusals.ts';
import { defineTool } from './parts/define-tool.ts';

const MAX_QUERY = 160;
/** A submit has no more. */
const MAX_SEEDS = 10;
/** Countries, or funding stages, that are named. */
const MAX_FILTERS = 8;
/** Submits of unknown outcome that are spoken of one by one. */
const MAX_UNSETTLED = 5;

export const listBulkJobs = defineTool({
  name: 'list_bulk_jobs',
  title: 'List the bulk jobs of this machine',
  description:
    'Lists the lookalike jobs of this machine, newest first, with their searches, labels and statuses. Use it to find a lost job_id or an earlier search for similar companies. Use it also after a submit without an answer, which it reports as a notice. Free and changes nothing. Statuses are as last seen, unless `refresh` is true. For one job with a known job_id, use get_bulk_status.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  aliases: { limit: 'max_jobs' },
  input: z.strictObject({
    search: z
      .string()
      .max(200)
      .optional()
      .describe('Only jobs with all these words in label, query, seed_domains or job_id.'),
    max_jobs: z.int().min(1).max(100).default(20).describe('Jobs to list.'),
    offset: z.int().min(0).max(1_000_000).default(0).describe('Newer jobs to skip.'),
    refresh: z.boolean().default(false).describe('Ask OpenFunnel for the status of jobs that had not ended.'),
  }),
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
          checked_at: z.string().describe('When status was seen, UTC.'),
          other_key: z.boolean().describe('Submitted with another API key, which may be needed to read it.'),
          from_elsewhere: z.boolean().describe('Not submitted from this machine.'),
        }),
      )
      .describe('Newest first.'),
    total: z.number().describe('Jobs that match, listed here or not.'),
    next_step: nextStepField,
  }),
  async handle({ max_jobs, offset, refresh, search }, services, call) {
    const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (job: LedgerJob) => words.every((word) => searched(job).includes(word));
    const choose = (jobs: readonly LedgerJob[]) => jobs.filter(matches).slice(offset, offset + max_jobs);
    const listed = await services.noted.list(refresh ? choose : null, call);
    const { jobs, unsettled, readable, damage, unread, unknown } = listed;
    const notices = [
      ...(readable ? [] : [UNREADABLE]),
      ...(damage ? [`Jobs may be missing in this list: ${damageIn(damage)}.`] : []),
      ...unsettled.slice(-MAX_UNSETTLED).map(unsettledNotice),
      ...unread.map(
        ({ job_id, code }) => `${job_id} could not be refreshed (${code}); its last known status is shown.`,
      ),
      ...unknown.flatMap((job) => job.notices.map((notice) => `${job.job_id}: ${notice}`)),
    ];
    if (unsettled.length > MAX_UNSETTLED)
      notices.push(`So it is with ${unsettled.length - MAX_UNSETTLED} earlier submits of the last 7 days.`);
    const matching = jobs.filter(matches);
    const wanted = choose(jobs);
    const { built } = largestFitting(wanted.length, max_jobs > 20 ? CHOSEN_BUDGET : DEFAULT_BUDGET, (n) => {
      const left = wanted.length - n;
      const leftOut = `${left} of these jobs were left out to fit; offset ${offset + n} has them.`;
      const shown = { jobs: wanted.slice(0, n), total: matching.length, offset, refreshed: refresh };
      return render(shown, left > 0 ? [...notices, leftOut] : notices);
    });
    return built;
  },
});

const UNREADABLE =
  'The ledger of jobs could not be read, so only what this process remembers is listed; ask the user to check OPENFUNNEL_STATE_DIR.';

function unsettledNotice({ at, request, label, outcome, other_key }: Submission): string {
  const what = [quotedSearch(label, request), `limit ${request.limit}`, other_key ? 'another API key' : '']
    .filter(Boolean)
    .join(', ');
  const happened =
    outcome === 'lost'
      ? 'was lost'
      : 'was never noted (the server that sent it ended before, or is still waiting for it)';
  return `The answer to a submit of ${new Date(at).toISOString()} (${what}) ${happened}: a job MAY exist that is in no list. The user can look on the OpenFunnel dashboard; a job_id found there can be read with wait_and_collect.`;
}

interface Shown {
  jobs: readonly LedgerJob[];
  total: number;
  offset: number;
  refreshed: boolean;
}

function render({ jobs, total, offset, refreshed }: Shown, notices: readonly string[]): ToolResult {
  const seen = refreshed ? '' : '; statuses as last seen (checked_at): refresh asks OpenFunnel';
  const columns = COLUMNS.filter((column) => column !== 'label' || jobs.some(({ label }) => label !== null));
  const lines = [
    `${jobs.length} of ${total} jobs, newest first${offset > 0 ? `, from ${offset}` : ''}${seen}.`,
  ];
  if (jobs.length > 0) lines.push(renderTable(columns, jobs.map(line)));
  const said = [...notices];
  if (jobs.some(({ other_key }) => other_key))
    said.push('(other key): noted with another API key; this one may not be able to read it.');
  return answer({
    untrusted: jobs.length > 0,
    notices: said,
    parts: [part({ jobs: jobs.map(show), total }, ...lines)],
    nextStep:
      jobs.length > 0
        ? 'wait_and_collect with a job_id goes on with a job, or collects one that has ended.'
        : total > 0
          ? 'No job stands at that offset; a lower one lists those there are.'
          : 'No such job is known here. A job from elsewhere can be read if the user gives its job_id; a new search is submit_lookalikes_bulk.',
  });
}

const COLUMNS = [
  'job_id',
  'submitted_at',
  'label',
  'search',
  'requested_limit',
  'status',
  'processed',
  'checked_at',
];

/** A job in the text: enough to tell it from the others. */
function line(job: LedgerJob): Record<string, unknown> {
  const marks: string[] = [];
  if (job.terminal) marks.push('terminal');
  if (!isKnownStatus(job.status)) marks.push('unknown to this server');
  if (job.other_key) marks.push('other key');
  return {
    ...job,
    submitted_at: job.submitted_at ?? '(elsewhere)',
    search:
      job.request === null ? '(submitted elsewhere)' : quotedSearch(null, job.request, MAX_SEEDS, MAX_QUERY),
    requested_limit: job.request?.limit ?? null,
    status: job.status + marks.map((mark) => ` (${mark})`).join(''),
  };
}

function quotedSearch(
  label: string | null,
  request: NonNullable<LedgerJob['request']>,
  maxSeeds = 3,
  maxQuery = 80,
): string {
  const { query, seed_domains: seeds = [] } = request;
  const filters = filtersOf(request);
  const more = seeds.length > maxSeeds ? ` and ${seeds.length - maxSeeds} more` : '';
  const named = seeds.slice(0, maxSeeds).join(', ') + more;
  return [label, named, oneLine(query ?? '', maxQuery), filters && `(${filters})`].filter(Boolean).join(': ');
}

/** What narrows a search, short; null where nothing does. */
function filtersOf(request: NonNullable<LedgerJob['request']>): string | null {
  const { min_employees: min, max_employees: max, locations, funding_stages, search_type } = request;
  const filters = [
    some(locations),
    min === undefined && max === undefined ? null : `${min ?? 0} to ${max ?? 'any number of'} employees`,
    some(funding_stages),
    search_type ?? null,
  ].filter((filter) => filter !== null);
  return filters.length === 0 ? null : oneLine(filters.join('; '), MAX_QUERY);
}

function some(values: readonly string[] | undefined): string | null {
  if (values === undefined) return null;
  const more = values.length > MAX_FILTERS ? ` and ${values.length - MAX_FILTERS} more` : '';
  return values.slice(0, MAX_FILTERS).join(', ') + more;
}

/** What the words of `search` are looked for in. */
function searched({ job_id, label, request }: LedgerJob): string {
  return [job_id, label, request?.query, ...(request?.seed_domains ?? [])].join(' ').toLowerCase();
}

function show(job: LedgerJob) {
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
    checked_at: job.checked_at,
    other_key: job.other_key,
    from_elsewhere: job.request === null,
  };
}
