import type { KnownLists } from '../../disk/known-lists.ts';
import type { Marks } from '../../disk/marks.ts';
import type { ExportedFile } from '../../files/row-export.ts';
import type { Fit } from '../../judging/fit.ts';
import type { Counts, Order } from '../../view/contract.ts';
import type { CollectedLists } from '../collected.ts';
import { fitOfList } from '../fit.ts';
import { finalList } from '../marking.ts';
import { type Exporter, markOf } from '../selecting/export.ts';
import { aboutLists } from '../selecting/question.ts';
import { listed, order, type Selection, VALUES } from '../selecting/selection.ts';
import { askFinal, inWords } from './ask-final.ts';

/** How many companies there are of each kind; all rows count, duplicates too. */
type JobCounts = Omit<Counts, 'by_model'>;

/** How a job's companies are judged. */
export interface JobJudged {
  counts: JobCounts;
  /** How much of the list fits; null where nothing is judged. */
  fit: Fit | null;
}

/** What is told of one company, whether its job has ended or not. */
export const COMPANY_FACTS =
  'name domain headquarters country employees funding_stage revenue_usd linkedin_url linkedin_followers industries match_reason description tagline'.split(
    ' ',
  );
/** Longest text of one company. Characters. */
const FULL_TEXT = 12_000;
/** Jobs of which it is remembered how they are judged. */
const MOST_TOLD = 20;

export interface TableParts {
  lists: CollectedLists;
  exporter: Exporter;
  marks: Marks;
  known: KnownLists;
}

/** The companies of a job counted, read one by one, and written to a file. */
export class CompanyTable {
  readonly #parts: TableParts;
  readonly #told = new Map<string, { revision: string; judged: JobJudged }>();

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async revision(jobId: string): Promise<string> {
    const { marks, known } = this.#parts;
    return `${await marks.version(jobId)} ${await known.version()}`;
  }

  /**
   * How the companies are judged.
   *
   * @param revision Differs when marks or known lists do; with the same one nothing is counted anew.
   */
  async judged(jobId: string, revision: string, call: { signal: AbortSignal }): Promise<JobJudged> {
    const known = this.#told.get(jobId);
    if (known?.revision === revision) return known.judged;
    const list = await finalList(this.#parts.lists, jobId, call);
    const { fit } = await inWords(fitOfList(this.#parts, list, call));
    const judged = { counts: await this.#counts(jobId, call), fit };
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.set(jobId, { revision, judged });
    return judged;
  }

  /** Everything known of one company by column; null where the job has no such row. */
  async company(jobId: string, row: number, call: { signal: AbortSignal }) {
    const sql = `SELECT row, ${COMPANY_FACTS.join(', ')}, verdict, reason, role, score, known_in, known_like, also_in
        FROM companies WHERE job_id = ? AND row = ?`;
    const statement = { sql, params: [jobId, row], maxRows: 1, maxText: FULL_TEXT };
    const { columns, rows } = await askFinal(this.#parts.lists, jobId, statement, call);
    const [values] = rows;
    if (!values) return null;
    return Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]));
  }

  /** Writes every company of a selection to a CSV file of this name, in the order asked for. */
  async export(
    jobId: string,
    { sort, descending, ...selection }: Selection & Order,
    fileName: string,
    call: { signal: AbortSignal },
  ): Promise<{ file: ExportedFile; notices: string[] } | null> {
    const { lists, exporter } = this.#parts;
    const { sql, params } = listed(jobId, selection);
    const list = await finalList(lists, jobId, call);
    const name = exporter.nameOf(fileName, '', 'csv', markOf([list]));
    const rows = `SELECT ${EXPORTED} FROM companies WHERE ${sql} ORDER BY ${order(sort, descending)}`;
    const file = await inWords(
      exporter.file([list], { sql: rows, params, maxRows: 0 }, { format: 'csv', fileName: name }, call),
    );
    return file === null ? null : { file, notices: aboutLists([list]) };
  }

  async #counts(jobId: string, call: { signal: AbortSignal }): Promise<JobCounts> {
    const counted = Object.entries(COUNTED);
    const sql = `SELECT ${counted.map(([, which]) => `SUM(${which})`).join(', ')} FROM companies WHERE job_id = ?`;
    const statement = { sql, params: [jobId], maxRows: 1 };
    const { rows } = await askFinal(this.#parts.lists, jobId, statement, call);
    const values = rows[0] ?? [];
    return Object.fromEntries(counted.map(([name], at) => [name, Number(values[at] ?? 0)])) as JobCounts;
  }
}

/** Which companies each count is of, as SQL. */
const COUNTED: Readonly<Record<keyof JobCounts, string>> = {
  companies: '1',
  keep: `${VALUES.verdict} = 'keep'`,
  drop: `${VALUES.verdict} = 'drop'`,
  maybe: `${VALUES.verdict} = 'maybe'`,
  open: `${VALUES.verdict} = 'open'`,
  duplicates: 'same_as IS NOT NULL',
  known: VALUES.known,
  known_maybe: VALUES.knownMaybe,
};

/** Columns of an export from the table, those of the judgement last. */
const EXPORTED = `row, name, domain, headquarters, country, employees, funding_stage, revenue_usd, linkedin_url,
  industries, match_reason, verdict, role, score, reason`;
