import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { PageSource } from '../reading/page-source.ts';
import { type JobState, promised } from '../reading/state.ts';
import type { LedgerJob } from '../spending/ledger.ts';
import type { JobStates } from './job-states.ts';
import type { NotedJobs } from './noted-jobs.ts';

/** A job as somebody who watches it wants to know it. */
export interface JobLook {
  state: JobState;
  /** Its search in a few words, from the ledger; empty where another machine submitted it. */
  title: string;
  /** The words of its search, likewise. */
  query: string;
  /** ISO 8601, UTC, or null. */
  submittedAt: string | null;
  /** Companies asked for, or null. */
  requested: number | null;
  /** Rows that can be read now, at least; null where that was not asked for. */
  readable: number | null;
  /** What it has cost, at least: a company delivered is a company billed. Credits. */
  creditsAtLeast: number | null;
  /** What the reader has to know of where that comes from. */
  notices: string[];
}

/** Jobs whose end is remembered. */
const MAX_ENDED = 100;
/** Pages read at one look to find how many rows there are; the next look goes on from there. */
const PAGES_A_LOOK = 5;

/** Where the walk over a running job's pages stands. */
interface Walk {
  /** Rows on the pages before the one that `cursor` names. */
  before: number;
  cursor: string | undefined;
}

/** Looks at jobs again and again, cheaply: of one that has ended nothing is asked twice. */
export class JobWatch {
  readonly #states: JobStates;
  readonly #noted: NotedJobs;
  readonly #source: PageSource;
  readonly #ended = new Map<string, { state: JobState; notices: string[] }>();
  readonly #walks = new Map<string, Walk>();

  constructor(states: JobStates, noted: NotedJobs, source: PageSource) {
    this.#states = states;
    this.#noted = noted;
    this.#source = source;
  }

  /**
   * @param countRows Whether to find out how many rows of a running job can be read; free, and a few requests.
   * @throws {OpenFunnelError} where the job can't be asked about.
   */
  async look(jobId: string, countRows: boolean, call: { signal: AbortSignal }): Promise<JobLook> {
    const { state, notices } = this.#ended.get(jobId) ?? (await this.#states.now(jobId, call));
    if (state.terminal) this.#remember(jobId, { state, notices });
    const facts = (await this.#noted.list(null, call)).jobs.find(({ job_id }) => job_id === jobId);
    const readable = countRows && !state.terminal ? await this.#readable(jobId, call) : null;
    return {
      state,
      title: facts ? titleOf(facts) : '',
      query: facts?.request?.query ?? '',
      submittedAt: facts?.submitted_at ?? null,
      requested: facts?.request?.limit ?? null,
      readable,
      notices,
      creditsAtLeast: promised(state, 'credits_consumed') ?? readable,
    };
  }

  /** Rows on the pages that are there; what can't be read now counts at the next look. */
  async #readable(jobId: string, call: { signal: AbortSignal }): Promise<number | null> {
    const walk = this.#walks.get(jobId) ?? { before: 0, cursor: undefined };
    this.#walks.set(jobId, walk);
    let rows = walk.before;
    try {
      for (let pages = 0; pages < PAGES_A_LOOK; pages += 1) {
        const page = await this.#source.getPage(jobId, walk.cursor, call.signal);
        rows = walk.before + page.rows.length;
        // The last page there is may still grow: it is read again.
        if (page.next_cursor === null || page.rows.length === 0) break;
        walk.before = rows;
        walk.cursor = page.next_cursor;
      }
    } catch (error) {
      call.signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
    }
    return rows;
  }

  #remember(jobId: string, ended: { state: JobState; notices: string[] }): void {
    this.#walks.delete(jobId);
    if (this.#ended.size >= MAX_ENDED) this.#ended.clear();
    this.#ended.set(jobId, ended);
  }
}

function titleOf({ request }: LedgerJob): string {
  if (request === null) return '';
  const seeds = request.seed_domains?.slice(0, 3).join(', ') ?? '';
  const more = (request.seed_domains?.length ?? 0) > 3 ? ' and others' : '';
  const like = seeds === '' ? '' : `like ${seeds}${more}`;
  return [like, request.query ?? ''].filter((part) => part !== '').join(': ');
}
