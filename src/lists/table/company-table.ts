import type { KnownLists } from '../../disk/known-lists.ts';
import type { Marks } from '../../disk/marks.ts';
import type { ExportedFile } from '../../files/row-export.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { Bucket, Counts, Facets, Order, PagePlace } from '../../view/contract.ts';
import type { CollectedLists } from '../collected.ts';
import type { Call, RowsCall } from '../collected-list.ts';
import { fitOfList, type ListFit } from '../fit.ts';
import { finalList } from '../marking.ts';
import type { Exporter } from '../selecting/export.ts';
import { aboutLists } from '../selecting/question.ts';
import { condition, order, type Selection, TABLE_SIZES, VALUES } from '../selecting/selection.ts';
import { UNKNOWN } from '../summary.ts';

export interface PageRequest extends Selection, Order {
  /** Where the page begins. */
  start: { [Part in keyof PagePlace]: PagePlace[Part] | undefined };
  limit: number;
  /** Reasons whole, and what the companies say of themselves. */
  long: boolean;
}

/** How a job's companies are judged: how many rows there are of each kind, duplicates too, and how much fits. */
interface Judged {
  /** Differs when the marks on the job or any known list do. */
  revision: string;
  counts: Omit<Counts, 'by_model'>;
  fit: ListFit['fit'];
  /** Rows that count for it: no seeds, duplicates and known companies. */
  counting: number;
}

/** What is told of one company, whether its job has ended or not. */
export const COMPANY_FACTS =
  'name domain headquarters country employees funding_stage revenue_usd linkedin_url linkedin_followers industries match_reason description tagline'.split(
    ' ',
  );
/** Columns of an export, those of the judgement last. */
const EXPORTED = `row, name, domain, headquarters, country, employees, funding_stage, revenue_usd, linkedin_url,
  industries, match_reason, verdict, role, score, reason`;
/** Longest text of a row, and where long ones are asked for; of one company alone. Characters. */
const REASON = 240;
const LONG_TEXT = 1_200;
const FULL_TEXT = 12_000;
/** Jobs of which it is remembered how they are judged. */
const MOST_JUDGED = 20;

/** Which companies each count is of, as SQL. */
const COUNTED: Readonly<Record<keyof Judged['counts'], string>> = {
  companies: '1',
  keep: `${VALUES.verdicts} = 'keep'`,
  drop: `${VALUES.verdicts} = 'drop'`,
  maybe: `${VALUES.verdicts} = 'maybe'`,
  open: `${VALUES.verdicts} = 'open'`,
  duplicates: 'same_as IS NOT NULL',
  known: VALUES.known,
  known_maybe: VALUES.knownMaybe,
};

export interface TableParts {
  lists: CollectedLists;
  exporter: Exporter;
  marks: Marks;
  known: KnownLists;
}

/** The companies of a final job, filtered and sorted: page by page, counted, one by one, and in a file. */
export class CompanyTable {
  readonly #parts: TableParts;
  readonly #judged = new Map<string, Judged>();

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async revision(jobId: string): Promise<string> {
    const { marks, known } = this.#parts;
    return `${await marks.version(jobId)} ${await known.version()}`;
  }

