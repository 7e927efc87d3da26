import type { Marks } from '../disk/marks.ts';
import type { Clock } from '../lib/clock.ts';
import type { OpenFunnelClient, PageSource } from '../openfunnel/client.ts';
import { OpenFunnelError, orFailure } from '../openfunnel/errors.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { promised, toJobState } from '../reading/state.ts';
import { chargedSince, creditsLeft } from '../spending/balances.ts';
import type { Ledger, LedgerJob, Submission } from '../spending/ledger.ts';
import type { CollectedLists } from './collected.ts';
import type { Call } from './collected-list.ts';
import type { JobStates } from './job-states.ts';
import { countMarks } from './marking.ts';

export interface NotedJobsParts {
  ledger: Ledger;
  source: PageSource;
  states: JobStates;
  lists: CollectedLists;
  marks: Marks;
  account: Pick<OpenFunnelClient, 'getBalance'>;
  clock: Clock;
}

/** Which jobs that had not ended are looked at. */
export interface JobsToLookAt {
  /** Chooses among all jobs. */
  choose: (jobs: readonly LedgerJob[]) => readonly LedgerJob[];
  /** Those alone whose status is old, the newest few of them, and for a short time; else all of them. */
  quickly: boolean;
}

/** What this machine has of a job beside its entry. */
export type HereOfJob = Awaited<ReturnType<NotedJobs['here']>>;

/** A submit whose outcome nobody noted is spoken of for this time. Milliseconds. */
const UNSETTLED_FOR_MS = 7 * 24 * 60 * 60 * 1000;
/** A status that was seen so recently needs no other look. Milliseconds. */
const FRESH_MS = 60_000;
/** Jobs that are looked at quickly, and how long that may take. Milliseconds. */
const FEW = 5;
const QUICK_MS = 3_000;

/** The jobs that this machine has noted. */
export class NotedJobs {
  readonly #parts: NotedJobsParts;

  constructor(parts: NotedJobsParts) {
    this.#parts = parts;
  }

  /**
   * The jobs submitted or looked at from this machine, newest first, and the submits of late whose outcome nobody
   * noted, oldest first: jobs that may exist and are in no list.
   *
   * @param look The jobs that are asked about upstream, where they have not ended; null: none.
   * @throws {OpenFunnelError} `not_found` where the ledger can't be read and this process remembers nothing.
   */
  async list(look: JobsToLookAt | null, { signal }: Call) {
    const { ledger, clock, source, states } = this.#parts;
    const { jobs, submissions, readable, damage } = await ledger.view();
    if (!readable && submissions.length + jobs.length === 0) {
      throw new OpenFunnelError(
        'not_found',
        'The ledger of jobs could not be read; ask the user to check OPENFUNNEL_STATE_DIR.',
      );
    }
    const running = (look?.choose(jobs) ?? []).filter(({ terminal }) => !terminal);
    const quickly = look?.quickly === true;
    const open = quickly ? running.filter((job) => !job.other_key && this.isOld(job)).slice(0, FEW) : running;
    const deadline = quickly ? { at: clock.monotonic() + QUICK_MS } : undefined;
    const notices: string[] = [];
    const seen = new Map<string, Partial<LedgerJob>>();
    const lookAt = async ({ job_id }: LedgerJob) => {
      const page = await orFailure(source.getPage(job_id, undefined, signal, deadline), signal);
      if (page instanceof OpenFunnelError) {
        notices.push(`${job_id} could not be refreshed (${page.code}); its last known status is shown.`);
        return;
      }
      const state = toJobState(job_id, page);
      const { status, processed } = state;
      if (isKnownStatus(status)) return;
      seen.set(job_id, { status, processed, checked_at: new Date(clock.now()).toISOString() });
      notices.push(...(await states.aboutStatus(state)).map((said) => `${job_id}: ${said}`));
    };
    await Promise.all(open.map(lookAt));
    const now = open.length > 0 ? (await ledger.view()).jobs : jobs;
    return {
      jobs: now.map((job) => ({ ...job, ...seen.get(job.job_id) })),
      unsettled: this.#unsettledOf(submissions),
      readable,
      damage,
      notices,
    };
  }

