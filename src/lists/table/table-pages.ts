import { cutText } from '../../lib/text.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { Bucket, Facets, Order } from '../../view/contract.ts';
import type { CollectedLists } from '../collected.ts';
import { condition, listed, order, type Selection, TABLE_SIZES, VALUES } from '../selecting/selection.ts';
import { UNKNOWN } from '../summary.ts';
import { askFinal } from './ask-final.ts';

/** Where a page begins: at an offset, or beside a row, which need not be one that the selection leaves. */
export type PageStart =
  | { offset: number }
  | { after: number }
  | { before: number }
  | { from: number }
  /** These rows, whatever the selection leaves. */
  | { rows: readonly number[] };

export interface PageRequest extends Selection, Order {
  start: PageStart;
  limit: number;
  /** Reasons whole, and what the companies say of themselves. */
  long: boolean;
}

export interface TablePage {
  columns: string[];
  rows: SqlValue[][];
  /** Companies that the selection leaves, on all pages, and how many of them stand before these. */
  matching: number;
  offset: number;
  /** Duplicates among what the rest of the selection leaves, which are hidden. */
  hiddenDuplicates: number;
}

type Call = { signal: AbortSignal };

/** Longest reason in a row of the table, and where long texts are asked for. Characters. */
export const TABLE_REASON = 240;
export const TABLE_LONG_TEXT = 1_200;
/** Longest other text in a row. Characters. */
export const TABLE_TEXT = 160;
/** Columns of a statement for a page before those of the company: its place in the list, and totals. */
const FACTS = 3;
/** Combinations of values that a job's companies have: no more than there are companies. */
const MOST_GROUPS = 10_000;

const rowColumns = (long: boolean) => `row, name, domain, country, employees, funding_stage,
  substr(match_reason, 1, ${(long ? TABLE_LONG_TEXT : TABLE_REASON) + 1}) AS match_reason,
  ${long ? `substr(COALESCE(NULLIF(TRIM(description), ''), tagline), 1, ${TABLE_LONG_TEXT + 1}) AS says,` : ''}
  verdict, is_seed, same_as, known_in, known_like`;

/** The companies of a final job page by page, filtered and sorted, and counted by what filters can ask for. */
export class TablePages {
  readonly #lists: CollectedLists;

  constructor(lists: CollectedLists) {
    this.#lists = lists;
  }

