import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { sharedCalls } from '../lib/shared-calls.ts';
import type { PageSource } from '../openfunnel/client.ts';
import { isTerminal, type JobPage } from '../openfunnel/wire.ts';
import { readPages } from '../reading/pages.ts';
import type { ReadPage } from '../reading/walk.ts';
import type { Ledger } from '../spending/ledger.ts';
import type { SqlThread } from '../sql/thread.ts';
import { aboutOf, type ReadList } from './collected-list.ts';
import { inMemory, type ListStore } from './list-store.ts';

export interface ListCall {
  signal: AbortSignal;
  /** Pages that are not read by then are missing; none means the time that each read has anyhow. */
  deadline?: Deadline | undefined;
  onPage?: ((page: ReadPage) => void) | undefined;
  /** The answer that told that the job has ended, where there is one already. */
  first?: JobPage | undefined;
}

export interface ListReaderParts {
  source: PageSource;
  thread: SqlThread;
  clock: Clock;
  ledger: Pick<Ledger, 'find'>;
  store: ListStore;
}

/** Jobs of which pages are held for the next reading. */
const HELD_JOBS = 3;
/** A call whose time is up ends so long after its deadline, with what was read by then. Milliseconds. */
const LAST_MOMENT_MS = 5_000;

/** Reads jobs whole, and makes their lists. Calls at the same time share a reading. */
export class ListReader {
  readonly #parts: ListReaderParts;
  readonly #readings: ReturnType<typeof sharedCalls>;
  readonly #listeners = new Map<string, Set<(page: ReadPage) => void>>();
  /** Pages of jobs that could not be read whole, by the job and what upstream said of it. */
  readonly #held = new Map<string, Map<string, JobPage>>();

  constructor(parts: ListReaderParts) {
    this.#parts = parts;
    this.#readings = sharedCalls(parts.clock);
  }

  /**
   * The list of a job, or of what there is of one that runs.
   * @param first The answer that told its state.
   * @throws {OpenFunnelError} `timeout` where not even the pages that were read can be told in time.
   */
  async read(
    jobId: string,
    first: JobPage,
    { signal, deadline, onPage }: Omit<ListCall, 'first'>,
  ): Promise<ReadList> {
    const id = jobId.toLowerCase();
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    if (onPage) listeners.add(onPage);
    const until = { at: (deadline?.at ?? Number.POSITIVE_INFINITY) + LAST_MOMENT_MS };
    try {
      return await this.#readings(id, { signal, deadline: until }, (shared) =>
        this.#read(jobId, first, shared.signal, deadline),
      );
    } finally {
      if (onPage) listeners.delete(onPage);
      if (listeners.size === 0) this.#listeners.delete(id);
    }
  }

  /** Lets go of all pages that are held. */
  forget(): void {
    this.#held.clear();
  }

  async #read(
    jobId: string,
    first: JobPage,
    signal: AbortSignal,
    deadline: Deadline | undefined,
  ): Promise<ReadList> {
    const { source, thread, clock, ledger, store } = this.#parts;
    const id = jobId.toLowerCase();
    const said = JSON.stringify([id, first.status, first.manifest]);
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
          for (const listener of this.#listeners.get(id) ?? []) listener(page);
        },
      });
      if (reading.whole) this.#held.delete(said);
      const told = aboutOf(jobId, first, reading, noted, clock.now());
      const { about, image } = await build.finish(told, signal);
      const { at, failure } = about.whole
        ? await store.put(about.job_id, image)
        : { at: inMemory(about.job_id, image), failure: null };
      const notices = [...about.doubts];
      if (failure !== null)
        notices.push(`The rows could not be stored on this machine: ${failure}. Nothing else is lost.`);
      return { about, at, reading, notices };
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
}
