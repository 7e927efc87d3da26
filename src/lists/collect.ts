import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError, orFailure } from '../openfunnel/errors.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import type { FactSource } from '../reading/polling.ts';
import { type ProgressReport, ProgressSink } from '../reading/progress.ts';
import { describeProgress, type JobState, promised, toJobState } from '../reading/state.ts';
import type { Waiter } from '../reading/wait.ts';
import type { MissingPage } from '../reading/walk.ts';
import { quotesUpstream } from '../reading/words.ts';
import type { About } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { Call, CollectedList } from './collected-list.ts';
import { NewCompanies, netNew } from './enough.ts';
import type { JobStates } from './job-states.ts';
import { type NumberedCompany, rowsOfList } from './selecting/fields.ts';
import { type Overlaps, overlapsOf } from './selecting/overlaps.ts';
import { type PageIndustries, type Summary, summarize } from './summary.ts';

/** A job waited for and, where it has ended, read to its end. */
export interface Collection {
  state: JobState;
  /** Its list; null as long as it runs. */
  list: CollectedList | null;
  /** The job is final, and every page that it has and that its manifest promises was read and checked. */
  complete: boolean;
  waited_seconds: number;
  polls: number;
  /** Whether there are as many new companies as were wanted though the job goes on; null where nobody asked. */
  enough: { wanted: number; net_new: number | null; reached: boolean } | null;
  summary: Summary | null;
  /** How many of its companies are in the other kept lists; null where there is no summary. */
  overlaps: Overlaps | null;
  pages: About['pages'];
  industries: PageIndustries[];
  /** Some companies of each page, in such an order that the first of them are spread over all pages. */
  samples: NumberedCompany[];
  missing_pages: MissingPage[];
  notices: string[];
  /** What was said of the reading quotes upstream. */
  quotesUpstream: boolean;
  /** Companies that can be read of a job that has not ended, and the list of them, where it was read; null once it has. */
  provisional: { rows: number; list: CollectedList | null } | null;
  requested: number | null;
  /** Whether row numbers are those of the whole list: pages are missing before some of them otherwise. */
  numbers: 'exact' | 'expected';
  /** Why the walk over the pages broke off, where upstream's answers contradict each other. */
  broken: string | null;
}

export interface CollectParts {
  lists: CollectedLists;
  states: JobStates;
  waiter: Waiter;
  ledger: FactSource;
  clock: Clock;
}

export interface CollectRequest {
  jobId: string;
  /** How long to wait for the job's end. Milliseconds. */
  maxWaitMs: number;
  /** New companies after which it is not waited any longer. */
  enough?: number | undefined;
  /** Companies to show of each page; undefined for as many as are useful. */
  sampleRows?: number | undefined;
}

/** Clients that give up do so after 60 s: a default wait and the reading after it stay below. Milliseconds. */
const USUAL_WAIT_MS = 45_000;
const READING_MS = 10_000;
/** The pages that there are of a job that has not ended are read within this time. Milliseconds. */
const SO_FAR_MS = 5_000;

/** Companies shown of each page of a list, and in all of a job that has not ended, where nobody says how many. */
const USUAL_SAMPLES = 3;
const PROVISIONAL_SAMPLES = 10;
/** Companies that samples can show, all pages together. */
const MAX_SAMPLES = 2_000;
/** Multiples of it fall, by their fractional parts, each into a large gap between those before. */
const GOLDEN = 0.6180339887498949;

/**
 * Waits for a job's end and only then reads its pages, all of them (contract: the rule, and "Treat such
 * rows as provisional"). A list that is kept already is not waited for.
 *
 * @throws {OpenFunnelError} when not even the job's state could be read.
 * @throws the signal's reason when the caller has gone.
 */
export async function collect(
  parts: CollectParts,
  { jobId, maxWaitMs, enough: wanted, sampleRows }: CollectRequest,
  { signal, report }: Call & { report: (report: ProgressReport) => void },
): Promise<Collection> {
  const { lists, clock, states, ledger, waiter } = parts;
  const progress = new ProgressSink(report);
  const startedAt = clock.monotonic();
  const requested = (await ledger.find(jobId))?.request?.limit ?? null;
  const found = wanted === undefined ? null : new NewCompanies(lists, wanted);
  const onPoll = async (page: JobPage) => {
    const state = toJobState(jobId, page);
    progress.waiting(state.processed, requested, describeProgress(state, requested));
    return found !== null && (await found.enough(state, page, { signal }));
  };
  const wait = (await lists.isKept(jobId)) ? null : await waiter.wait({ jobId, maxWaitMs, signal, onPoll });
  const state = wait && toJobState(jobId, wait.page);
  let told: Told;
  if (wait && state && !state.terminal) told = await soFar(parts, state, wait.page, sampleRows, signal);
  else {
    const total = state && promised(state, 'count');
    let rows = 0;
    let pages = 0;
    if (state) progress.reading(0, total, `${state.status}: reading the pages`);
    const list = await lists.get(jobId, {
      signal,
      first: wait?.page,
      deadline: { at: startedAt + Math.max(maxWaitMs, USUAL_WAIT_MS) + READING_MS },
      onPage: (page) => {
        rows += page.rows.length;
        pages += 1;
        progress.reading(rows, total, `reading pages: ${pages}`);
      },
    });
    signal.throwIfAborted();
    told = await whole(lists, list, sampleRows, signal);
  }
  const failure = wait?.lastFailure ?? null;
  return {
    ...told,
    enough: wanted === undefined ? null : await enoughOf(told, wanted, found?.count ?? null, signal),
    waited_seconds: Math.round((clock.monotonic() - startedAt) / 100) / 10,
    polls: wait?.polls ?? 0,
    requested,
    notices: [
      ...(failure
        ? [`The latest look at the job failed (${failure.code}); this is the state before it.`]
        : []),
      ...told.notices,
      ...(await states.aboutStatus(told.state)),
    ],
  };
}

