/**
 * What the server's tools for the view take and answer: one set of types for both sides. No code, so that either
 * side can import it. Names are those on the wire. What comes over the wire is checked by whoever receives it.
 */

export type Verdict = 'keep' | 'drop' | 'maybe';

/** Orders of the list. `spread` mixes the ranks: whatever its first companies are, they come from all of the list. */
export type Sort =
  | 'row'
  | 'name'
  | 'domain'
  | 'country'
  | 'employees'
  | 'funding'
  | 'reason'
  | 'verdict'
  | 'spread';

/** The order of a list. */
export interface Order {
  sort: Sort;
  descending: boolean;
}

/** What of a job's companies is shown; a part that is empty leaves nothing out. */
export interface Selection {
  /** Words, all of which have to occur. */
  search: string;
  countries: readonly string[];
  sizes: readonly string[];
  stages: readonly string[];
  /** Verdicts, or `open`. */
  verdicts: readonly string[];
  known: '' | 'new' | 'known' | 'maybe';
  /** Such as "1-180"; empty for all. */
  ranks: string;
  /** `model`: only what the model judged and the user has not confirmed. */
  by: '' | 'model';
  /** Also companies that an earlier row is about. */
  duplicates: boolean;
}

/** A value of a filter with how many companies have it. */
export interface Bucket {
  value: string;
  label: string;
  count: number;
}

/** How many companies a job has of each kind; duplicates count too. */
export interface Counts {
  companies: number;
  keep: number;
  drop: number;
  maybe: number;
  open: number;
  duplicates: number;
  known: number;
  known_maybe: number;
  /** Judged by the model, and not confirmed by the user. */
  by_model: number;
}

/** Companies by value, each list counted under the other filters of a selection and not under its own. */
export interface Facets {
  /** `keep`, `drop`, `maybe` and `open`. */
  verdicts: Bucket[];
  countries: Bucket[];
  sizes: Bucket[];
  stages: Bucket[];
}

/** How much of the list is right, by the verdicts so far. Shares are fractions of 1, the interval is at 90 %. */
export interface Fit {
  /** Null where a part of the list is unknown. */
  share: number | null;
  low: number;
  high: number;
  /** What it rests on, as a sentence. */
  basis: string;
  credits_per_fit: number | null;
  /** Row behind which less than half fits, or null. */
  stop_at: number | null;
}

/** `view_status`: where a job stands, and what its companies are like. */
export interface StatusAnswer {
  job_id: string;
  /** Whether no job was asked for, and this is the one submitted last. */
  newest: boolean;
  title: string;
  /** The search in the user's words; empty where only seeds were given. */
  query: string;
  submitted_at: string | null;
  status: string;
  /** Whether it has ended. */
  terminal: boolean;
  /** Whether its companies are all there and can be judged, filtered and exported. */
  final: boolean;
  stage: string | null;
  processed: number | null;
  requested: number | null;
  readable: number | null;
  credits_at_least: number | null;
  error_message: string | null;
  /** Differs when marks or lists do. */
  revision: string;
  counts: Counts | null;
  /** Under the selection of the call. */
  facets: Facets | null;
  fit: Fit | null;
  /** What `view_session` kept for this job, where it was asked for. */
  session: string | null;
  /** What has to be said beside it, as in every result. */
  notices?: string[];
}

/** A company as a row shows it. */
export interface Company {
  row: number;
  name: string;
  domain: string;
  country: string;
  employees: number | null;
  funding_stage: string;
  /** Why OpenFunnel matched it. */
  match_reason: string;
  /** What the company says of itself; only where long texts were asked for. */
  says: string;
  verdict: Verdict | null;
  /** Who judged it: the model's verdicts wait for the user's yes. */
  by: 'user' | 'model' | null;
  /** What was written beside the verdict. */
  reason: string;
  is_seed: boolean;
  same_as: number | null;
  /** Lists of the user's that have it. */
  known_in: string[];
  /** Entries of other lists that it may be: list, entry and why. */
  known_like: string[];
  /** What tells it apart while its rank may change; empty where nothing does, and where ranks stay. */
  key: string;
}

/** `view_rows`: a page of companies, each a list of cells. */
export interface RowsAnswer {
  job_id: string;
  /** Names of the cells: keys of `Company`. */
  columns: string[];
  rows: unknown[][];
  /** Companies that the selection leaves, on all pages. */
  matching: number;
  /** Of those, how many stand before the first of these. */
  offset: number;
  hidden_duplicates: number;
  /** Rows of a job that has not ended: their ranks may still change. */
  provisional: boolean;
  /** Whether these can be judged: their ranks stay. */
  judgeable: boolean;
  /** All that is known of one company, where one was asked for. */
  company: Record<string, unknown> | null;
}

/**
 * `view_rows`: where a page begins. At most one of these; the first page without any. A row named here need not be
 * one that the selection leaves, so that a list that shrinks while it is worked on skips nobody.
 */
export interface PagePlace {
  offset?: number;
  /** The companies behind this row. */
  after?: number;
  /** The page that ends before this row. */
  before?: number;
  /** The page that begins with this row, or the next that fits. */
  from?: number;
  /** These rows, whatever the selection leaves. */
  rows?: readonly number[];
}

/** `view_mark` and `view_undo`. */
export interface MarkAnswer {
  job_id: string;
  /** Rows that were marked, or whose marks are as before. */
  marked: number;
  counts: Counts;
  fit: Fit | null;
  revision: string;
}

/** `view_export`. */
export interface ExportAnswer {
  job_id: string;
  export: { path: string; uri: string; rows: number };
}

/** `view_domains`: a part of the domains of a selection, each once. */
export interface DomainsAnswer {
  job_id: string;
  domains: string[];
  /** Offset of the next part; null at the end. */
  next_offset: number | null;
}

/** `view_cancel`. */
export interface CancelAnswer {
  job_id: string;
  status: string;
  message: string | null;
}
