import type { Clock } from '../lib/clock.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import type { PageSource } from '../reading/page-source.ts';
import { toJobState } from '../reading/state.ts';
import type { Ledger, LedgerDamage, LedgerJob, Submission } from '../spending/ledger.ts';
import type { JobStates } from './job-states.ts';

/** The ledger's jobs, and what is to be known beside them. */
export interface NotedJobList {
  /** Newest first. */
  jobs: LedgerJob[];
  /** Submits of late whose outcome nobody noted: jobs that may exist and are in no list. Oldest first. */
  unsettled: Submission[];
  /** False where the ledger can't be read: then there is only what this process remembers. */
  readable: boolean;
  /** Lines of the ledger that can't be read; null where every line was. */
  damage: LedgerDamage | null;
  /** Jobs whose state was asked for and could not be read. */
  unread: Array<{ job_id: string; code: string }>;
  /** Jobs whose state was asked for and is none that is documented, each with what was last known of it. */
  unknown: Array<{ job_id: string; status: string; notices: string[] }>;
}

export interface NotedJobsParts {
  ledger: Ledger;
  source: PageSource;
  states: JobStates;
  clock: Clock;
}

/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;

/** The jobs that this machine has noted. */
export class NotedJobs {
  readonly #parts: NotedJobsParts;

  constructor(parts: NotedJobsParts) {
    this.#parts = parts;
  }

  /**
   * The jobs submitted or looked at from this machine.
   *
   * @param refresh Chooses of all jobs those that are asked about upstream, where they have not ended; null: none.
   * @throws {OpenFunnelError} `not_found` where the ledger can't be read and this process remembers nothing.
   */
  async list(
    refresh: ((jobs: readonly LedgerJob[]) => readonly LedgerJob[]) | null,
    { signal }: { signal: AbortSignal },
  ): Promise<NotedJobList> {
    const { ledger, clock, source, states } = this.#parts;
    const { jobs, submissions, readable, damage } = await ledger.view();
    if (!readable && submissions.length + jobs.length === 0) {
      throw new OpenFunnelError(
        'not_found',
        'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
      );
    }
    const since = clock.now() - UNSETTLED_FOR_MS;
    const unsettled = submissions.filter(
      ({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= since,
    );
    const open = (refresh?.(jobs) ?? []).filter(({ terminal }) => !terminal);
    const unread: NotedJobList['unread'] = [];
    const unknown: NotedJobList['unknown'] = [];
    const seen = new Map<string, Partial<LedgerJob>>();
    const look = async (job_id: string) => {
      try {
        const state = toJobState(job_id, await source.getPage(job_id, undefined, signal));
        const { status, processed } = state;
        if (isKnownStatus(status)) return;
        seen.set(job_id, { status, processed, checked_at: new Date(clock.now()).toISOString() });
        unknown.push({ job_id, status, notices: await states.aboutStatus(state) });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof OpenFunnelError)) throw error;
        unread.push({ job_id, code: error.code });
      }
    };
    await Promise.all(open.map(({ job_id }) => look(job_id)));
    const now = open.length > 0 ? await ledger.list() : jobs;
    const shown = now.map((job) => ({ ...job, ...seen.get(job.job_id) }));
    return { jobs: shown, unsettled, readable, damage, unread, unknown };
  }

  /**
   * The job submitted last from this machine.
   *
   * @throws {OpenFunnelError} `not_found` where there is none.
   */
  async newest(call: { signal: AbortSignal }): Promise<string> {
    const [job] = (await this.list(null, call)).jobs;
    if (job) return job.job_id;
    throw new OpenFunnelError(
      'not_found',
      'No job was submitted from this machine yet, so there are no companies to show. Give a job_id, or start a search with submit_lookalikes_bulk.',
    );
  }
}
