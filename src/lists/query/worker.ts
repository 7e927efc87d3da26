// The thread in which SQLite runs: what never ends there is ended from outside, and the server answers meanwhile.
import { parentPort, workerData } from 'node:worker_threads';
import { cutText } from '../../lib/text.ts';
import { CompanyDatabase, DamagedJobsError } from './database.ts';
import type { FromWorker, JobAtHand, QueryFailure, QueryRequest, ToWorker } from './messages.ts';
import { nearValues } from './near-row.ts';
import type { SqlValue } from './side-table.ts';
import { SIDE_TABLES } from './side-tables.ts';

/** A longer value is no answer to anything, and would have to be copied several times. Characters. */
const LONGEST_VALUE = 1_000_000;
/** Rows that a file may get from one query. */
const MOST_ROWS = 1_000_000;
const MOST_COLUMNS = 200;
/** What a batch, and what an answer, may hold. Characters. */
const BATCH_TEXT = 256 * 1024;
const ANSWER_TEXT = 2 * 1024 * 1024;

/** Turns of the event loop after which the compilation is under way. */
const TURNS_TO_COMPILE = 3;

class Refusal extends Error {
  readonly kind: 'too_long' | 'too_many_rows' | 'too_many_columns';

  constructor(kind: Refusal['kind']) {
    super(kind);
    this.kind = kind;
  }
}

const { stateDirectory } = workerData as { stateDirectory: string };
const port = parentPort;
const database = CompanyDatabase.open(stateDirectory, SIDE_TABLES);
database.catch(() => {});
let begun = false;
let go: (() => void) | undefined;

port?.on('message', (message: ToWorker) => {
  if (message.type === 'go') go?.();
  else void answer(message);
});

function say(message: FromWorker): void {
  port?.postMessage(message);
}

async function answer(request: QueryRequest): Promise<void> {
  const { id } = request;
  try {
    const given = begun ? undefined : await whileBeginning(request.jobs[0]);
    const db = await database;
    await db.have(request.jobs, given);
    await db.ready(request.sql);
    const working = (is: boolean) => say({ type: 'working', id, working: is });
    working(true);
    const sides = db.sidesIn(request.sql);
    if (sides.length > 0) {
      working(false);
      await db.fill(sides);
      working(true);
    }
    await run(db, request);
  } catch (error) {
    say({
      type: 'failed',
      id,
      failure: toFailure(error, await database.catch(() => undefined)),
    });
  }
}

/** The first job's values, worked out while other threads compile SQLite. What fails here fails again, and is told then. */
async function whileBeginning(job: JobAtHand | undefined) {
  begun = true;
  if (!job) return undefined;
  for (let turn = 0; turn < TURNS_TO_COMPILE; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  const values = await nearValues(job).catch(() => undefined);
  return values && { job, values };
}

async function run(
  db: CompanyDatabase,
  { id, sql, params, maxRows, maxText, stream }: QueryRequest,
): Promise<void> {
  const statement = db.prepare(sql, params);
  try {
    const columns = distinct(statement.getColumnNames());
    if (columns.length > MOST_COLUMNS) throw new Refusal('too_many_columns');
    let rows: SqlValue[][] = [];
    let text = 0;
    let rowCount = 0;
    let full = false;
    while (statement.step()) {
      rowCount += 1;
      if (rowCount > MOST_ROWS && stream) throw new Refusal('too_many_rows');
      if (full || (!stream && rowCount > maxRows)) continue;
      const row = statement.get().map((value) => toValue(value, maxText));
      for (const value of row) text += typeof value === 'string' ? value.length + 8 : 8;
      rows.push(row);
      if (!stream) {
        full = text > ANSWER_TEXT;
      } else if (text > BATCH_TEXT) {
        await taken(() => say({ type: 'batch', id, columns, rows }));
        rows = [];
        text = 0;
      }
    }
    if (stream) {
      await taken(() => say({ type: 'batch', id, columns, rows }));
      rows = [];
    }
    say({ type: 'done', id, columns, rows, rowCount });
  } finally {
    statement.free();
  }
}

/** Resolves when the other side has taken what `send` sends. */
function taken(send: () => void): Promise<void> {
  return new Promise((resolve) => {
    go = resolve;
    send();
  });
}

function toValue(value: number | string | Uint8Array | null, maxText: number): SqlValue {
  if (value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value.length > LONGEST_VALUE) throw new Refusal('too_long');
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
    for (
      let number = 2;
      taken.has(free.toLowerCase()) || (free !== name && names.includes(free));
      number += 1
    )
      free = `${name}_${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function toFailure(error: unknown, db: CompanyDatabase | undefined): QueryFailure {
  if (error instanceof DamagedJobsError) return { kind: 'damaged', jobs: error.jobs };
  if (error instanceof Refusal) return { kind: error.kind };
  const message = error instanceof Error ? error.message : String(error);
  if (/out of memory|memory access out of bounds|Cannot enlarge memory|string or blob too big/i.test(message))
    return { kind: 'memory' };
  // sql.js throws bare errors with SQLite's message; whatever has another name is a fault of ours.
  if (db && error instanceof Error && error.name === 'Error')
    return { kind: 'sql', message, tables: db.tables() };
  const { name, stack = '' } = error instanceof Error ? error : new Error();
  return { kind: 'bug', name, stack };
}
