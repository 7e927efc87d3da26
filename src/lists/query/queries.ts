import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../lib/clock.ts';
import type { FromWorker, JobAtHand, QueryFailure, ToWorker } from './messages.ts';
import type { SqlValue } from './side-table.ts';

export interface QueriesOptions {
  /** The file that the thread runs. */
  queryThread: URL;
  /** Folder of this machine's own records, for the tables that are filled from it. */
  stateDirectory: string;
  clock: Clock;
}

export interface Query {
  /** One statement that reads. */
  sql: string;
  /** Values for its `?`. */
  params?: readonly SqlValue[];
  /** The jobs that `companies` and `jobs` hold. */
  jobs: readonly JobAtHand[];
  /** Rows to give back; all are counted. */
  maxRows: number;
  /** Longest text to give back. Characters; default 4,000. */
  maxText?: number;
  /** Takes all rows, batch by batch; the next batch is made when it has resolved. */
  onBatch?: (columns: readonly string[], rows: ReadonlyArray<readonly SqlValue[]>) => Promise<void>;
  signal: AbortSignal;
}

export interface QueryAnswer {
  columns: string[];
  rows: SqlValue[][];
  /** All that the query gives. */
  rowCount: number;
}

/** Why a query has no answer. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly failure: QueryFailure | { kind: 'timeout' };

  constructor(failure: QueryError['failure']) {
    super(failure.kind);
    this.failure = failure;
  }
}

/** What SQLite may take for one statement. Milliseconds. */
const TIME_LIMIT_MS = 5_000;
/** The thread is ended, and its memory given back, when it was not needed for this time. Milliseconds. */
const IDLE_MS = 60_000;
const MAX_TEXT = 4_000;

/**
 * Questions to the database of companies, which runs in a thread of its own: begun at the first query, ended
 * when it is idle, and ended and begun anew where a query does not end. One query runs at a time.
 */
export class Queries {
  /** Called when the thread was not needed for a while and has been ended. */
  onIdle: () => void = () => {};
  readonly #options: QueriesOptions;
  #worker: Worker | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: QueriesOptions) {
    this.#options = options;
  }

  /**
   * @throws {QueryError} when there is no answer.
   * @throws the signal's reason when it aborts, and what `onBatch` throws.
   */
  async run(query: Query): Promise<QueryAnswer> {
    clearTimeout(this.#idle);
    this.#waiting += 1;
    const mine = this.#turn.then(() => this.#ask(query));
    this.#turn = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        this.#idle = setTimeout(() => {
          void this.end();
          this.onIdle();
        }, IDLE_MS);
        this.#idle.unref();
      }
    }
  }

  /** Ends the thread and gives its memory back; the next query begins it anew. A query under way fails. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #ask({
    sql,
    params = [],
    jobs,
    maxRows,
    maxText = MAX_TEXT,
    onBatch,
    signal,
  }: Query): Promise<QueryAnswer> {
    signal.throwIfAborted();
    const { clock } = this.#options;
    const worker = this.#begin();
    const id = ++this.#lastId;
    const send = (message: ToWorker) => worker.postMessage(message);
    const stopwatch = new Stopwatch(clock);
    return new Promise<QueryAnswer>((resolve, reject) => {
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
      const onError = (error: Error & { code?: string }) =>
        giveUp(
          new QueryError(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? { kind: 'memory' }
              : { kind: 'bug', name: error.name, stack: error.stack ?? '' },
          ),
        );
      const onExit = () => giveUp(new QueryError({ kind: 'bug', name: 'the thread ended', stack: '' }));
      const onMessage = (message: FromWorker) => {
        if (message.id !== id) return;
        if (message.type === 'working') {
          if (message.working) stopwatch.start(() => giveUp(new QueryError({ kind: 'timeout' })));
          else stopwatch.stop();
        } else if (message.type === 'batch') {
          stopwatch.stop();
          Promise.resolve(onBatch?.(message.columns, message.rows)).then(() => {
            stopwatch.start(() => giveUp(new QueryError({ kind: 'timeout' })));
            send({ type: 'go', id });
          }, giveUp);
        } else if (message.type === 'failed') {
          const failed = new QueryError(message.failure);
          // What has run out of memory, or is not understood, is not relied on any more.
          if (message.failure.kind === 'memory' || message.failure.kind === 'bug') giveUp(failed);
          else settle(() => reject(failed));
        } else {
          const { columns, rows, rowCount } = message;
          settle(() => resolve({ columns, rows, rowCount }));
        }
      };
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.on('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      send({ type: 'query', id, sql, params, jobs, maxRows, maxText, stream: onBatch !== undefined });
    });
  }

  #begin(): Worker {
    if (this.#worker) return this.#worker;
    const { queryThread, stateDirectory } = this.#options;
    // Loaded here, at the first query, and not at every start.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const worker = new Worker(queryThread, {
      workerData: { stateDirectory },
      // Its output would stand between the protocol's messages.
      stdout: true,
      stderr: true,
      env: {},
    });
    // Neither the thread nor a fault of it between two queries keeps or ends the process.
    worker.unref();
    worker.on('error', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    this.#worker = worker;
    return worker;
  }
}

/** Counts the time of one statement while SQLite is at work on it. */
class Stopwatch {
  readonly #clock: Clock;
  #leftMs = TIME_LIMIT_MS;
  #running: { since: number; end: AbortController } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(onEnd: () => void): void {
    if (this.#running) return;
    const end = new AbortController();
    this.#running = { since: this.#clock.monotonic(), end };
    this.#clock.sleep(Math.max(0, this.#leftMs), end.signal).then(onEnd, () => {});
  }

  stop(): void {
    if (!this.#running) return;
    this.#leftMs -= this.#clock.monotonic() - this.#running.since;
    this.#running.end.abort();
    this.#running = null;
  }
}
