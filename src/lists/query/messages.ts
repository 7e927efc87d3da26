import type { SqlValue } from './side-table.ts';

// What the main thread and the thread of the database say to each other.

/** A job whose companies a query is about. */
export interface JobAtHand {
  job_id: string;
  /** Differs when its rows do. */
  version: string;
  /** A kept file, or the same bytes in memory. */
  source: { path: string } | { bytes: Uint8Array };
  /** What its seeds were, for `is_seed`. */
  seeds: readonly string[];
  /** Its line in the table `jobs`. */
  facts: {
    label: string | null;
    submitted_at: string | null;
    query: string | null;
    seed_domains: readonly string[] | null;
    requested_limit: number | null;
    status: string;
    companies: number;
    credits: number | null;
  };
}

export interface QueryRequest {
  type: 'query';
  id: number;
  sql: string;
  params: readonly SqlValue[];
  jobs: readonly JobAtHand[];
  /** Rows to answer with; all others are counted. */
  maxRows: number;
  /** Longest text to answer with. Characters. */
  maxText: number;
  /** Send all rows, in batches that wait for `go` each. */
  stream: boolean;
}

export type ToWorker = QueryRequest | { type: 'go'; id: number };

export type FromWorker =
  /** SQLite is at work on the caller's statement: time counts; or it is not. */
  | { type: 'working'; id: number; working: boolean }
  | { type: 'batch'; id: number; columns: string[]; rows: SqlValue[][] }
  | { type: 'done'; id: number; columns: string[]; rows: SqlValue[][]; rowCount: number }
  | { type: 'failed'; id: number; failure: QueryFailure };

export type QueryFailure =
  /** SQLite's message, and what there is to query. */
  | { kind: 'sql'; message: string; tables: Array<{ name: string; columns: string[] }> }
  | { kind: 'memory' }
  | { kind: 'too_long' }
  | { kind: 'too_many_rows' }
  | { kind: 'too_many_columns' }
  | { kind: 'damaged'; jobs: Array<{ job_id: string; why: string }> }
  | { kind: 'bug'; name: string; stack: string };
