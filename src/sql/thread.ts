import type { Worker } from 'node:worker_threads';
import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';
import type { Row } from '../openfunnel/wire.ts';
import type { Ranks } from './columns.ts';
import type {
  About,
  Answer,
  Failure,
  FromThread,
  ListAtHand,
  RecordFolders,
  SqlValue,
  Statement,
  ToldAbout,
  ToThread,
} from './messages.ts';
import { threadProgram } from './program.ts';
import { Stopwatch } from './stopwatch.ts';

export interface SqlThreadOptions {
  /** The script that the thread runs: see `threadProgram`. */
  file: URL;
  clock: Clock;
}

/** A question to some lists: statements of one kind that are answered together. */
export interface Question {
  lists: readonly ListAtHand[];
  records: RecordFolders;
  /** The rows that the tables are to hold of each list; default all. */
  ranks?: Ranks | null | undefined;
  statements: readonly Statement[];
  /** Takes all rows of the one statement, batch by batch; the next batch is made when it has resolved. */
  onBatch?:
    | ((columns: readonly string[], rows: ReadonlyArray<readonly SqlValue[]>) => Promise<void>)
    | undefined;
  signal: AbortSignal;
}

/** Why a question has no answer. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

type BuiltList = Pick<Extract<FromThread, { type: 'built' }>, 'about' | 'image'>;

/** The image of a list in the making. */
export interface ImageBuild {
  /** Takes rows over as they came; they are cleaned there. @param firstRow Number of the first of them, from 1. */
  add: (firstRow: number, rows: readonly Row[]) => void;
  /**
   * The finished image, and what it says of itself; the build is used up by it.
   *
   * @throws {QueryError} where it could not be made.
   */
  finish: (about: ToldAbout, signal: AbortSignal) => Promise<BuiltList>;
  /** Gives the build up; harmless after `finish`. */
  abandon: () => void;
}

/** The thread is ended, and its memory given back, when it was not needed for this time. Milliseconds. */
const IDLE_MS = 60_000;
/** Room of the thread for what lives for a moment. MB. */
const YOUNG_MB = 8;

/**
 * The thread in which SQLite runs: begun at the first need, ended when it is idle, and ended and begun anew where a
 * statement does not end. What it holds can be had again from files and from whoever builds an image.
 */
