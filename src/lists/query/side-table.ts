import type { Column } from './columns.ts';
import type { JobAtHand } from './messages.ts';

/** A value as SQLite has it. */
export type SqlValue = number | string | null;

/** What a side table is filled from. */
export interface AtHand {
  /** The jobs that it is filled for. */
  jobs: readonly JobAtHand[];
  /** Folder of this machine's own records, such as marks and known lists. */
  stateDirectory: string;
  /** Their companies: `id` and the named columns (of those that are always loaded), ordered by id. */
  companies(columns: readonly string[]): Iterable<readonly SqlValue[]>;
  /** The `id` of a company by its job and rank; null where that job is none of these. */
  idOf(jobId: string, row: number): number | null;
}

/**
 * A table beside the companies that is filled when a query first needs it, and anew when its version has
 * changed. Filling it is part of no query's time limit, so its work has to be bounded by the companies at hand.
 */
export interface SideTable {
  /** Name of the table in SQL; one that begins with `_` is not meant for queries. */
  name: string;
  /**
   * `company`: at most one entry for a company, whose first value is its id; its columns join those of
   * `companies`. `table`: stands by itself.
   */
  of: 'company' | 'table';
  columns: ReadonlyArray<Column & { otherwise?: number | string }>;
  /** What it holds of a job depends on that job's rows alone: it is filled once for each job. */
  perJob?: true;
  /** Differs when what it would be filled with does. Asked before each query that needs it. */
  version(at: AtHand): string | Promise<string>;
  /** Hands over the entries: the id first where it is one of `company`, then a value for each column. */
  fill(at: AtHand, insert: (entry: readonly SqlValue[]) => void): void | Promise<void>;
}
