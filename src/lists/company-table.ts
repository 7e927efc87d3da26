import type { KnownLists } from '../disk/known-lists.ts';
import type { Marks } from '../disk/marks.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { Answer, SqlValue, Statement } from '../sql/messages.ts';
import { QueryError } from '../sql/thread.ts';
import type { CollectedLists } from './collected.ts';
import { finalList } from './marking.ts';
import { type Exporter, markOf } from './selecting/export.ts';
import { aboutLists } from './selecting/question.ts';
import { condition, order, type Selection, type Sort, TABLE_SIZES, VALUES } from './selecting/selection.ts';
import { UNKNOWN } from './summary.ts';

/** A value of a filter with how many companies have it. */
export interface Bucket {
  value: string;
  label: string;
  count: number;
}

/** How many companies there are of each kind; all rows count, duplicates too. */
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

/** What kind of companies a job has. */
export interface Overview {
  counts: Counts;
  countries: Bucket[];
  sizes: Bucket[];
  stages: Bucket[];
}

export interface RowsRequest extends Selection {
  sort: Sort;
  descending: boolean;
  offset: number;
  limit: number;
}

export interface TableRows {
  columns: string[];
  rows: SqlValue[][];
  /** Companies that the selection leaves, on all pages. */
  matching: number;
  /** Duplicates among what the rest of the selection leaves, which are hidden. */
  hiddenDuplicates: number;
}

/** Values of a filter that are named; a job has hardly more. */
const MAX_BUCKETS = 300;
/** Longest reason in a row of the table; the company's own text has all of it. Characters. */
export const TABLE_REASON = 240;
/** Longest other text in a row. Characters. */
export const TABLE_TEXT = 160;
/** Longest text of one company. Characters. */
const FULL_TEXT = 12_000;
const OVERVIEWS = 20;

const ROW_COLUMNS = `row, name, domain, country, employees, funding_stage,
  substr(match_reason, 1, ${TABLE_REASON + 1}) AS match_reason, verdict, is_seed, same_as,
  COALESCE(known_in, '[]') AS known_in, COALESCE(known_maybe, '[]') AS known_maybe`;

export interface TableParts {
  lists: CollectedLists;
  exporter: Exporter;
  marks: Marks;
  known: KnownLists;
}

/** The companies of a job as a table that is filtered, sorted and turned page by page. */
export class CompanyTable {
  readonly #lists: CollectedLists;
  readonly #exporter: Exporter;
  readonly #overviews = new Map<string, { revision: string; overview: Overview }>();

  readonly #marks: Marks;
  readonly #known: KnownLists;

  constructor({ lists, exporter, marks, known }: TableParts) {
    this.#lists = lists;
    this.#exporter = exporter;
    this.#marks = marks;
    this.#known = known;
  }

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async revision(jobId: string): Promise<string> {
    return `${await this.#marks.version(jobId)} ${await this.#known.version()}`;
  }

  /**
   * What is in the job's head line.
   *
   * @param revision Differs when marks or known lists do; with the same one nothing is counted anew.
   */
  async overview(jobId: string, revision: string, call: { signal: AbortSignal }): Promise<Overview> {
    const known = this.#overviews.get(jobId);
    if (known?.revision === revision) return known.overview;
    const [counts, countries, sizes, stages] = await Promise.all([
      this.#counts(jobId, call),
      this.#buckets(jobId, VALUES.country, 'MIN(country)', call),
      this.#buckets(jobId, VALUES.size, 'NULL', call),
      this.#buckets(jobId, VALUES.stage, 'NULL', call),
    ]);
    const bySize = new Map(sizes.map((bucket) => [bucket.value, bucket]));
    const overview = {
      counts,
      countries,
      // Sizes have an order of their own.
      sizes: [...TABLE_SIZES.map(([, label]) => label), UNKNOWN].flatMap((label) => bySize.get(label) ?? []),
      stages,
    };
    if (this.#overviews.size >= OVERVIEWS) this.#overviews.clear();
    this.#overviews.set(jobId, { revision, overview });
    return overview;
  }

  /** One page of the companies that a selection leaves. */
  async rows(
    jobId: string,
    { sort, descending, offset, limit, ...selection }: RowsRequest,
    call: { signal: AbortSignal },
  ): Promise<TableRows> {
    const { sql, params } = condition(jobId, selection);
    const hides = !selection.duplicates;
    // One pass over all companies finds the page and counts; hidden duplicates stand behind all others.
    const found = await this.#ask(
      `SELECT row, same_as IS NOT NULL, COUNT(*) OVER (), SUM(same_as IS NOT NULL) OVER () FROM companies
        WHERE ${sql} ORDER BY ${hides ? 'same_as IS NOT NULL, ' : ''}${order(sort, descending)} LIMIT ? OFFSET ?`,
      { params: [...params, limit, offset], jobId, maxRows: limit },
      call,
    );
    const totals =
      found.rows[0]?.slice(2) ?? (offset === 0 ? [] : await this.#totals(jobId, sql, params, call));
    const [all = 0, duplicates = 0] = totals.map(Number);
    const ids = found.rows.filter(([, duplicate]) => !hides || duplicate === 0).map(([row]) => Number(row));
    const { columns, rows } = await this.#ask(
      `SELECT ${ROW_COLUMNS} FROM companies WHERE job_id = ? AND row IN (${ids.join(', ')})`,
      { params: [jobId], jobId, maxRows: limit, maxText: TABLE_REASON },
      call,
    );
    const byRow = new Map(rows.map((row) => [Number(row[0]), row]));
    const reason = columns.indexOf('match_reason');
    return {
      columns,
      rows: ids
        .map((id) => byRow.get(id) ?? [])
        .map((row) => row.map((value, at) => short(value, at === reason ? TABLE_REASON : TABLE_TEXT))),
      matching: hides ? all - duplicates : all,
      hiddenDuplicates: hides ? duplicates : 0,
    };
  }

