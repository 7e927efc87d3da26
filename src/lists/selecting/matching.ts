import type { SqlValue } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';

/** Which companies of a list are wanted; what is undefined leaves nobody out. */
export interface Traits {
  /** Headquarters countries as ISO alpha-3 codes, or EU. */
  locations: readonly string[] | undefined;
  min_employees: number | undefined;
  max_employees: number | undefined;
}

export interface Matching {
  /** Rows that match, and how many companies they are, each counted once. */
  rows: number;
  distinct: number;
  /** Rows of which it is not known whether they match, as their country or size is not. */
  unknown: number;
  /** Some of the rows that match, by number, in order of rank. */
  numbers: number[];
}

/** Counts the rows of a list that match, and finds those from `offset` on. */
export async function matchingRows(
  lists: CollectedLists,
  list: CollectedList,
  traits: Traits,
  { offset, max, signal }: { offset: number; max: number; signal: AbortSignal },
): Promise<Matching> {
  const { sql, params } = condition(traits);
  const [counted, found] = await lists.ask(
    [list],
    [
      {
        sql: `SELECT SUM(m), SUM(m AND same_as IS NULL), SUM(m IS NULL) FROM (SELECT ${sql} AS m, same_as FROM companies)`,
        params,
        maxRows: 1,
      },
      {
        sql: `SELECT "row" FROM companies WHERE ${sql} ORDER BY "row" LIMIT ? OFFSET ?`,
        params: [...params, max, offset],
        maxRows: max,
      },
    ],
    { signal },
  );
  const [rows = 0, distinct = 0, unknown = 0] = (counted?.rows[0] ?? []).map(Number);
  return { rows, distinct, unknown, numbers: (found?.rows ?? []).map(([row]) => Number(row)) };
}

const SIZE = "CASE WHEN typeof(employees) IN ('integer', 'real') THEN employees END";

/** Whether a company matches, as SQL: 1, 0, or NULL where that is not known. */
function condition({ locations, min_employees: min, max_employees: max }: Traits) {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  if (locations !== undefined) {
    const codes = locations.filter((code) => code !== 'EU');
    const among = `country_code IN (${codes.map(() => '?').join(', ')})`;
    parts.push(codes.length < locations.length ? `(${among} OR in_eu = 1)` : among);
    params.push(...codes);
  }
  if (min !== undefined) {
    parts.push(`${SIZE} >= ?`);
    params.push(min);
  }
  if (max !== undefined) {
    parts.push(`${SIZE} <= ?`);
    params.push(max);
  }
  return { sql: `(${parts.join(' AND ') || '1'})`, params };
}
