import { sqlLiteral } from '../../sql/columns.ts';
import type { CollectedList } from '../collected-list.ts';

/** Which companies of a list are wanted; what is undefined leaves nobody out. */
export interface Traits {
  /** Headquarters countries as ISO alpha-3 codes, or EU. */
  locations: readonly string[] | undefined;
  min_employees: number | undefined;
  max_employees: number | undefined;
}

/**
 * Counts the rows of a list that match, the companies that they are, and the rows of which it is not known, as their
 * country or size is not; and finds the numbers of those that match from `offset` on, in order of rank.
 */
export async function matchingRows(
  list: CollectedList,
  { locations, min_employees: min, max_employees: max }: Traits,
  { offset, max: most, signal }: { offset: number; max: number; signal: AbortSignal },
) {
  const parts: string[] = [];
  if (locations !== undefined) {
    const codes = locations.filter((code) => code !== 'EU');
    const among = `country_code IN (${codes.map(sqlLiteral).join(', ')})`;
    parts.push(codes.length < locations.length ? `(${among} OR in_eu = 1)` : among);
  }
  // A range counts by its lower end, as in the summary.
  if (min !== undefined) parts.push(`employees_min >= ${min}`);
  if (max !== undefined) parts.push(`employees_min <= ${max}`);
  // 1, 0, or NULL where it is not known.
  const matches = parts.join(' AND ') || '1';
  const [counts = []] = await list.rows(
    `SELECT SUM(m), SUM(m AND same_as IS NULL), SUM(m IS NULL) FROM (SELECT ${matches} AS m, same_as FROM companies)`,
    { signal },
  );
  const found = await list.rows(
    `SELECT "row" FROM companies WHERE ${matches} ORDER BY "row" LIMIT ${most} OFFSET ${offset}`,
    { signal },
  );
  const [rows = 0, distinct = 0, unknown = 0] = counts.map(Number);
  return { rows, distinct, unknown, numbers: found.map(([row]) => Number(row)) };
}
