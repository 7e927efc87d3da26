import { type Clock, nextTurn } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { isTerminal, type JobPage } from '../openfunnel/wire.ts';
import type { FactSource } from '../reading/polling.ts';
import { type ProgressReport, ProgressSink } from '../reading/progress.ts';
import { describeProgress, promised, toJobState } from '../reading/state.ts';
import type { Waiter } from '../reading/wait.ts';
import type { About } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { Call, CollectedList } from './collected-list.ts';
import { countingNew } from './enough.ts';
import type { JobStates } from './job-states.ts';
import { type NumberedCompany, rowsOfList } from './selecting/fields.ts';
import { type Overlaps, overlapsOf } from './selecting/question.ts';
import { type PageIndustries, type Summary, summarize } from './summary.ts';

/** A job waited for and read: to its end where it has ended, else as far as there is anything. */
export type Collection = Awaited<ReturnType<typeof collect>>;

export interface CollectParts {
  lists: CollectedLists;
  states: JobStates;
  waiter: Waiter;
  ledger: FactSource;
  clock: Clock;
}

export interface CollectRequest {
  job_id: string;
  max_wait_seconds: number;
  /** New companies after which it is not waited any longer. */
  enough?: number | undefined;
  /** Companies to show of each page; undefined for as many as are useful. */
  sample_rows?: number | undefined;
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
/** More are never shown in a result that nobody asked to be large. */
const MOST_SHOWN = 100;
/** Multiples of it fall, by their fractional parts, each into a large gap between those before. */
const GOLDEN = 0.6180339887498949;

/**
 * Waits for a job's end and only then reads its pages, all of them (contract: the rule, and "Treat such
 * rows as provisional"). A list that is kept already is not waited for.
 * @throws {OpenFunnelError} when not even the job's state could be read.
 * @throws the signal's reason when the caller has gone.
 */
export async function collect(
  parts: CollectParts,
  { job_id: jobId, max_wait_seconds, enough: wanted, sample_rows }: CollectRequest,
  { signal, report }: Call & { report: (report: ProgressReport) => void },
) {
  const { lists, clock, states, ledger, waiter } = parts;
  const progress = new ProgressSink(report);
  const startedAt = clock.monotonic();
  const maxWaitMs = max_wait_seconds * 1_000;
  const requested = (await ledger.find(jobId))?.request?.limit ?? null;
  const found = wanted === undefined ? null : countingNew(lists, wanted);
  const onPoll = async (page: JobPage) => {
    const state = toJobState(jobId, page);
    progress.waiting(state.processed, requested, describeProgress(state, requested));
    return found !== null && (await found.enough(state, page, { signal }));
  };
  const kept = await lists.isKept(jobId);
  // Once the first look is on its way: where it finds the job's end, or rows of it, a list is made at once.
  if (!kept) void nextTurn().then(() => lists.prepare());
  const wait = kept ? null : await waiter.wait({ jobId, maxWaitMs, signal, onPoll });
  const whole = async () => {
    const total = wait && promised(wait.page, 'count');
    let rows = 0;
    let pages = 0;
    if (wait) progress.reading(0, total, `${wait.page.status}: reading the pages`);
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
    return { state: list.state, read: list };
  };
  // What there is of a job that has not ended: all pages that can be read now.
  const soFar = async (first: JobPage) => {
    const call = { signal, running: true, first, deadline: deadlineIn(clock, SO_FAR_MS) };
    const read = first.rows.length > 0 ? await orFailure(lists.get(jobId, call), signal) : null;
    return { state: toJobState(jobId, first), read };
  };
  const { state, read } = wait && !isTerminal(wait.page.status) ? await soFar(wait.page) : await whole();
  const list = read instanceof OpenFunnelError ? null : read;
  const failure = wait?.lastFailure;
  return {
    state,
    /** Its list; of a job that has not ended, of the rows that can be read now. Null where none could. */
    list,
    /** Companies that can be read. */
    readable: list?.about.companies ?? wait?.page.rows.length ?? 0,
    /** The job is final, and every page that it has and that its manifest promises was read and checked. */
    complete: list?.about.whole ?? false,
    ...(list ? await shownOf(lists, list, sample_rows, signal) : NOTHING_SHOWN),
    /** Whether there are as many new companies as were wanted though the job goes on; null where nobody asked. */
    enough: found && (await found.outcome(state, list, { signal })),
    waited_seconds: Math.round((clock.monotonic() - startedAt) / 100) / 10,
    polls: wait?.polls ?? 0,
    requested,
    notices: [
      failure && `The latest look at the job failed (${failure.code}); this is the state before it.`,
      read instanceof OpenFunnelError && `Its companies could not be read just now (${read.code}).`,
      ...(list?.notices ?? []),
      ...(await states.aboutStatus(state)),
    ],
  };
}

interface Shown {
  /** With what it shares with the other kept lists; null until the job has ended. */
  summary: (Summary & Overlaps) | null;
  industries: PageIndustries[];
  /** Some companies of each page, in such an order that the first of them are spread over all pages. */
  samples: NumberedCompany[];
}

const NOTHING_SHOWN: Shown = { summary: null, industries: [], samples: [] };

async function shownOf(
  lists: CollectedLists,
  list: CollectedList,
  sample_rows: number | undefined,
  signal: AbortSignal,
): Promise<Shown> {
  const { pages } = list.about;
  const { terminal } = list.state;
  const { summary, industries } = await summarize(lists, list, signal);
  const some = Math.ceil((terminal ? 0 : PROVISIONAL_SAMPLES) / Math.max(1, pages.length));
  const numbers = sampleNumbers(pages, sample_rows ?? Math.max(USUAL_SAMPLES, some));
  const shown = numbers.slice(0, sample_rows === undefined ? MOST_SHOWN : MAX_SAMPLES);
  return {
    summary: terminal ? { ...summary, ...(await overlapsOf(lists, list, { signal })) } : null,
    industries,
    samples: await rowsOfList(list, shown, { signal }),
  };
}

/** Rows that samples show: some of each page, in such an order that the first of them are spread over all pages. */
function sampleNumbers(pages: About['pages'], perPage: number): number[] {
  const most = Math.min(perPage, Math.max(1, Math.floor(MAX_SAMPLES / Math.max(1, pages.length))));
  const samples = pages.flatMap(({ first_row, rows }, page) => {
    const count = Math.min(most, rows);
    return Array.from({ length: count }, (_, turn) => ({
      row: first_row + Math.floor((turn * rows) / count),
      place: turn + ((page * GOLDEN) % 1),
    }));
  });
  return samples.sort((a, b) => a.place - b.place).map(({ row }) => row);
}
