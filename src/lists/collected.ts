import type { Clock } from '../lib/clock.ts';
import { orFailure } from '../openfunnel/errors.ts';
import { isTerminal, shownStatus } from '../openfunnel/status.ts';
import type { JobPage } from '../openfunnel/wire.ts';
import type { PageSource } from '../reading/page-source.ts';
import { expectedRows, toJobState } from '../reading/state.ts';
import type { Ledger } from '../spending/ledger.ts';
import type { About, Answer, ListAtHand, RecordFolders, SqlValue, Statement } from '../sql/messages.ts';
import { QueryError, type Question, type SqlThread } from '../sql/thread.ts';
import { type CollectedList, inMemory, NotEndedError, type ReadList, sharedBytes } from './collected-list.ts';
import type { ListFile, ListFiles } from './list-files.ts';
import { type ListCall, ListReader } from './list-reader.ts';

export interface CollectedListsParts {
  /** Upstream. */
  source: PageSource;
  files: ListFiles;
  /** Whether lists are kept there; else they are in memory alone. */
  keep: boolean;
  thread: SqlThread;
  records: RecordFolders;
  clock: Clock;
  ledger: Pick<Ledger, 'find'>;
}

/** How rows are asked for. */
export type RowsCall = Pick<Question, 'signal' | 'ranks'> & Partial<Omit<Statement, 'sql'>>;

/** Lists that are held in memory alone. Bytes. */
const HELD_BYTES = 128 * 1024 * 1024;

/**
 * The collected lists: every job that has ended is read once, whole, and is asked in SQL from then on. A list that is
 * not whole is the same, but kept nowhere: the next call reads what is missing.
 */
export class CollectedLists {
  readonly #parts: CollectedListsParts;
  readonly #reader: ListReader;
  /** What kept lists say of themselves, by version. */
  readonly #abouts = new Map<string, About>();
  /** Whole lists that are in memory alone, the one used last behind all others. */
  readonly #memory = new Map<string, CollectedList>();
  /** Kept jobs that upstream was seen not to know any more. */
  readonly #gone = new Set<string>();
  /** Kept lists without totals that were held against what upstream says by now. */
  readonly #checked = new Set<string>();

  constructor(parts: CollectedListsParts) {
    this.#parts = parts;
    this.#reader = new ListReader({ ...parts, keep: (image, list) => this.#keep(image, list) });
  }

