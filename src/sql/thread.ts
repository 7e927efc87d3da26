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

export type Question = AskedQuestion & Exchange;

interface Exchange {
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

/**
 * The thread in which SQLite runs: begun at the first need, ended when it is idle, and ended and begun anew where a
 * statement does not end. What it holds can be had again from files and from whoever builds an image.
 */
export class SqlThread {
  readonly #file: URL;
  readonly #clock: Clock;
  #worker: Worker | null = null;
  /** Takes what the thread says to whoever's turn it is. */
  #hear: ((said: FromThread) => void) | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #busy = 0;
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
    const asked = { lists, records, ranks, statements, stream: onBatch !== undefined };
    return this.#inTurn('ask', asked, { signal, onBatch });
  }

  /**
   * What a list says of itself; of one that was made by older rules also the image made anew.
   *
   * @throws {QueryError} `damaged` where it is not as it was written.
   */
  about(list: ListAtHand, signal: AbortSignal): Promise<Exchanges['about']['answer']> {
    return this.#inTurn('about', { list }, { signal });
  }

  /** Begins the image of a list, to be made as its rows come. */
  build() {
    const build = ++this.#lastBuild;
    const added: Array<{ firstRow: number; rows: readonly Row[] }> = [];
    let worker: Worker | null = null;
    let sent = 0;
    /** Sends what the thread has not yet; all of it to one that was begun anew meanwhile. */
    const catchUp = () => {
      const at = this.#begin();
      if (at !== worker) sent = 0;
      worker = at;
      for (const rows of added.slice(sent)) worker.postMessage({ type: 'add', build, ...rows });
      sent = added.length;
      this.#rest();
    };
    return {
      /** Takes rows over as they came; they are cleaned there. @param firstRow Number of the first of them, from 1. */
      add: (firstRow: number, rows: readonly Row[]): void => {
        added.push({ firstRow, rows });
        catchUp();
      },
      /** The finished image, and what it says of itself; the build is used up by it. @throws {QueryError} */
      finish: (about: ToldAbout, signal: AbortSignal) =>
        this.#inTurn('finish', { build, about }, { signal }, catchUp),
      /** Gives the build up; harmless after `finish`. */
      abandon: (): void => worker?.postMessage({ type: 'abandon', build }),
    };
  }

  /** Ends the thread and gives its memory back; what is under way fails. */
  async end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  /** Ends the thread after a while in which nothing is under way. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#busy > 0) return;
    this.#idle = setTimeout(() => void this.end(), IDLE_MS);
    this.#idle.unref();
  }

  /** Asks when its turn has come, after `before`; whoever waits gives up as soon as the signal aborts. */
  #inTurn<Kind extends keyof Exchanges>(
    type: Kind,
    asked: Exchanges[Kind]['asked'],
    call: Exchange,
    before?: () => void,
  ): Promise<Exchanges[Kind]['answer']> {
    this.#busy += 1;
    this.#rest();
    const mine = this.#turn.then(() => {
      call.signal.throwIfAborted();
      before?.();
      return this.#exchange({ type, ...asked }, call);
    });
    const done = () => {
      this.#busy -= 1;
      this.#rest();
    };
    this.#turn = mine.then(done, done);
    return unlessAborted(call.signal, mine);
  }

  #exchange<Kind extends keyof Exchanges>(
    message: { type: Kind } & Exchanges[Kind]['asked'],
    { signal, onBatch }: Exchange,
  ): Promise<Exchanges[Kind]['answer']> {
    const worker = this.#begin();
    return new Promise((resolve, reject) => {
      const clock = this.#clock;
      let open = true;
      // Time counts while SQLite is at work: not until a batch has been taken.
      let leftMs = TIME_LIMIT_MS;
      let since = 0;
      let waiting = new AbortController();
      const atWork = () => {
        since = clock.monotonic();
        waiting = new AbortController();
        clock.sleep(Math.max(0, leftMs), waiting.signal).then(
          () => giveUp(new QueryError({ kind: 'timeout' })),
          () => {},
        );
      };
      const rests = () => {
        leftMs -= clock.monotonic() - since;
        waiting.abort();
      };
      const settle = (finish: () => void) => {
        if (!open) return;
        open = false;
        rests();
        this.#hear = null;
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const giveUp = (reason: unknown) => settle(() => void this.end().then(() => reject(reason)));
      const onAbort = () => giveUp(signal.reason);
      const goOn = () => {
        if (!open) return;
        atWork();
        worker.postMessage({ type: 'go' });
      };
      this.#hear = (said) => {
        if (said.type === 'working') atWork();
        else if (said.type === 'batch') {
          rests();
          Promise.resolve(onBatch?.(said.columns, said.rows)).then(goOn, giveUp);
        } else if (said.type === 'answered') settle(() => resolve(said.answer));
        else {
          const failed = new QueryError(said.failure);
          // What has run out of memory, or is not understood, is not relied on any more.
          if (said.failure.kind === 'memory' || said.failure.kind === 'bug') giveUp(failed);
          else settle(() => reject(failed));
        }
      };
      signal.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(message);
    });
  }

  #begin(): Worker {
    if (this.#worker) return this.#worker;
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
    const hear = (said: FromThread) => {
      if (this.#worker === worker) this.#hear?.(said);
    };
    const lost = (failure: Failure) => {
      hear({ type: 'failed', failure });
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on('message', hear);
    worker.on('error', ({ code, name, stack = '' }: NodeJS.ErrnoException) =>
      lost(code === 'ERR_WORKER_OUT_OF_MEMORY' ? { kind: 'memory' } : { kind: 'bug', name, stack }),
    );
    worker.on('exit', () => lost({ kind: 'bug', name: 'the thread ended', stack: '' }));
    this.#worker = worker;
    return worker;
  }
}