  /** How the companies are judged; nothing is counted anew until marks or known lists differ. */
  async judged(jobId: string, call: Call): Promise<Judged> {
    // Asked before the companies are: what changes meanwhile is seen at the next look.
    const revision = await this.revision(jobId);
    const told = this.#judged.get(jobId);
    if (told?.revision === revision) return told;
    const list = await finalList(this.#parts.lists, jobId, call);
    const { fit, judged: withVerdict, open } = await fitOfList(this.#parts, list, call);
    const sums = Object.values(COUNTED).map((which) => `SUM(${which})`);
    const [values = []] = await this.#select(jobId, sums.join(', '), ALL, '', call);
    const counts = Object.fromEntries(
      Object.keys(COUNTED).map((name, at) => [name, Number(values[at] ?? 0)]),
    ) as Judged['counts'];
    const judged = { revision, counts, fit, counting: withVerdict.length + open.length };
    if (this.#judged.size >= MOST_JUDGED) this.#judged.clear();
    this.#judged.set(jobId, judged);
    return judged;
  }

  /** One page of the companies that a selection leaves, how many there are on all pages, and how many stand before these. */
  async page(jobId: string, { start, limit, long, sort, descending, ...selection }: PageRequest, call: Call) {
    const { sql, params } = condition({ ...selection, duplicates: true });
    const facts = `row, (${sql}), same_as IS NOT NULL`;
    const all = await this.#select(jobId, facts, { ...ALL, params }, order(sort, descending), call);
    const shown = all.flatMap(([row, fits, duplicate], at) =>
      fits === 1 && (selection.duplicates || duplicate === 0) ? [{ row: Number(row), at }] : [],
    );
    /** How many are shown before a row, which itself need not be. */
    const before = (row: number, itselfToo = 0) => {
      const place = all.findIndex(([each]) => each === row) + itselfToo;
      return shown.filter(({ at }) => at < place).length;
    };
    const beside = start.rows === undefined ? start.from : (start.rows[0] ?? 0);
    const offset =
      start.after !== undefined
        ? before(start.after, 1)
        : start.before !== undefined
          ? Math.max(0, before(start.before) - limit)
          : beside === undefined
            ? (start.offset ?? 0)
            : before(beside);
    const numbers = (start.rows ?? shown.slice(offset).map(({ row }) => row)).slice(0, limit);
    const says = long ? ['says'] : [];
    const columns = [...PAGE_COLUMNS, ...says, 'verdict', 'is_seed', 'same_as', 'known_in', 'known_like'];
    const values = columns.map((name) => (name === 'says' ? SAYS : name)).join(', ');
    const which = { sql: `row IN (${numbers.join(', ')})`, params: [] };
    const maxText = long ? LONG_TEXT : REASON;
    const found = await this.#select(jobId, values, which, '', { ...call, maxText });
    const byRow = new Map(found.map((cells) => [cells[0], cells]));
    return {
      columns,
      rows: numbers.map((row) => byRow.get(row)).filter((cells) => cells !== undefined),
      matching: shown.length,
      offset,
      hidden_duplicates: all.filter(([, fits]) => fits === 1).length - shown.length,
    };
  }

  /** Rows of all companies that a selection leaves; or of those that have these keys, the first one of each. */
  async ids(jobId: string, chosen: Selection | { keys: readonly string[] }, call: Call): Promise<number[]> {
    const sql = 'same_as IS NULL AND company_key IN (SELECT value FROM json_each(?))';
    const which = 'keys' in chosen ? { sql, params: [JSON.stringify(chosen.keys)] } : condition(chosen);
    const rows = await this.#select(jobId, 'row', which, 'ORDER BY row', call);
    return rows.map(([row]) => Number(row));
  }

  /** Domains of the companies that a selection leaves, each once, in its order. */
  async domains(
    jobId: string,
    { sort, descending, ...selection }: Selection & Order,
    call: Call,
  ): Promise<string[]> {
    const rows = await this.#select(jobId, 'domain', condition(selection), order(sort, descending), call);
    return [...new Set(rows.flatMap(([domain]) => domain || []).map(String))];
  }

  /** The companies counted by what filters can ask for: see `Facets`. */
  async facets(jobId: string, selection: Selection, call: Call): Promise<Facets> {
    const buckets = async (filter: keyof Facets, label: string = VALUES[filter]): Promise<Bucket[]> => {
      const which = condition({ ...selection, [filter]: [] });
      const counted = `${VALUES[filter]} AS v, MIN(${label}), COUNT(*)`;
      const groups = `GROUP BY v ORDER BY v = '${UNKNOWN}', 3 DESC, v`;
      const rows = await this.#select(jobId, counted, which, groups, { ...call, maxText: 200 });
      return rows.map(([v, name, count]) => ({
        value: String(v),
        label: String(name),
        count: Number(count),
      }));
    };
    const places = [...TABLE_SIZES.map(([, label]) => label), UNKNOWN];
    const sizes = await buckets('sizes');
    const verdicts = await buckets('verdicts');
    const counted = Object.fromEntries(verdicts.map(({ value, count }) => [value, count]));
    return {
      verdicts: { open: 0, keep: 0, drop: 0, maybe: 0, ...counted },
      countries: await buckets('countries', `COALESCE(country, ${VALUES.countries})`),
      sizes: sizes.sort((a, b) => places.indexOf(a.value) - places.indexOf(b.value)),
      stages: await buckets('stages'),
    };
  }

  /** Everything known of one company by column; null where the job has no such row. */
  async company(jobId: string, row: number, call: Call): Promise<Record<string, SqlValue> | null> {
    const columns = ['row', ...COMPANY_FACTS, ...JUDGED_FACTS];
    const which = { sql: 'row = ?', params: [row] };
    const [values] = await this.#select(jobId, columns.join(', '), which, '', {
      ...call,
      maxText: FULL_TEXT,
    });
    return values ? Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null])) : null;
  }

  /** Writes every company of a selection to a CSV file named by what it is about, in the order asked for; null where there is none. */
  async export(
    jobId: string,
    { sort, descending, ...selection }: Selection & Order,
    about: string,
    call: Call,
  ): Promise<{ file: ExportedFile; notices: string[] } | null> {
    const { lists, exporter } = this.#parts;
    const { sql, params } = condition(selection);
    const list = await finalList(lists, jobId, call);
    const rows = `SELECT ${EXPORTED} FROM companies WHERE ${sql} ${order(sort, descending)}`;
    const style = { format: 'csv' as const, about };
    const written = await exporter.file([list], { sql: rows, params, maxRows: 0 }, style, call);
    return written && { file: written.file, notices: aboutLists([list]) };
  }

  /** What stands in these columns of the companies that a condition fits. @param rest What stands behind it. */
  async #select(
    jobId: string,
    columns: string,
    { sql, params }: ReturnType<typeof condition>,
    rest: string,
    call: RowsCall,
  ): Promise<SqlValue[][]> {
    const list = await finalList(this.#parts.lists, jobId, call);
    const maxRows = list.about.companies;
    return list.rows(`SELECT ${columns} FROM companies WHERE ${sql} ${rest}`, { maxRows, ...call, params });
  }
}

const ALL = { sql: '1', params: [] };
const JUDGED_FACTS = ['verdict', 'reason', 'role', 'score', 'known_in', 'known_like', 'also_in'];
const SAYS = "COALESCE(NULLIF(TRIM(description), ''), tagline)";

const PAGE_COLUMNS = ['row', 'name', 'domain', 'country', 'employees', 'funding_stage', 'match_reason'];
