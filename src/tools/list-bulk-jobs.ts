import * as z from 'zod';
import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted, oneLine, quoted } from '../lib/text.ts';
import { VERDICTS } from '../lib/verdicts.ts';
import { countMarks } from '../lists/marking.ts';
import { notedJobs } from '../lists/noted-jobs.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { promised } from '../reading/state.ts';
import { invalidInput, part, type Said, saidOf, type ToolAnswer } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { rowLine } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { creditsLeft } from '../spending/balances.ts';
import type { Ledger, LedgerJob } from '../spending/ledger.ts';
import { lostSubmits } from '../spending/lost-submits.ts';
import { damageIn, lostIn, STORED_SEARCHES, unreadIn } from '../spending/refusals.ts';
import { defineTool, type Services } from './parts/define-tool.ts';
import { filtersOf, MAX_QUERY, UNSETTLED_STEP, unsettledNotice } from './parts/searches.ts';

const MAX_UNSETTLED = 5;
/** A status that was seen so recently needs no other look. Milliseconds. */
const FRESH_MS = 60_000;
/** Jobs that are looked at without `refresh`, and how long that may take. Milliseconds. */
const FEW = 5;
const QUICK_MS = 3_000;

const input = z.strictObject({
  search: z
    .string()
    .max(200)
    .optional()
    .describe('Only jobs with all these words in label, query, seed_domains or job_id.'),
  max_jobs: z.int().min(1).max(100).default(20).describe('Jobs to list.'),
  offset: z.int().min(0).max(1_000_000).default(0).describe('Newer jobs to skip.'),
  refresh: z.boolean().default(false).describe('Ask OpenFunnel about all listed jobs that had not ended.'),
  job_id: field.jobId.optional().describe('Only this job. Required for label and hidden.'),
  label: z.string().max(200).optional().describe('New label of the job.'),
  hidden: z.boolean().optional().describe('Hide the job in this list, or show it again.'),
});

const entry = {
  job_id: z.string(),
  submitted_at: field.someText.describe('UTC; null for a job submitted elsewhere.'),
  label: field.someText,
  query: field.someText,
  seed_domains: z.array(z.string()).nullable(),
  filters: field.someText.describe('Countries, sizes, funding, search_type.'),
  requested_limit: field.someNumber,
  status: field.text('As last seen.'),
  terminal: field.bool('Had ended at checked_at.'),
  processed: field.someNumber.describe('Companies that had qualified then.'),
  credits: field.someNumber.describe('Cost, where known.'),
  judged: field.someText.describe('Companies judged, by verdict.'),
  copy: field.someText.describe('Whether the companies are kept on this machine.'),
  checked_at: field.text('When status was seen, UTC.'),
  other_key: field.bool('Submitted with another API key, which may be needed to read it.'),
  from_elsewhere: field.bool('Not submitted from this machine.'),
};