  /** The list of a job, where it is kept on this machine; nothing is asked of upstream. */
  async kept(jobId: string, signal: AbortSignal): Promise<CollectedList | null> {
    const { files, keep } = this.#parts;
    const file = keep ? await files.find(jobId) : null;
    if (file) return this.#fromFile(file, signal);
    const id = jobId.toLowerCase();
    const list = this.#memory.get(id) ?? null;
    // The one used last is the last to be let go of.
    if (list && this.#memory.delete(id)) this.#memory.set(id, list);
    return list;
  }

  /** Whether a job's list is kept on this machine. Never rejects. */
  async isKept(jobId: string): Promise<boolean> {
    const { files, keep } = this.#parts;
    return this.#memory.has(jobId.toLowerCase()) || (keep && (await files.find(jobId)) !== null);
  }

  /** Every list that is kept, the latest first. */
  async all(signal: AbortSignal): Promise<CollectedList[]> {
    const found: CollectedList[] = [];
    const { files, keep } = this.#parts;
    for (const { job_id } of keep ? await files.all() : []) {
      // A damaged one belongs to all that there is: it is read anew.
      const list =
        (await this.kept(job_id, signal)) ?? (await orFailure(this.get(job_id, { signal }), signal));
      if ('about' in list && list.about.whole) found.push(list);
    }
    const ids = new Set(found.map(({ about }) => about.job_id.toLowerCase()));
    return [...found, ...[...this.#memory].flatMap(([id, list]) => (ids.has(id) ? [] : [list]))];
  }

  /**
   * The list of a job, kept or read now.
   *
   * @throws {NotEndedError} where the job runs, unless `running` is true: then its rows are those that are there.
   * @throws {OpenFunnelError} where not even its state could be read.
   */
  async get(
    jobId: string,
    { running = false, ...call }: ListCall & { running?: boolean },
  ): Promise<CollectedList> {
    const kept = await this.kept(jobId, call.signal);
    if (kept && !(await this.#outdated(kept, call.signal))) return kept;
    const first = call.first ?? (await this.#parts.source.getPage(jobId, undefined, call.signal));
    if (!running && !isTerminal(shownStatus(first.status))) throw new NotEndedError(toJobState(jobId, first));
    return this.#reader.read(jobId, first, call);
  }

  /**
   * Asks lists; where the file of one turns out to be damaged, once more after reading its job anew.
   *
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
        await this.#parts.files.setAside(job_id, `it is damaged: ${why}`);
        const anew = await this.get(job_id, { signal: call.signal });
        asked = asked.map((list) => (list.about.job_id.toLowerCase() === job_id.toLowerCase() ? anew : list));
      }
    }
  }

  /** The rows of one statement about lists: their texts whole up to 4,000 characters, unless more are asked for. */
  async rows(
    lists: readonly CollectedList[],
    sql: string,
    { params = [], maxRows = 10_000, maxText = 4_000, ...call }: RowsCall,
  ): Promise<SqlValue[][]> {
    const [answer] = await this.ask(lists, [{ sql, params, maxRows, maxText }], call);
    return answer?.rows ?? [];
  }

  /** Notes what upstream says of a job that is kept: that it is gone, or that there is more of it than the copy has. */
  async compare(jobId: string, said: JobPage | 'gone', signal: AbortSignal): Promise<void> {
    if (said === 'gone') {
      this.#gone.add(jobId.toLowerCase());
      return;
    }
    const list = await this.kept(jobId, signal);
    if (list) await this.#setAsideWhereLess(list, said);
  }

  /** Deletes all that this machine has of the rows of jobs. */
  async forget(jobIds: readonly string[] | 'all'): Promise<{ forgotten: string[]; bytes: number }> {
    const { files } = this.#parts;
    const result = await files.forget(jobIds);
    for (const id of jobIds === 'all' ? [...this.#memory.keys()] : jobIds.map((each) => each.toLowerCase())) {
      this.#reader.forget(id);
      if (this.#memory.delete(id) && !result.forgotten.includes(id)) result.forgotten.push(id);
    }
    if (jobIds === 'all') this.#reader.forget('all');
    return result;
  }

  /** The list that a file holds, made anew where that is by other rules; null where the file is damaged. */
  async #fromFile(file: ListFile, signal: AbortSignal): Promise<CollectedList | null> {
    const { thread, files } = this.#parts;
    let at = atFile(file);
    let about = this.#abouts.get(at.version);
    if (about === undefined) {
      try {
        const told = await thread.about(at, signal);
        about = told.about;
        if (told.renewed !== null) at = await this.#renew(file, told.renewed);
        this.#abouts.set(at.version, about);
      } catch (error) {
        if (!(error instanceof QueryError) || error.failure.kind !== 'damaged') throw error;
        await files.setAside(file.job_id, `it is damaged: ${error.failure.why}`);
        return null;
      }
    }
    return keptList(about, this.#gone.has(file.job_id), at);
  }

  /** Puts the image made by today's rules in the place of a file; where it can't be replaced it is asked from memory. */
  async #renew({ job_id, version }: ListFile, image: Uint8Array): Promise<ListAtHand> {
    const { files } = this.#parts;
    const fresh = (await files.put(job_id, image, true)) === null ? await files.find(job_id) : null;
    if (fresh) return atFile(fresh);
    return { job_id, version: `${version}-renewed`, source: { bytes: sharedBytes(image) } };
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
    this.#memory.delete(about.job_id.toLowerCase());
    await this.#parts.files.setAside(
      about.job_id,
      `it has ${about.companies} companies, and OpenFunnel says ${expected.rows} now`,
    );
    return true;
  }

  /** Keeps a list that was read whole, on the disk or else in memory. */
  async #keep(image: Uint8Array, list: ReadList): Promise<CollectedList> {
    const { job_id, whole, doubts } = list.about;
    if (!whole) return inMemory(list, image);
    const { files, keep } = this.#parts;
    const failure = keep ? await files.put(job_id, image) : null;
    const file = keep && failure === null ? await files.find(job_id) : null;
    if (file) {
      this.#abouts.set(file.version, list.about);
      return { ...list, at: atFile(file) };
    }
    const held = inMemory(list, image);
    this.#remember(job_id.toLowerCase(), { ...held, reading: null, notices: [...doubts] });
    if (failure === null) return held;
    const said = `The rows could not be stored on this machine: ${failure}. Nothing else is lost.`;
    return { ...held, notices: [...held.notices, said] };
  }

  #remember(id: string, list: CollectedList): void {
    this.#memory.set(id, list);
    let bytes = 0;
    for (const [other, { at }] of [...this.#memory].reverse()) {
      bytes += 'bytes' in at.source ? at.source.bytes.length : 0;
      if (bytes > HELD_BYTES && other !== id) this.#memory.delete(other);
    }
  }
}

/** Where questions find the list of a file. */
function atFile({ job_id, version, path }: ListFile): ListAtHand {
  return { job_id, version, source: { path } };
}

/** A list as it is read from this machine. @param gone Whether upstream does not know its job any more. */
function keptList(about: About, gone: boolean, at: ListAtHand): CollectedList {
  const alone = gone ? ' OpenFunnel no longer knows this job (404): this copy is all there is.' : '';
  return {
    about,
    state: toJobState(about.job_id, about),
    at: { ...at, job_id: about.job_id },
    reading: null,
    notices: [
      `Read from the final copy stored on this machine on ${about.kept_at.slice(0, 10)}. OpenFunnel was not asked for rows.${alone}`,
      ...about.doubts,
    ],
  };
}
