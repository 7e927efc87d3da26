import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { orFailure } from '../lib/errors.ts';
import { sharedCalls } from '../lib/shared-calls.ts';
import { counted } from '../lib/text.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { readPages } from '../reading/pages.ts';
import { expectedRows, toJobState } from '../reading/state.ts';
import type { ReadPage } from '../reading/walk.ts';
import type { Ledger } from '../spending/ledger.ts';
import {
  type Answer,
  QueryError,
  type RecordFolders,
  type SqlValue,
  type Statement,
} from '../sql/messages.ts';
import type { Question, SqlThread } from '../sql/thread.ts';
import { aboutOf, type Call, type CollectedList, NotFinalError, type RowsCall } from './collected-list.ts';
import { inMemory, type ListStore } from './list-store.ts';

export interface CollectedListsParts {
  source: PageSource;
  store: ListStore;
  thread: SqlThread;
  records: RecordFolders;
  clock: Clock;
  ledger: Pick<Ledger, 'find'>;
}

interface ListCall extends Call {
  /** Pages that are not read by then are missing; none means the time that each read has anyhow. */
  deadline?: Deadline | undefined;
  /** Told of pages as they are read, unless another call reads them already. */
  onPage?: (page: ReadPage) => void;
  /** The answer that told where the job stands, where there is one already. */
  first?: JobPage | undefined;
  /** Whether the rows that are there are wanted, where the job has not ended. */
  running?: boolean;
}

/** Jobs of which pages are held for the next reading. */
const HELD_JOBS = 3;
/** A call whose time is up ends so long after its deadline, with what was read by then. Milliseconds. */
const LAST_MOMENT_MS = 5_000;

/**
 * The collected lists: every job that has ended is read once, whole, and is asked in SQL from then on. A list that is
 * not whole is the same, but kept nowhere: the next call reads what is missing.
 */
export class CollectedLists {
  readonly #parts: CollectedListsParts;
  /** Calls that read the same job at the same time share one reading. */
  readonly #readings: ReturnType<typeof sharedCalls>;
  /** Pages of jobs that could not be read whole, by the job and what upstream said of it. */
  readonly #held = new Map<string, Map<string, JobPage>>();
  /** What kept lists say of themselves, by version. */
  readonly #abouts = new Map<string, CollectedList['about']>();
  /** Kept jobs that upstream was seen not to know any more. */
  readonly #gone = new Set<string>();
  /** Kept lists without totals that were held against what upstream says by now. */
  readonly #checked = new Set<string>();

  constructor(parts: CollectedListsParts) {
    this.#parts = parts;
    this.#readings = sharedCalls(parts.clock);
  }

  /** The list of a job, where it is kept on this machine; nothing is asked of upstream. */
  async kept(jobId: string, signal: AbortSignal): Promise<CollectedList | null> {
    const { thread, store } = this.#parts;
    let at = await store.find(jobId);
    if (at === null) return null;
    let about = this.#abouts.get(at.version);
    if (about === undefined) {
      try {
        const told = await thread.about(at, signal);
        about = told.about;
        // Made anew where it is by other rules.
        if (told.renewed !== null) at = (await store.put(at.job_id, told.renewed, true)).at;
        this.#abouts.set(at.version, about);
      } catch (error) {
        if (!(error instanceof QueryError) || error.failure.kind !== 'damaged') throw error;
        await store.setAside(at.job_id, `it is damaged: ${error.failure.why}`);
        return null;
      }
    }
    const gone = this.#gone.has(jobId.toLowerCase());
    const alone = gone ? ' OpenFunnel no longer knows this job (404): this copy is all there is.' : '';
    const stored = `Read from the final copy stored on this machine on ${about.kept_at.slice(0, 10)}. OpenFunnel was not asked for rows.${alone}`;
    const notices = 'path' in at.source ? [stored, ...about.doubts] : [...about.doubts];
    return this.#askable({ about, at: { ...at, job_id: about.job_id }, reading: null, notices });
  }