export class SqlThread {
  readonly #options: SqlThreadOptions;
  #worker: Worker | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  /** Questions and images under way. */
  #busy = 0;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: SqlThreadOptions) {
    this.#options = options;
  }

  /**
   * @throws {QueryError} when there is no answer.
   * @throws the signal's reason when it aborts, and what `onBatch` throws.
   */
  async ask({ lists, records, ranks = null, statements, onBatch, signal }: Question): Promise<Answer[]> {
    const answered = await this.#inTurn(signal, (id) =>
      this.#exchange(
        { type: 'ask', id, lists, records, ranks, statements, stream: onBatch !== undefined },
        signal,
        onBatch,
      ),
    );
    return answered.type === 'answered' ? answered.answers : [];
  }

  /**
   * What a list says of itself; of one that was made by older rules also the image made anew.
   *
   * @throws {QueryError} `damaged` where it is not as it was written.
   */
  async about(
    list: ListAtHand,
    signal: AbortSignal,
  ): Promise<{ about: About; renewed: Uint8Array<ArrayBuffer> | null }> {
    const told = await this.#inTurn(signal, (id) => this.#exchange({ type: 'about', id, list }, signal));
    if (told.type !== 'told') throw new QueryError({ kind: 'bug', name: 'no answer', stack: '' });
    return told;
  }

  /** Begins the image of a list, to be made as its rows come. */
  build(): ImageBuild {
    this.#hold();
    const build = ++this.#lastId;
    // Kept until it is done, for a thread that is ended meanwhile.
    const added: Array<{ firstRow: number; rows: readonly Row[] }> = [];
    let worker: Worker | null = null;
    let open = true;
    const send = (message: { type: 'add'; firstRow: number; rows: readonly Row[] } | { type: 'abandon' }) => {
      worker = this.#begin();
      worker.postMessage({ ...message, build });
    };
    const done = () => {
      if (!open) return;
      open = false;
      added.length = 0;
      this.#release();
    };
    return {
      add: (firstRow, rows) => {
        added.push({ firstRow, rows });
        if (worker === null || worker === this.#worker) send({ type: 'add', firstRow, rows });
      },
      finish: async (about, signal) => {
        try {
          for (let again = false; ; again = true) {
            if (worker !== this.#worker || again) for (const each of added) send({ type: 'add', ...each });
            try {
              return await this.#finish(build, about, signal);
            } catch (error) {
              const ended = error instanceof QueryError && error.failure.kind === 'bug';
              if (!ended || again || worker === this.#worker) throw error;
            }
          }
        } finally {
          done();
        }
      },
      abandon: () => {
        if (open && worker !== null && worker === this.#worker) send({ type: 'abandon' });
        done();
      },
    };
  }

  async #finish(build: number, about: ToldAbout, signal: AbortSignal): Promise<BuiltList> {
    const built = await this.#inTurn(signal, (id) =>
      this.#exchange({ type: 'finish', id, build, about }, signal),
    );
    if (built.type !== 'built') throw new QueryError({ kind: 'bug', name: 'no image', stack: '' });
    return built;
  }

  /** Ends the thread and gives its memory back; what is under way fails. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #hold(): void {
    clearTimeout(this.#idle);
    this.#busy += 1;
  }

  #release(): void {
    this.#busy -= 1;
    if (this.#busy > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.end(), IDLE_MS);
    this.#idle.unref();
  }

  /** Runs what `run` begins when its turn has come; whoever waits gives up as soon as the signal aborts. */
  #inTurn(signal: AbortSignal, run: (id: number) => Promise<FromThread>): Promise<FromThread> {
    this.#hold();
    const mine = this.#turn.then(() => run(++this.#lastId));
    this.#turn = mine.then(
      () => this.#release(),
      () => this.#release(),
    );
    return unlessAborted(signal, mine);
  }

  async #exchange(
    message: Exclude<ToThread, { type: 'go' | 'add' | 'abandon' }>,
    signal: AbortSignal,
    onBatch?: Question['onBatch'],
  ): Promise<FromThread> {
    signal.throwIfAborted();
    const worker = this.#begin();
    const { id } = message;
    const stopwatch = new Stopwatch(this.#options.clock);
    return new Promise<FromThread>((resolve, reject) => {
      const settle = (finish: () => void) => {
        stopwatch.stop();
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const giveUp = (reason: unknown) => settle(() => void this.end().then(() => reject(reason)));
      const onAbort = () => giveUp(signal.reason);
      const late = () => giveUp(new QueryError({ kind: 'timeout' }));
      const onError = (error: Error & { code?: string }) =>
        giveUp(
          new QueryError(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? { kind: 'memory' }
              : { kind: 'bug', name: error.name, stack: error.stack ?? '' },
          ),
        );
      const onExit = () => giveUp(new QueryError({ kind: 'bug', name: 'the thread ended', stack: '' }));
      const onMessage = (answer: FromThread) => {
        if (answer.id !== id) return;
        if (answer.type === 'working') {
          if (answer.working) stopwatch.start(late);
          else stopwatch.stop();
        } else if (answer.type === 'batch') {
          stopwatch.stop();
          Promise.resolve(onBatch?.(answer.columns, answer.rows)).then(() => {
            stopwatch.start(late);
            worker.postMessage({ type: 'go', id });
          }, giveUp);
        } else if (answer.type === 'failed') {
          const failed = new QueryError(answer.failure);
          // What has run out of memory, or is not understood, is not relied on any more.
          if (answer.failure.kind === 'memory' || answer.failure.kind === 'bug') giveUp(failed);
          else settle(() => reject(failed));
        } else {
          settle(() => resolve(answer));
        }
      };
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.on('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(message);
    });
  }

  #begin(): Worker {
    if (this.#worker) return this.#worker;
    // Loaded here, at the first question, and not at every start.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const { source, sqlite } = threadProgram(this.#options.file);
    const worker = new Worker(source, {
      eval: true,
      workerData: { sqlite },
      // Rows go through it in pieces that live for a moment: more room for them is only memory that is not given back.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      // Its output would stand between the protocol's messages.
      stdout: true,
      stderr: true,
      env: {},
    });
    worker.setMaxListeners(0);
    // Neither the thread nor a fault of it between two questions keeps or ends the process.
    worker.unref();
    const gone = () => {
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    this.#worker = worker;
    return worker;
  }
}