export const listBulkJobs = defineTool({
  name: 'list_bulk_jobs',
  title: 'List the bulk jobs of this machine',
  description:
    'Lists the lookalike jobs of this machine, newest first, with their searches, labels, statuses and credits. Use it to find a lost job_id or an earlier search for similar companies. Use it also after a submit without an answer, which it reports on. Free. Changes nothing, unless `label` or `hidden` is given. For one job with a known job_id, use get_bulk_status.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  aliases: { limit: 'max_jobs' },
  input,
  output: z.object({
    jobs: field.objects(entry, 'Newest first.'),
    total: field.number('Jobs that match, listed here or not.'),
    credits_sum: field.number('Credits of the listed jobs together, where known.'),
  }),
  async handle(args, services, call) {
    const { ledger, api, clock } = services;
    const { max_jobs, offset, refresh, job_id } = args;
    const changed = await change(args, ledger);
    const words = (args.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const matches = ({ request, ...job }: LedgerJob) => {
      if (job_id === undefined ? job.hidden : job.job_id !== job_id) return false;
      const searched = [job.job_id, job.label, request?.query, ...(request?.seed_domains ?? [])].join(' ');
      return words.every((word) => searched.toLowerCase().includes(word));
    };
    const choose = (jobs: readonly LedgerJob[]) => jobs.filter(matches).slice(offset, offset + max_jobs);
    const looked = await lookAt(choose((await notedJobs(ledger)).jobs), refresh, services, call.signal);
    const { jobs, unsettled, readable, damage } = await ledger.view();
    const lost = await lostSubmits(services.kept, jobs);
    const left = unsettled.length === 0 ? null : await creditsLeft(api, clock, call.signal);
    const more = unsettled.length - MAX_UNSETTLED;
    const hidden = job_id === undefined ? jobs.filter((job) => job.hidden).length : 0;
    const notices = [
      ...changed,
      !readable &&
        !damage &&
        'The ledger of jobs could not be read, so only what this process remembers is listed; ask the user to check OPENFUNNEL_STATE_DIR.',
      damage && `Jobs may be missing in this list: ${damageIn(damage)}.`,
      lost.submits.length > 0 &&
        `Jobs may be missing in this list: ${lostIn(lost)}. ${STORED_SEARCHES} For the other searches, tell the user to look in the OpenFunnel dashboard before anything is submitted again.`,
      lost.unread !== null && `A job may be missing in this list: ${unreadIn(lost.unread)}.`,
      ...unsettled.slice(-MAX_UNSETTLED).map((each) => unsettledNotice(each, left, clock.now())),
      ...looked.said,
      more > 0 && `So it is with ${more} earlier submits of the last 7 days.`,
      hidden > 0 && `Hidden entries that are not listed: ${hidden}; job_id shows one again.`,
    ];
    const total = jobs.filter(matches).length;
    const wanted: Array<Awaited<ReturnType<typeof listedJob>>> = [];
    for (const job of choose(jobs))
      wanted.push(await listedJob({ ...job, ...looked.seen.get(job.job_id) }, services, call.signal));
    const nextStep =
      wanted.length > 0
        ? 'wait_and_collect with a job_id goes on with a job, or collects one that has ended.'
        : total > 0
          ? 'No job stands at that offset; a lower one lists those there are.'
          : unsettled.length > 0
            ? UNSETTLED_STEP
            : 'No such job is known here. A job from elsewhere can be read if the user gives its job_id; a new search is submit_lookalikes_bulk.';
    const budget = max_jobs > 20 ? CHOSEN_BUDGET : DEFAULT_BUDGET;
    const build = (count: number): ToolAnswer => {
      const shown = wanted.slice(0, count);
      const out = wanted.length - count;
      const old = shown.filter((each) => each.old).length;
      const known = shown.flatMap(({ entry: { credits } }) => credits ?? []);
      const credits_sum = known.reduce((all, each) => all + each, 0);
      return {
        notices: [
          ...notices,
          out > 0 && `${out} of these jobs were left out to fit; offset ${offset + count} has them.`,
          old > 0 &&
            `${old === 1 ? '1 status that is no end is' : `${old} statuses that are no end are`} old (see checked_at), and may be another by now: refresh looks all of them up.`,
          shown.some(({ entry: { other_key } }) => other_key) &&
            '(other key): noted with another API key; this one may not be able to read it.',
        ],
        parts: [
          part(
            { jobs: shown.map((each) => each.entry), total, credits_sum },
            `${count} of ${counted(total, 'job')}, newest first${offset > 0 ? `, from ${offset}` : ''}.`,
            known.length > 0 &&
              `Credits of these: ${credits_sum}, by the manifests of ${known.length} of ${counted(count, 'job')}.`,
            ...tableLines(shown.map((each) => each.cells)),
          ),
        ],
        nextStep,
      };
    };
    return fitting(budget, [{ most: wanted.length, least: 0, build }]);
  },
});

/**
 * Asks OpenFunnel about jobs that had not ended: with `refresh` all, else the first few whose status is old, for a short
 * time. `seen`: what the ledger does not note of them; `said`: what the reader has to know.
 */
async function lookAt(
  jobs: readonly LedgerJob[],
  refresh: boolean,
  { clock, source, states }: Services,
  signal: AbortSignal,
) {
  const running = jobs.filter(({ terminal }) => !terminal);
  const old = running.filter((job) => !job.other_key && isOld(job, clock));
  const deadline = refresh ? undefined : deadlineIn(clock, QUICK_MS);
  const seen = new Map<string, Partial<LedgerJob>>();
  const said: string[] = [];
  const look = async ({ job_id }: LedgerJob) => {
    const page = await orFailure(source.getPage(job_id, undefined, signal, deadline), signal);
    if (page instanceof OpenFunnelError) {
      said.push(`${job_id} could not be refreshed (${page.code}); its last known status is shown.`);
      return;
    }
    const { status, processed } = page;
    if (isKnownStatus(status)) return;
    seen.set(job_id, { status, processed, checked_at: new Date(clock.now()).toISOString() });
    said.push(...(await states.aboutStatus({ job_id, status })).map((about) => `${job_id}: ${about}`));
  };
  await Promise.all((refresh ? running : old.slice(0, FEW)).map(look));
  return { seen, said };
}

/** Whether a job had not ended when it was last seen, some time ago, or by another clock. */
function isOld({ terminal, checked_at }: LedgerJob, clock: Clock): boolean {
  return !terminal && Math.abs(clock.now() - Date.parse(checked_at)) >= FRESH_MS;
}

async function change({ job_id, ...wish }: z.output<typeof input>, ledger: Ledger): Promise<Said[]> {
  const { hidden } = wish;
  if (wish.label === undefined && hidden === undefined) return [];
  if (job_id === undefined) throw invalidInput('label and hidden are about one job: give its job_id.');
  const label = wish.label && oneLine(wish.label, 100);
  if (!(await ledger.find(job_id)))
    throw new OpenFunnelError(
      'not_found',
      `No job ${job_id} is listed on this machine, so nothing was changed.`,
    );
  if (!(await ledger.record({ type: 'noted', job_id, label, hidden })))
    throw new OpenFunnelError(
      'invalid_input',
      'The change could not be written: ask the user to check OPENFUNNEL_STATE_DIR and the space on the disk.',
    );
  return [
    label !== undefined &&
      `The label is ${quoted(label)} now, in this list; companies collected before keep the old one in queries.`,
    hidden !== undefined && (hidden ? 'The job is hidden in this list.' : 'The job is listed again.'),
  ];
}

/** The entries as lines of a table, without columns in which none has anything. */
function tableLines(rows: ReadonlyArray<Readonly<Record<string, unknown>>>): string[] {
  const [first = {}] = rows;
  const columns = Object.keys(first).filter((name) => rows.some((row) => row[name] !== null));
  const cells = rows.map((row) => rowLine(columns.map((name) => row[name])));
  return rows.length === 0 ? [] : [rowLine(columns), ...cells];
}

/** A job as both halves have it, with what this machine has of it: what it cost, whether it is kept, how it is judged. */
async function listedJob(job: LedgerJob, { lists, marks, clock }: Services, signal: AbortSignal) {
  const { job_id, submitted_at, request, status, terminal, processed, checked_at, other_key } = job;
  const list = await lists.kept(job_id, signal).catch(() => null);
  const marked = (await marks.version(job_id)) === null ? null : await marks.of(job_id).catch(() => null);
  const counts = marked?.size ? countMarks(marked, list?.about.companies ?? marked.size) : null;
  const verdicts = VERDICTS.flatMap((verdict) => (counts?.[verdict] ? `${counts[verdict]} ${verdict}` : []));
  const gone = `only the copy on this machine is left (OpenFunnel did not find the job at ${job.missing_since})`;
  const from_elsewhere = request === null;
  const entry = {
    job_id,
    submitted_at,
    label: job.label && oneLine(job.label, 100),
    query: request?.query === undefined ? null : oneLine(request.query, MAX_QUERY),
    seed_domains: request?.seed_domains ?? null,
    filters: request && filtersOf(request),
    requested_limit: request?.limit ?? null,
    status,
    processed,
    checked_at,
    credits: job.credits ?? (list && promised(list.state, 'credits_consumed')),
    judged:
      counts && `${counts.companies - counts.open} of ${counts.companies} judged: ${verdicts.join(', ')}`,
    copy: list && (job.missing_since === null ? 'kept here' : gone),
  };
  const old = isOld(job, clock);
  const about = saidOf([
    terminal && 'terminal',
    old && 'old',
    !isKnownStatus(status) && 'unknown to this server',
    other_key && 'other key',
    from_elsewhere && 'submitted elsewhere',
  ]);
  const cells = { ...entry, status: status + about.map((mark) => ` (${mark})`).join('') };
  return { entry: { ...entry, terminal, other_key, from_elsewhere }, cells, old };
}