/** What there is to tell of a job that has ended. */
async function whole(
  lists: CollectedLists,
  list: CollectedList,
  sampleRows: number | undefined,
  signal: AbortSignal,
): Promise<Told> {
  const { about, reading, state } = list;
  const missing = reading?.missing ?? [];
  const notices = [...list.notices];
  if (missing.length > 0 && about.pages.length > 0) notices.push(HELD(about.pages.length));
  return {
    state,
    list,
    complete: about.whole,
    ...(await summarize(lists, list, signal)),
    overlaps: await overlapsOf(lists, list, { signal }),
    pages: about.pages,
    samples: await samplesOf(list, sampleRows ?? USUAL_SAMPLES, signal),
    missing_pages: missing,
    notices,
    quotesUpstream: reading?.quotesUpstream === true || quotesUpstream(notices),
    provisional: null,
    numbers: missing.length === 0 ? 'exact' : 'expected',
    broken: reading?.broken ?? null,
  };
}

/** What there is of a job that has not ended: all pages that can be read now. */
async function soFar(
  { lists, clock }: CollectParts,
  state: JobState,
  page: JobPage,
  sampleRows: number | undefined,
  signal: AbortSignal,
): Promise<Told> {
  const rows = page.rows.length;
  const nothing: Told = {
    state,
    list: null,
    complete: false,
    summary: null,
    overlaps: null,
    pages: [],
    industries: [],
    samples: [],
    missing_pages: [],
    notices: [],
    quotesUpstream: false,
    provisional: { rows, list: null },
    numbers: 'exact',
    broken: null,
  };
  if (rows === 0) return nothing;
  const deadline = { at: clock.monotonic() + SO_FAR_MS };
  const list = await orFailure(
    lists.get(state.job_id, { signal, running: true, first: page, deadline }),
    signal,
  );
  if (list instanceof OpenFunnelError)
    return { ...nothing, notices: [`Its companies could not be read just now (${list.code}).`] };
  const notAll = (list.reading?.missing.length ?? 0) > 0;
  return {
    ...nothing,
    pages: list.about.pages,
    samples: await samplesOf(list, sampleRows, signal),
    industries: (await summarize(lists, list, signal)).industries,
    provisional: { rows: list.about.companies, list },
    notices: [...list.notices, ...(notAll ? ['Not all pages that are there could be read now.'] : [])],
    quotesUpstream: quotesUpstream(list.notices),
    numbers: 'expected',
  };
}

/** @param before New companies that there were as it was waited. */
async function enoughOf(
  { state, list, complete, provisional }: Told,
  wanted: number,
  before: number | null,
  signal: AbortSignal,
) {
  const counted = complete ? list : provisional?.list;
  const now = counted ? await netNew(counted, { signal }) : null;
  // What has come since it was counted is shown, so it counts too.
  const net_new = complete || before === null ? now : Math.max(before, now ?? 0);
  return { wanted, net_new, reached: !state.terminal && (net_new ?? 0) >= wanted };
}

/** Pages that the next call does not have to read again. */
const HELD = (pages: number) =>
  `${pages === 1 ? '1 page that was read is' : `${pages} pages that were read are`} kept in this server, so the next call goes on where this one stopped.`;

type Told = Omit<Collection, 'waited_seconds' | 'polls' | 'enough' | 'requested'>;

async function samplesOf(
  list: CollectedList,
  perPage: number | undefined,
  signal: AbortSignal,
): Promise<NumberedCompany[]> {
  return rowsOfList(list, sampleNumbers(list.about.pages, perPage), { signal });
}

/** Rows that samples show: some of each page, in such an order that the first of them are spread over all pages. */
function sampleNumbers(pages: About['pages'], perPage: number | undefined): number[] {
  const wanted =
    perPage ?? Math.max(USUAL_SAMPLES, Math.ceil(PROVISIONAL_SAMPLES / Math.max(1, pages.length)));
  const most = Math.min(wanted, Math.max(1, Math.floor(MAX_SAMPLES / Math.max(1, pages.length))));
  const samples = pages.flatMap(({ first_row, rows }, page) => {
    const count = Math.min(most, rows);
    return Array.from({ length: count }, (_, turn) => ({
      row: first_row + Math.floor((turn * rows) / count),
      place: turn + ((page * GOLDEN) % 1),
    }));
  });
  return samples.sort((a, b) => a.place - b.place).map(({ row }) => row);
}
