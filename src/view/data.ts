import { type Bridge, BridgeError, record, type ToolResult } from './bridge.ts';

// What the server's tools for the view answer, read with suspicion: a part that is missing or of another kind
// becomes its empty value, so that no answer can break the page.

export type Verdict = 'keep' | 'drop' | 'maybe';
export const VERDICTS: readonly Verdict[] = ['keep', 'drop', 'maybe'];

/** A value of a filter with how many companies have it; `value` is what the filter takes. */
export interface Bucket {
  value: string;
  label: string;
  count: number;
}

export interface Counts {
  companies: number;
  keep: number;
  drop: number;
  maybe: number;
  open: number;
  duplicates: number;
  known: number;
  known_maybe: number;
}

/** A job as `view_status` tells it. */
export interface Status {
  jobId: string;
  title: string;
  submittedAt: string;
  status: string;
  terminal: boolean;
  stage: string;
  processed: number | null;
  requested: number | null;
  readable: number | null;
  creditsAtLeast: number | null;
  errorMessage: string;
  /** Changes whenever a mark or anything else that is shown does. */
  revision: string;
  counts: Counts | null;
  countries: Bucket[];
  sizes: Bucket[];
  stages: Bucket[];
  notices: string[];
}

export interface Company {
  row: number;
  name: string;
  domain: string;
  country: string;
  employees: number | null;
  funding: string;
  reason: string;
  verdict: Verdict | null;
  isSeed: boolean;
  sameAs: number | null;
  known: string[];
  knownMaybe: boolean;
}

export interface RowsPage {
  rows: Company[];
  /** Companies that the filters leave, on all pages. */
  matching: number;
  offset: number;
  /** Duplicates that the other filters would leave, and that are hidden. */
  hiddenDuplicates: number;
  revision: string;
}

/** What is shown of the list; everything but `offset` and `limit` also picks what is exported. */
export interface Selection {
  search: string;
  countries: string[];
  sizes: string[];
  stages: string[];
  verdicts: string[];
  known: string;
  duplicates: boolean;
}

export const SORTS = [
  'row',
  'name',
  'domain',
  'country',
  'employees',
  'funding',
  'reason',
  'verdict',
] as const;
export type Sort = (typeof SORTS)[number];

/** The server answered, and said no; the message is meant for a person. */
export class Refused extends Error {
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/** The server's tools for the view. All reject with `Refused`, or `BridgeError` where nobody answers. */
export class Api {
  readonly #bridge: Bridge;
  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Without a job, the newest one. */
  async status(jobId: string | null): Promise<Status> {
    return toStatus(await this.#call('view_status', jobId === null ? {} : { job_id: jobId }));
  }

  async rows(
    jobId: string,
    {
      sort,
      descending,
      offset,
      limit,
      ...selection
    }: Selection & {
      sort: Sort;
      descending: boolean;
      offset: number;
      limit: number;
    },
  ): Promise<RowsPage> {
    return toRows(
      await this.#call('view_rows', {
        job_id: jobId,
        offset,
        limit,
        sort,
        descending,
        ...filters(selection),
      }),
    );
  }

  /** Everything known of one company, field by field. */
  async company(jobId: string, row: number): Promise<Record<string, unknown>> {
    return record((await this.#call('view_rows', { job_id: jobId, row })).company);
  }

  async mark(jobId: string, rows: number[], verdict: Verdict | 'clear') {
    const data = await this.#call('view_mark', { job_id: jobId, rows, verdict });
    return { counts: toCounts(data.counts), revision: text(data.revision) };
  }

  async export(jobId: string, which: 'shown' | 'keepers', selection: Selection) {
    const data = await this.#call('view_export', { job_id: jobId, which, ...filters(selection) });
    const file = record(data.export);
    return { path: text(file.path), rows: number(file.rows) ?? 0, notices: texts(data.notices) };
  }

  async cancel(jobId: string): Promise<void> {
    await this.#call('view_cancel', { job_id: jobId });
  }

  async #call(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const result = await this.#bridge.callTool(name, args);
    const data = facts(result);
    if (result.isError !== true && Object.keys(data).length > 0) return data;
    const error = record(data.error);
    const said = text(error.message) || resultText(result);
    if (said === '') throw new BridgeError(`${name} came back empty`);
    throw new Refused(said, error.retryable === true);
  }
}

/** Filters that are set: what is not sent filters nothing. */
function filters(selection: Selection): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(selection).filter(([, value]) => value !== '' && value !== false && `${value}` !== ''),
  );
}

