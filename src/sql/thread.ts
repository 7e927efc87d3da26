import type { Worker } from 'node:worker_threads';
import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';
import type { Row } from '../openfunnel/wire.ts';
import {
  type Answer,
  type AskedQuestion,
  type Exchanges,
  type Failure,
  type FromThread,
  type ListAtHand,
  QueryError,
  type SqlValue,
  type ToldAbout,
} from './messages.ts';
import { threadProgram } from './program.ts';

export interface Question extends AskedQuestion {
  signal: AbortSignal;
  /** Takes all rows of the one statement, batch by batch; the next batch is made when it has resolved. */
  onBatch?:
    | ((columns: readonly string[], rows: ReadonlyArray<readonly SqlValue[]>) => Promise<void>)
    | undefined;
}

/** What SQLite may take for one question. Milliseconds. */
const TIME_LIMIT_MS = 5_000;
/** The thread is ended, and its memory given back, when it was not needed for this time. Milliseconds. */
const IDLE_MS = 60_000;
/** Room of the thread for what lives for a moment. MB. */
const YOUNG_MB = 8;
/** What has run out of time or memory, or is not understood, is not relied on any more. */
const BROKEN: ReadonlyArray<Failure['kind']> = ['timeout', 'memory', 'bug'];

/** The thread, and who waits for its answers, in the order in which they asked. */
interface Running {
  worker: Worker;
  waiting: Array<{ resolve(answer: Exchanges[keyof Exchanges]['answer']): void; reject(why: Error): void }>;
}

/**
 * The thread in which SQLite runs: begun at the first need, ended when it is idle, and ended and begun anew where a
 * statement does not end. What it holds can be had again from files and from whoever builds an image.
 */
export class SqlThread {
  readonly #file: URL;
  readonly #clock: Clock;
  #running: Running | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #lastBuild = 0;

  /** @param parts `file` is the script that it runs: see `threadProgram`. */
  constructor({ file, clock }: { file: URL; clock: Clock }) {
    this.#file = file;
    this.#clock = clock;
  }

  /**
   * @throws {QueryError} when there is no answer.
   * @throws the signal's reason when it aborts, and what `onBatch` throws.
   */
  ask({ lists, records, ranks, statements, onBatch, signal }: Question): Promise<Answer[]> {
    const stream = onBatch !== undefined;
    let leftMs = TIME_LIMIT_MS;
    /** Time counts while SQLite is at work on the caller's statements: not until a part has been taken. */
    const inTime = async <Kind extends 'run' | 'more'>(type: Kind, asked: Exchanges[Kind]['asked']) => {
      const since = this.#clock.monotonic();
      const done = new AbortController();
      const late = this.#clock.sleep(Math.max(0, leftMs), done.signal).then(() => {
        throw new QueryError({ kind: 'timeout' });
      });
      try {
        return await Promise.race([this.#request(type, asked), late]);
      } finally {
        done.abort();
        leftMs -= this.#clock.monotonic() - since;
      }
    };
    return this.#inTurn(signal, async () => {
      await this.#request('have', { lists, records, ranks, statements });
      const answers: Answer[] = [];
      for (const statement of statements) {
        let answer = await inTime('run', { statement, stream });
        for (; ; answer = await inTime('more', null)) {
          await onBatch?.(answer.columns, answer.rows);
          signal.throwIfAborted();
          if (answer.isLast) break;
        }
        answers.push(answer);
      }
      return answers;
    });
  }

  /**
   * What a list says of itself; of one that was made by older rules also the image made anew.
   *
   * @throws {QueryError} `damaged` where it is not as it was written.
   */
  about(list: ListAtHand, signal: AbortSignal): Promise<Exchanges['about']['answer']> {
    return this.#inTurn(signal, () => this.#request('about', { list }));
  }

  /** Begins the thread for whoever will need it soon: that takes as long as a request does. Never rejects. */
  async ready(): Promise<void> {
    // What stands in the way is told to whoever needs it.
    await this.#request('ready', null).catch(() => {});
  }

  /** Begins the image of a list, to be made as its rows come. */
  build() {
    const build = ++this.#lastBuild;
    const added: Array<{ firstRow: number; rows: readonly Row[] }> = [];
    let sentTo: Running | null = null;
    let sent = 0;
    /** Sends what the thread has not yet; all of it to one that was begun anew meanwhile. */
    const catchUp = () => {
      const at = this.#begin();
      if (at !== sentTo) sent = 0;
      sentTo = at;
      // A page that is not taken over is missed when the image is finished.
      for (const rows of added.slice(sent)) this.#request('add', { build, ...rows }).catch(() => {});
      sent = added.length;
    };
    return {
      /** Takes rows over as they came; they are cleaned there. @param firstRow Number of the first of them, from 1. */
      add: (firstRow: number, rows: readonly Row[]): void => {
        added.push({ firstRow, rows });
        catchUp();
      },
      /** The finished image, and what it says of itself; the build is used up by it. @throws {QueryError} */
      finish: (about: ToldAbout, signal: AbortSignal) =>
        this.#inTurn(signal, () => {
          catchUp();
          return this.#request('finish', { build, about });
        }),
      /** Gives the build up; harmless after `finish`. */
      abandon: (): void => {
        if (this.#running === sentTo && sentTo) this.#request('abandon', { build }).catch(() => {});
      },
    };
  }

  /** Ends the thread and gives its memory back; what is under way fails. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    this.#running = null;
    await running?.worker.terminate();
  }

  /** Does what needs the thread for itself when its turn has come; whoever waits gives up as soon as the signal aborts. */
  #inTurn<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(async () => {
      signal.throwIfAborted();
      try {
        return await unlessAborted(signal, work());
      } catch (error) {
        if (!(error instanceof QueryError) || BROKEN.includes(error.failure.kind)) await this.end();
        throw error;
      }
    });
    this.#turn = mine.catch(() => {});
    return unlessAborted(signal, mine);
  }

  async #request<Kind extends keyof Exchanges>(
    type: Kind,
    asked: Exchanges[Kind]['asked'],
  ): Promise<Exchanges[Kind]['answer']> {
    const { worker, waiting } = this.#begin();
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage({ type, asked });
    });
  }

  #begin(): Running {
    if (this.#running) return this.#running;
    // Loaded here, at the first question, and not at every start.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const { source, sqlite } = threadProgram(this.#file);
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
    // Neither the thread nor a fault of it between two questions keeps or ends the process.
    worker.unref();
    const running: Running = { worker, waiting: [] };
    worker.on('message', (said: FromThread) => {
      const asker = running.waiting.shift();
      if ('failure' in said) asker?.reject(new QueryError(said.failure));
      else asker?.resolve(said.answer);
      if (this.#running === running && running.waiting.length === 0)
        this.#idle = setTimeout(() => void this.end(), IDLE_MS).unref();
    });
    const lost = (failure: Failure) => {
      if (this.#running === running) this.#running = null;
      for (const { reject } of running.waiting.splice(0)) reject(new QueryError(failure));
    };
    worker.on('error', ({ code, name, stack = '' }: NodeJS.ErrnoException) =>
      lost(code === 'ERR_WORKER_OUT_OF_MEMORY' ? { kind: 'memory' } : { kind: 'bug', name, stack }),
    );
    worker.on('exit', () => lost({ kind: 'bug', name: 'the thread ended', stack: '' }));
    this.#running = running;
    return running;
  }
}
