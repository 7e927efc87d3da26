import { crc32 } from 'node:zlib';
import type { KnownLists } from '../../disk/known-lists.ts';
import type { Marks } from '../../disk/marks.ts';
import type { ExportedFile } from '../../files/row-export.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { Bucket, Counts, Facets, PagePlace, TableOrder } from '../../view/contract.ts';
import type { CollectedLists } from '../collected.ts';
import type { Call, RowsCall } from '../collected-list.ts';
import { fitOfList } from '../list-fit.ts';
import { countMarks } from '../marking.ts';
import type { Exporter } from '../selecting/export.ts';
import { aboutLists } from '../selecting/question.ts';
import { BY, condition, order, type Selection, VALUES } from '../selecting/selection.ts';
import { SIZES, UNKNOWN } from '../summary.ts';

export interface PageRequest extends Selection, TableOrder, PagePlace {
  limit: number;
  /** Reasons whole, and what the companies say of themselves. */
  long: boolean;
}

export const COMPANY_FACTS = `name domain headquarters country employees funding_stage revenue_usd
  linkedin_url linkedin_followers industries match_reason description tagline`.split(/\s+/);
/** Columns of an export, those of the judgement last. */
const EXPORTED = `row, name, domain, headquarters, country, employees, funding_stage, revenue_usd, linkedin_url,
  industries, match_reason, verdict, role, score, reason`;
/** Longest text of a row, and where long ones are asked for; of one company alone. Characters. */
const REASON = 240;
const LONG_TEXT = 1_200;
const FULL_TEXT = 12_000;

export interface TableParts {
  lists: CollectedLists;
  exporter: Exporter;
  marks: Marks;
  known: KnownLists;
}

/** The companies of a final job, filtered and sorted: page by page, counted, one by one, and in a file. */
export class CompanyTable {
  readonly #parts: TableParts;

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  /** Differs when the marks on the job or any known list do. Cheap, and never rejects. */
  async revision(jobId: string): Promise<string> {
    const { marks, known } = this.#parts;
    return `${await marks.version(jobId)} ${crc32(await known.version())}`;
  }