/** The facts of a result: the structured half, or, where a host took that away, the same in the text. */
export function facts(result: ToolResult): Record<string, unknown> {
  const structured = record(result.structuredContent);
  if (Object.keys(structured).length > 0) return structured;
  for (const line of resultText(result).split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      return record(JSON.parse(line));
    } catch {
      // A line that only looks like it.
    }
  }
  return {};
}

/** All text of a result. */
export function resultText(result: ToolResult): string {
  const parts: unknown[] = Array.isArray(result.content) ? result.content : [];
  return parts.map((part) => text(record(part).text)).join('\n');
}

function toStatus(data: Record<string, unknown>): Status {
  const status = text(data.status);
  return {
    jobId: text(data.job_id),
    title: text(data.title),
    submittedAt: text(data.submitted_at),
    status,
    terminal: data.terminal === true,
    stage: text(data.stage),
    processed: number(data.processed),
    requested: number(data.requested),
    readable: number(data.readable),
    creditsAtLeast: number(data.credits_at_least),
    errorMessage: text(data.error_message),
    revision: text(data.revision),
    counts: data.counts ? toCounts(data.counts) : null,
    countries: toBuckets(data.countries),
    sizes: toBuckets(data.sizes),
    stages: toBuckets(data.stages),
    notices: texts(data.notices),
  };
}

function toCounts(data: unknown): Counts {
  const counts = record(data);
  const count = (name: keyof Counts) => number(counts[name]) ?? 0;
  return {
    companies: count('companies'),
    keep: count('keep'),
    drop: count('drop'),
    maybe: count('maybe'),
    open: count('open'),
    duplicates: count('duplicates'),
    known: count('known'),
    known_maybe: count('known_maybe'),
  };
}

function toRows(data: Record<string, unknown>): RowsPage {
  const columns = texts(data.columns);
  const rows = list(data.rows).map((cells) => {
    const values = list(cells);
    return toCompany(Object.fromEntries(columns.map((column, at) => [column, values[at]])));
  });
  return {
    rows,
    matching: number(data.matching) ?? rows.length,
    offset: number(data.offset) ?? 0,
    hiddenDuplicates: number(data.hidden_duplicates) ?? 0,
    revision: text(data.revision),
  };
}

function toCompany(data: Record<string, unknown>): Company {
  return {
    row: number(data.row) ?? 0,
    name: text(data.name),
    domain: text(data.domain),
    country: text(data.country),
    employees: number(data.employees),
    funding: text(data.funding_stage),
    reason: text(data.match_reason),
    verdict: VERDICTS.find((verdict) => verdict === data.verdict) ?? null,
    isSeed: data.is_seed === true || data.is_seed === 1,
    sameAs: number(data.same_as),
    known: texts(data.known_in),
    knownMaybe: data.known_maybe === true || data.known_maybe === 1,
  };
}

function toBuckets(data: unknown): Bucket[] {
  return list(data).map((item) => {
    const { value, label, count } = record(item);
    return { value: text(value), label: text(label) || text(value), count: number(count) ?? 0 };
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((item) => typeof item === 'string');
}

/** The table's sortable columns, in their order; `name` is also their class, by which CSS hides some. */
export const COLUMNS: ReadonlyArray<{ sort: Sort; label: string }> = [
  { sort: 'row', label: 'Rank' },
  { sort: 'name', label: 'Company' },
  { sort: 'domain', label: 'Website' },
  { sort: 'country', label: 'Country' },
  { sort: 'employees', label: 'Employees' },
  { sort: 'funding', label: 'Funding' },
  { sort: 'reason', label: 'Why it matches' },
  { sort: 'verdict', label: 'Verdict' },
];