  /** One page of the companies that a selection leaves. */
  async rows(
    jobId: string,
    { start, limit, long, sort, descending, ...selection }: PageRequest,
    call: Call,
  ): Promise<TablePage> {
    const { sql, params } = condition(jobId, selection);
    const shown = selection.duplicates ? 'fits' : 'fits AND NOT dup';
    const { anchor, first } = begin(start, shown, limit);
    // The row beside which the page begins is placed too, whether the selection leaves it or not.
    const placed = `WITH placed AS MATERIALIZED (SELECT row, same_as IS NOT NULL AS dup, ${anchor === null ? '1' : `(${sql})`} AS fits,
        ROW_NUMBER() OVER (ORDER BY ${order(sort, descending)}) AS place
        FROM companies WHERE ${anchor === null ? sql : `(${sql}) OR (job_id = ? AND row = ${anchor})`}),
      list AS (SELECT row AS id, ROW_NUMBER() OVER (ORDER BY place) AS nth, COUNT(*) OVER () AS total
        FROM placed WHERE ${shown})`;
    const values = anchor === null ? params : [...params, ...params, jobId];
    const hidden = selection.duplicates ? '0' : '(SELECT COUNT(*) FROM placed WHERE fits AND dup)';
    const totals = `${first} + 1, (SELECT COUNT(*) FROM list), ${hidden}`;
    const longest = long ? TABLE_LONG_TEXT : TABLE_REASON;
    const ask = (statement: string, more: readonly SqlValue[] = []) => {
      const asked = { params: [...values, ...more], maxRows: limit, maxText: longest };
      return askFinal(this.#lists, jobId, { sql: `${placed} ${statement}`, ...asked }, call);
    };
    const { columns, rows } = await ask(
      'rows' in start
        ? `SELECT ${totals}, ${rowColumns(long)} FROM companies
            WHERE job_id = ? AND row IN (${start.rows.map(Math.trunc).join(', ')})`
        : `SELECT nth, total, ${hidden}, ${rowColumns(long)} FROM list JOIN companies ON job_id = ? AND row = id
            WHERE nth > ${first} ORDER BY nth LIMIT ${limit}`,
      [jobId],
    );
    const [nth, matching, duplicates] = rows[0] ?? (await ask(`SELECT ${totals}`)).rows[0] ?? [];
    const textual = new Set([columns.indexOf('match_reason'), columns.indexOf('says')]);
    const found = rows.map((row) =>
      row
        .map((value, at) =>
          typeof value === 'string' ? cutText(value, textual.has(at) ? longest : TABLE_TEXT) : value,
        )
        .slice(FACTS),
    );
    const place = 'rows' in start ? (row: SqlValue[]) => start.rows.indexOf(Number(row[0])) : () => 0;
    return {
      columns: columns.slice(FACTS),
      rows: found.sort((a, b) => place(a) - place(b)),
      matching: Number(matching),
      offset: Number(nth) - 1,
      hiddenDuplicates: Number(duplicates),
    };
  }

  /** Rows of all companies that a selection leaves, in its order, and no more than `limit`. */
  async ids(jobId: string, selection: Selection, limit: number, call: Call): Promise<number[]> {
    const { sql, params } = listed(jobId, selection);
    const asked = { sql: `SELECT row FROM companies WHERE ${sql} ORDER BY row`, params, maxRows: limit };
    return (await askFinal(this.#lists, jobId, asked, call)).rows.map(([row]) => Number(row));
  }

  /** Rows of the companies that have these keys, the first one of each. */
  async rowsOf(jobId: string, keys: readonly string[], call: Call): Promise<number[]> {
    const sql = `SELECT row FROM companies WHERE job_id = ? AND same_as IS NULL
        AND company_key IN (SELECT value FROM json_each(?)) ORDER BY row`;
    const asked = { sql, params: [jobId, JSON.stringify(keys)], maxRows: keys.length };
    return (await askFinal(this.#lists, jobId, asked, call)).rows.map(([row]) => Number(row));
  }

  /** Domains of the companies that a selection leaves, each once, from an offset on. */
  async domains(
    jobId: string,
    { sort, descending, ...selection }: Selection & Order,
    { offset, limit }: { offset: number; limit: number },
    call: Call,
  ): Promise<string[]> {
    const { sql, params } = listed(jobId, selection);
    const asked = {
      sql: `SELECT domain FROM (SELECT domain, ROW_NUMBER() OVER (PARTITION BY domain ORDER BY row) AS nth,
          ROW_NUMBER() OVER (ORDER BY ${order(sort, descending)}) AS place FROM companies
          WHERE ${sql} AND domain IS NOT NULL AND domain <> '') WHERE nth = 1 ORDER BY place LIMIT ? OFFSET ?`,
      params: [...params, limit, offset],
      maxRows: limit,
    };
    return (await askFinal(this.#lists, jobId, asked, call)).rows.map(([domain]) => String(domain));
  }

  /** The companies counted by what filters can ask for: see `Facets`. */
  async counts(jobId: string, selection: Selection, call: Call): Promise<Facets> {
    const { countries, sizes, stages, verdicts } = selection;
    const all = { ...selection, countries: [], sizes: [], stages: [], verdicts: [] };
    const { sql, params } = listed(jobId, all);
    // One pass over all companies; what the four filters leave of it is worked out here.
    const asked = {
      sql: `SELECT ${VALUES.verdict}, ${VALUES.country}, ${VALUES.size}, ${VALUES.stage}, MIN(country), COUNT(*)
          FROM companies WHERE ${sql} GROUP BY 1, 2, 3, 4`,
      params,
      maxRows: MOST_GROUPS,
      maxText: 200,
    };
    const { rows } = await askFinal(this.#lists, jobId, asked, call);
    const chosen = [verdicts, countries, sizes, stages].map((values) => new Set(values));
    const counted = chosen.map(() => new Map<string, Bucket>());
    for (const cells of rows) {
      const values = cells.slice(0, 4).map(String);
      const misses = values.map((value, at) => (chosen[at]?.size ?? 0) > 0 && !chosen[at]?.has(value));
      const count = Number(cells[5]);
      for (const [at, value] of values.entries()) {
        const here = counted[at];
        if (!here || misses.some((miss, other) => miss && other !== at)) continue;
        const label = at === 1 ? String(cells[4] ?? value) : value;
        const known = here.get(value) ?? { value, label, count: 0 };
        here.set(value, { ...known, count: known.count + count });
      }
    }
    const [byVerdict, byCountry, bySize, byStage] = counted.map(mostFirst);
    const sizesInOrder = [...TABLE_SIZES.map(([, label]) => label), UNKNOWN];
    return {
      verdicts: byVerdict ?? [],
      countries: byCountry ?? [],
      sizes: sizesInOrder.flatMap((label) => bySize?.find(({ value }) => value === label) ?? []),
      stages: byStage ?? [],
    };
  }
}

/** The row beside which a page begins, and as SQL how many companies of the list stand before the page. */
function begin(start: PageStart, shown: string, limit: number): { anchor: number | null; first: string } {
  if ('offset' in start) return { anchor: null, first: String(Math.trunc(start.offset)) };
  const [anchor, beside] =
    'after' in start
      ? [start.after, '<=']
      : 'before' in start
        ? [start.before, '<']
        : ['rows' in start ? (start.rows[0] ?? 0) : start.from, '<'];
  const row = Math.trunc(anchor);
  const before = `(SELECT COUNT(*) FROM placed WHERE ${shown} AND place ${beside} (SELECT place FROM placed WHERE row = ${row}))`;
  return { anchor: row, first: 'before' in start ? `MAX(0, ${before} - ${limit})` : before };
}

function mostFirst(counted: ReadonlyMap<string, Bucket>): Bucket[] {
  return [...counted.values()].sort(
    (a, b) =>
      Number(a.value === UNKNOWN) - Number(b.value === UNKNOWN) ||
      b.count - a.count ||
      (a.value < b.value ? -1 : 1),
  );
}