  /** How the companies are judged: how many rows there are of each kind, duplicates too, and how much fits. */
  async judged(jobId: string, call: Call) {
    // Asked before the companies are: what changes meanwhile is seen at the next look.
    const revision = await this.revision(jobId);
    const list = await this.#parts.lists.final(jobId, call);
    const { fit, judged, open } = await fitOfList(this.#parts, list, call);
    const marks = await this.#parts.marks.of(jobId);
    const sums = `COUNT(same_as), SUM(${VALUES.known}), SUM(${VALUES.knownMaybe}), SUM(${BY} = 'model')`;
    const [values = []] = await list.rows(`SELECT ${sums} FROM companies`, call);
    const [duplicates = 0, known = 0, known_maybe = 0, by_model = 0] = values.map(Number);
    const counted = countMarks(marks, list.about.companies);
    const counts: Counts = { ...counted, duplicates, known, known_maybe, by_model };
    return { revision, counts, fit, counting: judged.length + open.length };
  }

  /** One page of the companies that a selection leaves, how many there are on all pages, and how many stand before these. */
  async page(jobId: string, asked: PageRequest, call: Call) {
    const { limit, long, rows, from, after } = asked;
    const { sql, params } = condition({ ...asked, duplicates: true });
    const facts = `row, (${sql}), same_as IS NOT NULL`;
    const all = await this.#select(jobId, facts, { sql: '1', params }, order(asked), call);
    const shown = all.flatMap(([row, fits, duplicate], at) =>
      fits === 1 && (asked.duplicates || duplicate === 0) ? [{ row: Number(row), at }] : [],
    );
    /** How many are shown before a row, which itself need not be. */
    const before = (row: number, itselfToo = 0) => {
      const place = all.findIndex(([each]) => each === row) + itselfToo;
      return shown.filter(({ at }) => at < place).length;
    };
    const first = rows?.[0] ?? from;
    let offset = asked.offset ?? 0;
    if (after !== undefined) offset = before(after, 1);
    else if (asked.before !== undefined) offset = Math.max(0, before(asked.before) - limit);
    else if (first !== undefined) offset = before(first);
    const numbers = (rows ?? shown.slice(offset).map(({ row }) => row)).slice(0, limit);
    const which = { sql: `row IN (${numbers.join(', ')})`, params: [] };
    const names = long ? [...PAGE_FACTS, 'says'] : PAGE_FACTS;
    const found = await this.#facts(jobId, names, which, { ...call, maxText: long ? LONG_TEXT : REASON });
    const byRow = new Map(found.map((company) => [company.row, company]));
    return {
      companies: numbers.map((row) => byRow.get(row)).filter((company) => company !== undefined),
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
  async domains(jobId: string, asked: Selection & TableOrder, call: Call): Promise<string[]> {
    const rows = await this.#select(jobId, 'domain', condition(asked), order(asked), call);
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
    const sizes = await buckets('sizes');
    const verdicts = await buckets('verdicts');
    const counted = Object.fromEntries(verdicts.map(({ value, count }) => [value, count]));
    return {
      verdicts: { open: 0, keep: 0, drop: 0, maybe: 0, ...counted },
      countries: await buckets('countries', `COALESCE(country, ${VALUES.countries})`),
      sizes: sizes.sort((a, b) => SIZES.labels.indexOf(a.value) - SIZES.labels.indexOf(b.value)),
      stages: await buckets('stages'),
    };
  }

  /** Everything known of one company by column; null where the job has no such row. */
  async company(jobId: string, row: number, call: Call): Promise<Record<string, SqlValue> | null> {
    const names = ['row', ...COMPANY_FACTS, ...JUDGED_FACTS];
    const which = { sql: 'row = ?', params: [row] };
    return (await this.#facts(jobId, names, which, { ...call, maxText: FULL_TEXT }))[0] ?? null;
  }

  /** Writes every company of a selection to a CSV file named by what it is about, in the order asked for; null where there is none. */
  async export(
    jobId: string,
    asked: Selection & TableOrder,
    about: string,
    call: Call,
  ): Promise<{ file: ExportedFile; notices: string[] } | null> {
    const { lists, exporter } = this.#parts;
    const { sql, params } = condition(asked);
    const list = await lists.final(jobId, call);
    const rows = `SELECT ${EXPORTED} FROM companies WHERE ${sql} ${order(asked)}`;
    const style = { format: 'csv' as const, about };
    const written = await exporter.file([list], { sql: rows, params, maxRows: 0 }, style, call);
    return written && { file: written.file, notices: await aboutLists([list], this.#parts.marks) };
  }

  /** These facts of the companies that a condition fits, by name. */
  async #facts(jobId: string, names: readonly string[], which: Which, call: RowsCall) {
    const columns = names.map((name) => MADE_OF[name] ?? name).join(', ');
    const rows = await this.#select(jobId, columns, which, '', call);
    return rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? null])));
  }

  /** What stands in these columns of the companies that a condition fits. @param rest What stands behind it. */
  async #select(
    jobId: string,
    columns: string,
    { sql, params }: Which,
    rest: string,
    call: RowsCall,
  ): Promise<SqlValue[][]> {
    const list = await this.#parts.lists.final(jobId, call);
    const maxRows = list.about.companies;
    return list.rows(`SELECT ${columns} FROM companies WHERE ${sql} ${rest}`, { maxRows, ...call, params });
  }
}

type Which = ReturnType<typeof condition>;
const JUDGED_FACTS = ['verdict', 'reason', 'role', 'score', 'known_in', 'known_like', 'also_in'];
/** Facts that are no columns, as SQL. */
const MADE_OF: Readonly<Record<string, string>> = {
  says: "COALESCE(NULLIF(TRIM(description), ''), tagline)",
  by: BY,
};
const PAGE_FACTS = `row name domain country employees funding_stage match_reason verdict by reason is_seed
  same_as known_in known_like`.split(/\s+/);
