// The thread in which SQLite runs: what never ends there is ended from outside, and the server answers meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { cleanRecord, cutText } from '../lib/text.ts';
import { RULES } from './image.ts';
import type { ImageBuilder } from './image-builder.ts';
import {
  type Answer,
  type Exchanges,
  type Failure,
  type FromThread,
  type ListAtHand,
  QueryError,
  type SqlValue,
  type Statement,
  type ToThread,
} from './messages.ts';
import type { ThreadProgram } from './program.ts';

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
// SQLite is made ready while the rest is loaded, and what makes images only where one is made: a question waits for it.
const program = workerData as Pick<ThreadProgram, 'sqlite'>;
const sqlite: Promise<SqlJsStatic> = initSqlJs({
  instantiateWasm(imports, done) {
    done(new WebAssembly.Instance(program.sqlite, imports));
    return {};
  },
});
const session = import('./session.ts').then(async ({ Session }) => new Session(await sqlite));
session.catch(() => {});
const building = () => import('./image-builder.ts');
const builds = new Map<number, ImageBuilder>();
/** Messages are worked off one by one. */
let turn: Promise<void> = Promise.resolve();
let go: (() => void) | undefined;

port?.on('message', (message: ToThread) => {
  if (message.type === 'go') go?.();
  else turn = turn.then(() => take(message));
});

function say(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function take(message: Exclude<ToThread, { type: 'go' }>): Promise<void> {
  try {
    if (message.type === 'add') {
      // One that did not take a page over lacks its rows, and can't be finished.
      const rows = message.rows.map((row) => cleanRecord(row, MAX_KEPT));
      (await builderOf(message.build)).add(message.firstRow, rows);
    } else if (message.type === 'abandon') {
      builds.get(message.build)?.abandon();
      builds.delete(message.build);
    } else if (message.type === 'finish') {
      const builder = await builderOf(message.build);
      builds.delete(message.build);
      const answer = builder.finish(message.about);
      say({ type: 'answered', answer }, [answer.image.buffer]);
    } else {
      const answer = message.type === 'ask' ? await answersTo(message) : await aboutOf(message.list);
      say({ type: 'answered', answer });
    }
  } catch (error) {
    if (message.type !== 'add' && message.type !== 'abandon')
      say({ type: 'failed', failure: toFailure(error) });
  }
}

async function builderOf(build: number): Promise<ImageBuilder> {
  const { ImageBuilder } = await building();
  const builder = builds.get(build) ?? new ImageBuilder(await sqlite);
  builds.set(build, builder);
  return builder;
}

async function aboutOf(list: ListAtHand): Promise<Exchanges['about']['answer']> {
  const { about, rules, db } = await (await session).about(list);
  if (rules === RULES) return { about, renewed: null };
  const anew = (await building()).renewed(await sqlite, db);
  return { about: anew.about, renewed: anew.image };
}

async function answersTo({ stream, ...question }: Exchanges['ask']['asked']): Promise<Answer[]> {
  const hand = await session;
  await hand.have(question);
  say({ type: 'working' });
  const answers: Answer[] = [];
  for (const statement of question.statements) answers.push(await run(hand.db, statement, stream));
  return answers;
}

async function run(db: Database, asked: Statement, stream: boolean): Promise<Answer> {
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
    const send = async () => {
      // Until the other side has taken it.
      await new Promise<void>((resolve) => {
        go = resolve;
        say({ type: 'batch', columns, rows });
      });
      rows = [];
      text = 0;
    };
    while (statement.step()) {
      rowCount += 1;
      if (stream && rowCount > MOST_ROWS) throw new QueryError({ kind: 'too_many_rows' });
      if (!stream && (rows.length >= maxRows || text > ANSWER_TEXT)) continue;
      const row = statement.get().map((value) => toValue(value, maxText));
      for (const value of row) text += typeof value === 'string' ? value.length + 8 : 8;
      rows.push(row);
      if (stream && text > BATCH_TEXT) await send();
    }
    if (stream) await send();
    return { columns, rows, rowCount };
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
