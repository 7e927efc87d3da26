import type { PageSource } from '../openfunnel/client.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { JobState } from '../reading/state.ts';
import type { Ledger, LedgerJob } from '../spending/ledger.ts';
import type { Call } from './collected-list.ts';
import type { JobStates } from './job-states.ts';

/** Where a job stands, and what the reader has to know of where that comes from. */
interface Seen {
  state: JobState;
  notices: string[];
}

/** Jobs whose end is remembered. */
const MAX_ENDED = 100;
/** Pages read at one look to find how many rows there are; the next look goes on from there. */
const PAGES_A_LOOK = 5;

/** Looks at jobs again and again, cheaply: of one that has ended nothing is asked twice. */
export class JobWatch {
  readonly #states: JobStates;
  readonly #ledger: Pick<Ledger, 'find'>;
  readonly #source: PageSource;
  readonly #ended = new Map<string, Seen>();
  /** Of running jobs, the page that was the last one, and the rows before it. */
  readonly #walks = new Map<string, { before: number; cursor: string | undefined }>();

  constructor(states: JobStates, ledger: Pick<Ledger, 'find'>, source: PageSource) {
    this.#states = states;
    this.#ledger = ledger;
    this.#source = source;
  }

  /** @throws {OpenFunnelError} where the job can't be asked about. */
  async now(jobId: string, call: Call): Promise<Seen> {
    const known = this.#ended.get(jobId);
    if (known) return known;
    const { state, notices } = await this.#states.now(jobId, call);
    if (state.terminal) {
      this.#walks.delete(jobId);
      if (this.#ended.size >= MAX_ENDED) this.#ended.clear();
      this.#ended.set(jobId, { state, notices });
    }
    return { state, notices };
  }

  /** The same with what the ledger has of the job: its search in a few words, and its words; empty for one of elsewhere. */
  async look(jobId: string, call: Call) {
    const seen = await this.now(jobId, call);
    const { request = null, submitted_at = null } = (await this.#ledger.find(jobId)) ?? {};
    return {
      ...seen,
      title: titleOf(request),
      query: request?.query ?? '',
      submittedAt: submitted_at,
      requested: request?.limit ?? null,
    };
  }

  /**
   * Rows of a running job that can be read now, at least; free, and a few requests. What can't be read now counts at
   * the next look.
   */
  async readable(jobId: string, { signal }: Call): Promise<number> {
    const walk = this.#walks.get(jobId) ?? { before: 0, cursor: undefined };
    this.#walks.set(jobId, walk);
    let rows = walk.before;
    try {
      for (let pages = 0; pages < PAGES_A_LOOK; pages += 1) {
        const page = await this.#source.getPage(jobId, walk.cursor, signal);
        rows = walk.before + page.rows.length;
        // The last page there is may still grow: it is read again.
        if (page.next_cursor === null || page.rows.length === 0) break;
        walk.before = rows;
        walk.cursor = page.next_cursor;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
    }
    return rows;
  }
}

function titleOf(request: LedgerJob['request']): string {
  const seeds = request?.seed_domains ?? [];
  const more = seeds.length > 3 ? ' and others' : '';
  const like = seeds.length === 0 ? '' : `like ${seeds.slice(0, 3).join(', ')}${more}`;
  return [like, request?.query ?? ''].filter((part) => part !== '').join(': ');
}