  /** What a failed job was charged, by the balance before its submit and now, in words. */
  async charged(jobId: string, { signal }: Call): Promise<string> {
    const { ledger, account, clock } = this.#parts;
    const job = await ledger.find(jobId);
    const before = job?.other_key === false ? job.credits_before : null;
    return chargedSince(before, await creditsLeft(account, clock, signal));
  }

  /** Submits of late whose outcome nobody noted, oldest first, as far as the ledger can be read. */
  async unsettled(): Promise<Submission[]> {
    return this.#unsettledOf((await this.#parts.ledger.view()).submissions);
  }

  /** What jobs that ended lately cost, as far as it was seen, the latest first. @param most Jobs at the most. */
  async costs(most: number): Promise<Array<{ job_id: string; credits: number }>> {
    return (await this.#parts.ledger.view()).jobs
      .filter(({ ended_at }) => ended_at !== null)
      .sort((a, b) => ((a.ended_at ?? '') < (b.ended_at ?? '') ? 1 : -1))
      .flatMap(({ job_id, credits }) => (credits === null ? [] : [{ job_id, credits }]))
      .slice(0, most);
  }

  #unsettledOf(submissions: readonly Submission[]): Submission[] {
    const since = this.#parts.clock.now() - UNSETTLED_FOR_MS;
    return submissions.filter(({ outcome, at }) => (outcome === 'open' || outcome === 'lost') && at >= since);
  }

  /** Whether a job had not ended when it was last seen, some time ago. */
  isOld({ terminal, checked_at }: LedgerJob): boolean {
    return !terminal && this.#parts.clock.now() - Date.parse(checked_at) >= FRESH_MS;
  }

  /** What this machine has of a job: what it cost, whether it is kept, how it is judged; null where that is not known. */
  async here({ job_id, credits }: LedgerJob, { signal }: Call) {
    const { lists, marks } = this.#parts;
    const list = (await lists.isKept(job_id)) ? await lists.kept(job_id, signal).catch(() => null) : null;
    const marked = (await marks.version(job_id)) === null ? null : await marks.of(job_id).catch(() => null);
    return {
      credits: credits ?? (list && promised(list.state, 'credits_consumed')),
      kept: list !== null,
      marks: marked && marked.size > 0 ? countMarks(marked, list?.about.companies ?? marked.size) : null,
    };
  }

  /**
   * Gives a job another label, or hides it in lists.
   *
   * @throws {OpenFunnelError} `not_found` for a job that is not noted, `invalid_input` where it can't be written.
   */
  async note(
    jobId: string,
    wish: { label?: string | undefined; hidden?: boolean | undefined },
  ): Promise<void> {
    const { ledger } = this.#parts;
    if (!(await ledger.find(jobId)))
      throw new OpenFunnelError(
        'not_found',
        `No job ${jobId} is listed on this machine, so nothing was changed.`,
      );
    if (!(await ledger.record({ type: 'noted', job_id: jobId, ...wish })))
      throw new OpenFunnelError(
        'invalid_input',
        'The change could not be written: ask the user to check OPENFUNNEL_STATE_DIR and the space on the disk.',
      );
  }

  /**
   * The job submitted last from this machine.
   *
   * @throws {OpenFunnelError} `not_found` where there is none.
   */
  async newest(call: Call): Promise<string> {
    const job = (await this.list(null, call)).jobs.find(({ hidden }) => !hidden);
    if (job) return job.job_id;
    throw new OpenFunnelError(
      'not_found',
      'No job was submitted from this machine yet, so there are no companies to show. Give a job_id, or start a search with submit_lookalikes_bulk.',
    );
  }
}