  /** How many companies, and how many duplicates among them; for a page that is behind them all. */
  async #totals(
    jobId: string,
    sql: string,
    params: readonly SqlValue[],
    call: { signal: AbortSignal },
  ): Promise<SqlValue[]> {
    const { rows } = await this.#ask(
      `SELECT COUNT(*), SUM(same_as IS NOT NULL) FROM companies WHERE ${sql}`,
      { params, jobId, maxRows: 1 },
      call,
    );
    return rows[0] ?? [];
  }

  /** Everything known of one company by column; null where the job has no such row. */
  async company(jobId: string, row: number, call: { signal: AbortSignal }) {
    const { columns, rows } = await this.#ask(
      `SELECT row, name, domain, headquarters, country, employees, funding_stage, revenue_usd, linkedin_url,
          linkedin_followers, industries, match_reason, description, tagline, verdict, reason,
          role, score, known_in, known_maybe, also_in FROM companies WHERE job_id = ? AND row = ?`,
      { params: [jobId, row], jobId, maxRows: 1, maxText: FULL_TEXT },
      call,
    );
    const [values] = rows;
    if (!values) return null;
    return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]));
  }

  /** Writes every company of a selection to a CSV file of this name, in rank order. */
  async export(
    jobId: string,
    selection: Selection,
    fileName: string,
    call: { signal: AbortSignal },
  ): Promise<{ file: ExportedFile; notices: string[] } | null> {
    const { sql, params } = condition(jobId, selection);
    const shown = selection.duplicates ? sql : `${sql} AND same_as IS NULL`;
    const list = await finalList(this.#lists, jobId, call);
    const name = this.#exporter.nameOf(fileName, '', 'csv', markOf([list]));
    const rows = `SELECT ${EXPORTED} FROM companies WHERE ${shown} ORDER BY "row"`;
    const file = await inWords(
      this.#exporter.file([list], { sql: rows, params, maxRows: 0 }, { format: 'csv', fileName: name }, call),
    );
    return file === null ? null : { file, notices: aboutLists([list]) };
  }

  async #ask(
    sql: string,
    question: Omit<Statement, 'sql'> & { jobId: string },
    call: { signal: AbortSignal },
  ): Promise<Answer> {
    const { jobId, ...statement } = question;
    const list = await finalList(this.#lists, jobId, call);
    const [answer] = await inWords(this.#lists.ask([list], [{ sql, ...statement }], { signal: call.signal }));
    return answer ?? { columns: [], rows: [], rowCount: 0 };
  }

  async #counts(jobId: string, call: { signal: AbortSignal }): Promise<Counts> {
    const names = [
      'companies',
      'keep',
      'drop',
      'maybe',
      'open',
      'duplicates',
      'known',
      'known_maybe',
    ] as const;
    const { rows } = await this.#ask(
      `SELECT COUNT(*), SUM(${VALUES.verdict} = 'keep'), SUM(${VALUES.verdict} = 'drop'),
          SUM(${VALUES.verdict} = 'maybe'), SUM(${VALUES.verdict} = 'open'), SUM(same_as IS NOT NULL),
          SUM(${VALUES.known}), SUM(${VALUES.knownMaybe}) FROM companies WHERE job_id = ?`,
      { params: [jobId], jobId, maxRows: 1 },
      call,
    );
    const values = rows[0] ?? [];
    const counts = Object.fromEntries(names.map((name, at) => [name, Number(values[at] ?? 0)]));
    return counts as Record<(typeof names)[number], number>;
  }

  async #buckets(
    jobId: string,
    value: string,
    label: string,
    call: { signal: AbortSignal },
  ): Promise<Bucket[]> {
    const { rows } = await this.#ask(
      `SELECT ${value} AS value, ${label} AS label, COUNT(*) AS count FROM companies WHERE job_id = ?
          GROUP BY 1 ORDER BY value = '${UNKNOWN}', count DESC, value`,
      { params: [jobId], jobId, maxRows: MAX_BUCKETS, maxText: 200 },
      call,
    );
    return rows.map(([each, name, count]) => ({
      value: String(each),
      label: String(name ?? each),
      count: Number(count),
    }));
  }
}

/** Columns of an export from the table, those of the judgement last. */
const EXPORTED = `row, name, domain, headquarters, country, employees, funding_stage, revenue_usd, linkedin_url,
  industries, match_reason, verdict, role, score, reason`;

function short(value: SqlValue, maxLength: number): SqlValue {
  if (typeof value !== 'string' || value.length <= maxLength) return value;
  return `${value.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A statement of ours that has no answer is no fault of the caller's. */
async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new OpenFunnelError(
      'timeout',
      `The companies could not be looked through (${error.failure.kind}). Try again; a narrower selection may help.`,
      { retryable: true, cause: error },
    );
  }
}
