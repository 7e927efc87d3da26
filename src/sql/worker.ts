// The thread in which SQLite runs: what never ends there is ended from outside, and the server answers meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { cleanRecord, cutText } from '../lib/text.ts';
import { RULES } from './image.ts';
import { ImageBuilder, renewed } from './image-builder.ts';
import {
  type Exchanges,
  type Failure,
  type FromThread,
  QueryError,
  type RunAnswer,
  type SqlValue,
  type Statement,
  type ToThread,
} from './messages.ts';
import type { ThreadProgram } from './program.ts';
import { Session } from './session.ts';

/** A longer value is no answer to anything, and would have to be copied several times. Characters. */
const LONGEST_VALUE = 1_000_000;
/** Rows that a file may get from one statement. */
const MOST_ROWS = 1_000_000;
const MOST_COLUMNS = 200;
/** What a batch, and what an answer, may hold. Characters. */
const BATCH_TEXT = 256 * 1024;
const ANSWER_TEXT = 2 * 1024 * 1024;
const MAX_TEXT = 4_000;
/** What is kept of one text of a row. As long as a cell of an export. Characters. */
const MAX_KEPT = 32_000;

const port = parentPort;
const program = workerData as Pick<ThreadProgram, 'sqlite'>;
const sqlite: Promise<SqlJsStatic> = initSqlJs({
  instantiateWasm(imports, done) {
    done(new WebAssembly.Instance(program.sqlite, imports));
    return {};
  },
});
const session = sqlite.then((engine) => new Session(engine));
session.catch(() => {});
const builds = new Map<number, ImageBuilder>();
/** The statement under way, part by part. */
let running: Generator<RunAnswer, RunAnswer> | undefined;

const answers: {
  [Kind in keyof Exchanges]: (asked: Exchanges[Kind]['asked']) => Promise<Exchanges[Kind]['answer']>;
} = {
  async ready() {
    await session;
  },
  async have(question) {
    await (await session).have(question);
  },
  async run({ statement, stream }) {
    running = partsOf((await session).db, statement, stream);
    return running.next().value;
  },
  async more() {
    if (running === undefined) throw new RangeError('no statement is under way');
    return running.next().value;
  },
  async about({ list }) {
    const { about, rules, db } = await (await session).about(list);
    if (rules === RULES) return { about, renewed: null };
    const anew = renewed(await sqlite, db);
    return { about: anew.about, renewed: anew.image };
  },
  async add({ build, firstRow, rows }) {
    // One that did not take a page over lacks its rows, and can't be finished.
    const cleaned = rows.map((row) => cleanRecord(row, MAX_KEPT));
    (await builderOf(build)).add(firstRow, cleaned);
  },
  async finish({ build, about }) {
    const builder = await builderOf(build);
    builds.delete(build);
    return builder.finish(about);
  },
  async abandon({ build }) {
    builds.get(build)?.abandon();
    builds.delete(build);
  },
};

/** Messages are worked off one by one. */
let turn: Promise<void> = Promise.resolve();
port?.on('message', (message: ToThread) => {
  turn = turn.then(() => answerTo(message));
});

async function answerTo<Kind extends keyof Exchanges>(message: {
  type: Kind;
  asked: Exchanges[Kind]['asked'];
}): Promise<void> {
  const said: FromThread = await answers[message.type](message.asked).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ failure: toFailure(error) }),
  );
  const answer = 'answer' in said ? said.answer : undefined;
  port?.postMessage(said, answer && 'image' in answer ? [answer.image.buffer] : []);
}

async function builderOf(build: number): Promise<ImageBuilder> {
  const builder = builds.get(build) ?? new ImageBuilder(await sqlite);
  builds.set(build, builder);
  return builder;
}

/** Rows of a statement, in one part or, for a stream, in several that are made when they are asked for. */
function* partsOf(db: Database, asked: Statement, stream: boolean): Generator<RunAnswer, RunAnswer> {
  const { sql, params = [], maxRows, maxText = MAX_TEXT } = asked;
  db.run('PRAGMA query_only = ON');
  const statement = db.prepare(sql);
  try {
    if (params.length > 0) statement.bind([...params]);
    const columns = distinct(statement.getColumnNames());
    if (columns.length > MOST_COLUMNS) throw new QueryError({ kind: 'too_many_columns' });
    let rows: SqlValue[][] = [];
    let text = 0;
    let rowCount = 0;
    while (statement.step()) {
      rowCount += 1;
      if (stream && rowCount > MOST_ROWS) throw new QueryError({ kind: 'too_many_rows' });
      if (!stream && (rows.length >= maxRows || text > ANSWER_TEXT)) continue;
      const row = statement.get().map((value) => toValue(value, maxText));
      for (const value of row) text += typeof value === 'string' ? value.length + 8 : 8;
      rows.push(row);
      if (!stream || text <= BATCH_TEXT) continue;
      yield { columns, rows, rowCount, isLast: false };
      rows = [];
      text = 0;
    }
    return { columns, rows, rowCount, isLast: true };
  } finally {
    statement.free();
  }
}

function toValue(value: number | string | Uint8Array | null, maxText: number): SqlValue {
  if (value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value.length > LONGEST_VALUE) throw new QueryError({ kind: 'too_long' });
  if (typeof value !== 'string') return cutText(`x'${Buffer.from(value).toString('hex')}'`, maxText);
  if (value.length <= maxText) return value;
  // Copied, since a part of a text keeps all of it in memory.
  return Buffer.from(cutText(value, maxText)).toString();
}

/** Columns of the same name become `name`, `name_2` … */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}_${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function toFailure(error: unknown): Failure {
  if (error instanceof QueryError) return error.failure;
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (/out of memory|memory access out of bounds|Cannot enlarge memory|string or blob too big/i.test(message))
    return { kind: 'memory' };
  // sql.js throws bare errors with SQLite's message; whatever has another name is a fault of ours.
  return error instanceof Error && name === 'Error' ? { kind: 'sql', message } : { kind: 'bug', name, stack };
}