  /** Whether a job's list is kept on this machine. Never rejects. */
  async isKept(jobId: string): Promise<boolean> {
    return (await this.#parts.store.find(jobId)) !== null;
  }

  /** Makes ready for a list that is going to be read. Never rejects. */
  async prepare(): Promise<void> {
    await this.#parts.thread.ready();
  }

  /** Every list that is kept, the latest first. */
  async all(signal: AbortSignal): Promise<CollectedList[]> {
    const found: CollectedList[] = [];
    for (const jobId of await this.#parts.store.all()) {
      // A damaged one belongs to all that there is: it is read anew.
      const list = (await this.kept(jobId, signal)) ?? (await orFailure(this.get(jobId, { signal }), signal));
      if ('about' in list && list.about.whole) found.push(list);
    }
    return found;
  }

  /**
   * The list of a job, kept or read now.
   * @throws {NotFinalError} where the job runs, unless `running` is true: then its rows are those that are there.
   * @throws {OpenFunnelError} where not even its state could be read.
   */
  async get(jobId: string, call: ListCall): Promise<CollectedList> {
    const kept = await this.kept(jobId, call.signal);
    if (kept && !(await this.#outdated(kept, call.signal))) return kept;
    const first = call.first ?? (await this.#parts.source.getPage(jobId, undefined, call.signal));
    if (!call.running && !isTerminal(first.status)) throw new NotFinalError(toJobState(jobId, first));
    const deadline = { at: (call.deadline?.at ?? Number.POSITIVE_INFINITY) + LAST_MOMENT_MS };
    return this.#readings(jobId.toLowerCase(), { signal: call.signal, deadline }, ({ signal }) =>
      this.#read(jobId, first, { ...call, signal }),
    );
  }

  /** The list of a job whose rows have their places for good. @throws {NotFinalError} where it runs, failed, or is not whole. */
  async final(jobId: string, call: Call): Promise<CollectedList> {
    const list = await this.get(jobId, call);
    const { about, state, reading } = list;
    if (about.whole) return list;
    if (!state.results_final)
      throw new NotFinalError(state, `Job ${jobId} failed, so its list is not final.`);
    const why = `Not all of job ${jobId} could be read (${about.why}), so its list is not final yet. Try again in a little while: pages that were read are kept.`;
    const facts = { code: 'upstream_invalid_response' as const, ...reading?.failure, retryable: true };
    throw new NotFinalError(state, why, { ...facts, quotesUpstream: why.includes('"') });
  }

  /**
   * Asks lists; where the file of one turns out to be damaged, once more after reading its job anew.
   * @throws {QueryError} when a statement has no answer.
   */
  async ask(
    lists: readonly CollectedList[],
    statements: readonly Statement[],
    call: Pick<Question, 'signal' | 'onBatch' | 'ranks'>,
  ): Promise<Answer[]> {
    const { thread, records } = this.#parts;
    let asked = lists;
    for (let again = 0; ; again += 1) {
      try {
        return await thread.ask({ lists: asked.map(({ at }) => at), records, statements, ...call });
      } catch (error) {
        if (!(error instanceof QueryError) || error.failure.kind !== 'damaged' || again > lists.length)
          throw error;
        const { job_id, why } = error.failure;
        await this.#parts.store.setAside(job_id, `it is damaged: ${why}`);
        const anew = await this.get(job_id, { signal: call.signal });
        asked = asked.map((list) => (list.about.job_id.toLowerCase() === job_id.toLowerCase() ? anew : list));
      }
    }
  }

  /** The rows of one statement about lists. @throws {QueryError} when there is no answer. */
  async rows(
    lists: readonly CollectedList[],
    sql: string,
    { params = [], maxRows = 10_000, maxText = 4_000, ...call }: RowsCall,
  ): Promise<SqlValue[][]> {
    const [answer] = await this.ask(lists, [{ sql, params, maxRows, maxText }], call);
    return answer?.rows ?? [];
  }

  /** Reads a job, or what there is of one that runs, and makes its list. */
  async #read(jobId: string, first: JobPage, { signal, deadline, onPage }: ListCall): Promise<CollectedList> {
    const { source, thread, clock, ledger, store } = this.#parts;
    const said = JSON.stringify([jobId.toLowerCase(), first.status, first.manifest]);
    const noted = await ledger.find(jobId);
    const build = thread.build();
    try {
      const reading = await readPages(jobId, first, {
        source,
        held: isTerminal(first.status) ? this.#pagesOf(said) : new Map(),
        deadline,
        signal,
        onPage: (page) => {
          build.add(page.firstRow, page.rows);
          onPage?.(page);
        },
      });
      if (reading.whole) this.#held.delete(said);
      const told = aboutOf(jobId, first, reading, noted, clock.now());
      const { about, image } = await build.finish(told, signal);
      const { at, failure } = about.whole
        ? await store.put(about.job_id, image)
        : { at: inMemory(about.job_id, image), failure: null };
      if (about.whole) this.#abouts.set(at.version, about);
      const notices = [...about.doubts];
      if (failure !== null)
        notices.push(`The rows could not be stored on this machine: ${failure}. Nothing else is lost.`);
      return this.#askable({ about, at, reading, notices });
    } finally {
      build.abandon();
    }
  }

  /** Pages that are held from an earlier reading of a job of which upstream said the same. */
  #pagesOf(said: string): Map<string, JobPage> {
    const pages = this.#held.get(said) ?? new Map<string, JobPage>();
    this.#held.delete(said);
    this.#held.set(said, pages);
    const [oldest = said] = this.#held.keys();
    if (this.#held.size > HELD_JOBS) this.#held.delete(oldest);
    return pages;
  }

  #askable(read: Omit<CollectedList, 'state' | 'rows'>): CollectedList {
    const state = toJobState(read.about.job_id, read.about);
    const list: CollectedList = { ...read, state, rows: (sql, call) => this.rows([list], sql, call) };
    return list;
  }

  /** Notes what upstream says of a job that is kept: that it is gone, or that there is more of it than the copy has. */
  async compare(jobId: string, said: JobPage | 'gone', signal: AbortSignal): Promise<void> {
    if (said === 'gone') this.#gone.add(jobId.toLowerCase());
    else {
      const list = await this.kept(jobId, signal);
      if (list) await this.#setAsideWhereLess(list, said);
    }
  }

  /** Deletes all that this machine has of the rows of jobs. */
  async forget(jobIds: readonly string[] | 'all'): Promise<{ forgotten: string[]; bytes: number }> {
    this.#held.clear();
    return this.#parts.store.forget(jobIds);
  }

  /** Whether a list that could not be held against totals has less than upstream says by now; looked at once. */
  async #outdated(list: CollectedList, signal: AbortSignal): Promise<boolean> {
    const { job_id, manifest } = list.about;
    if (manifest !== null || this.#checked.has(list.at.version)) return false;
    this.#checked.add(list.at.version);
    const said = await orFailure(this.#parts.source.getPage(job_id, undefined, signal), signal);
    return 'rows' in said && this.#setAsideWhereLess(list, said);
  }

  async #setAsideWhereLess({ about }: CollectedList, said: JobPage): Promise<boolean> {
    const state = toJobState(about.job_id, said);
    const expected = state.results_final && state.manifest !== null ? expectedRows(state) : null;
    if (expected === null || expected.rows <= about.companies) return false;
    await this.#parts.store.setAside(
      about.job_id,
      `it has ${counted(about.companies, 'company')}, and OpenFunnel says ${expected.rows} now`,
    );
    return true;
  }
}
