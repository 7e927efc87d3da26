import type { Row } from '../openfunnel/wire.ts';
import type { Ranks } from './columns.ts';

// What the main thread and the thread of SQLite say to each other.

/** A value as SQLite has it. */
export type SqlValue = number | string | null;

/** Rows of a list: how many, and the first of them. */
export interface SomeRows {
  count: number;
  rows: number[];
}

/** What a collected list says of itself: the one row of its table `about`. */
export interface About extends ToldAbout {
  /** Rows with text that seems to speak to an AI assistant: found as the list is made. */
  addressing_assistant: SomeRows;
}

/** What of that is told to whoever makes its image. */
export interface ToldAbout {
  job_id: string;
  /** The user's own name for the search. */
  label: string | null;
  /** ISO 8601, UTC; so is `kept_at`. */
  submitted_at: string | null;
  /** The search as it was sent; null where it was submitted elsewhere. */
  request: Readonly<Record<string, unknown>> | null;
  status: string;
  manifest: Readonly<Record<string, unknown>> | null;
  processed: number | null;
  progress_message: string | null;
  error_message: string | null;
  companies: number;
  /** Whether it is the whole result, checked against everything that upstream said. */
  whole: boolean;
  /** The first reason why not, in words, or null. */
  why: string | null;
  /** What else the reader has to know of it, told each time. */
  doubts: readonly string[];
  kept_at: string;
  /** Pages as upstream named them, in order. */
  pages: ReadonlyArray<{ name: string; first_row: number; rows: number }>;
}

/** A collected list that questions are about: its file, or the same image in memory. */
export interface ListAtHand {
  job_id: string;
  /** Differs when its image does. */
  version: string;
  source: { path: string } | { bytes: Uint8Array };
}

export interface RecordFolders {
  marks: string;
  known: string;
}

export interface Statement {
  /** One statement that reads. */
  sql: string;
  /** Values for its `?`. */
  params?: readonly SqlValue[];
  /** Rows to answer with; all others are counted. */
  maxRows: number;
  /** Longest text to answer with. Characters. */
  maxText?: number;
}

export interface AskedQuestion {
  lists: readonly ListAtHand[];
  records: RecordFolders;
  /** The rows that the tables hold of each list; default all. */
  ranks?: Ranks | null | undefined;
  /** Of one kind, answered together. */
  statements: readonly Statement[];
}

export interface Answer {
  columns: string[];
  rows: SqlValue[][];
  /** All rows that the statement gives. */
  rowCount: number;
}

/** What the thread is asked, one after the other, and what it answers. */
export interface Exchanges {
  /** Answers once SQLite is ready. */
  ready: { asked: null; answer: undefined };
  /** Makes lists and records what the statements that follow are about. */
  have: { asked: AskedQuestion; answer: undefined };
  /** `stream`: the answer has a first part of all rows, and each `more` gives the next one. */
  run: { asked: { statement: Statement; stream: boolean }; answer: RunAnswer };
  more: { asked: null; answer: RunAnswer };
  /** What a list says of itself; of one made by other rules also the image made anew. */
  about: { asked: { list: ListAtHand }; answer: { about: About; renewed: Uint8Array<ArrayBuffer> | null } };
  /** Adds rows, as they came, to the image `build`, and begins it where it is new. */
  add: { asked: { build: number; firstRow: number; rows: readonly Row[] }; answer: undefined };
  /** The image of what was added to `build`. */
  finish: {
    asked: { build: number; about: ToldAbout };
    answer: { about: About; image: Uint8Array<ArrayBuffer> };
  };
  abandon: { asked: { build: number }; answer: undefined };
}

/** @property isLast Whether nothing more comes of the statement. */
export interface RunAnswer extends Answer {
  isLast: boolean;
}

export type ToThread = {
  [Kind in keyof Exchanges]: { type: Kind; asked: Exchanges[Kind]['asked'] };
}[keyof Exchanges];

/** Each question gets one of these, in the order in which they were asked. */
export type FromThread = { answer: Exchanges[keyof Exchanges]['answer'] } | { failure: Failure };

/** Why a question has no answer. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export type Failure =
  /** SQLite's message. */
  | { kind: 'sql'; message: string }
  | { kind: 'memory' | 'timeout' | 'too_long' | 'too_many_rows' | 'too_many_columns' }
  | { kind: 'damaged'; job_id: string; why: string }
  | { kind: 'bug'; name: string; stack: string };
