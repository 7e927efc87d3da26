import { isAmong, type Ranks } from '../../sql/columns.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { Selection as Chosen, Sort } from '../../view/contract.ts';
import { SIZES as ALL_SIZES, sizeSql, UNKNOWN } from '../summary.ts';

/** What of a job's companies is shown; a part that is empty leaves nothing out. */
export interface Selection extends Omit<Chosen, 'ranks' | 'by'> {
  /** Null for all rows. */
  ranks: Ranks | null;
  /** Only these rows; undefined leaves none out. */
  rows?: readonly number[] | undefined;
}

/** A part of a statement with the values for its `?`. */
export interface Sql {
  sql: string;
  params: SqlValue[];
}

/** Sizes that the table tells apart: nobody at all is one of the smallest. */
export const TABLE_SIZES = ALL_SIZES.filter(([upTo]) => upTo > 0);

/** What the filters compare, as SQL; each is one value for every company. */
export const VALUES = {
  country: `COALESCE(country_code, country, '${UNKNOWN}')`,
  size: sizeSql(TABLE_SIZES),
  stage: `COALESCE(funding_stage, '${UNKNOWN}')`,
  verdict: "COALESCE(verdict, 'open')",
  known: "COALESCE(known_in, '[]') <> '[]'",
  knownMaybe: "COALESCE(known_in, '[]') = '[]' AND COALESCE(known_maybe, '[]') <> '[]'",
} as const;

/** Words that a search is cut to. */
const MAX_WORDS = 12;
const SEARCHED = ['name', 'domain', 'headquarters', 'country', 'industries', 'match_reason'];

/** The condition on `companies` for a selection, duplicates left aside. */
export function condition(jobId: string, selection: Selection): Sql {
  const parts: string[] = ['job_id = ?'];
  const params: SqlValue[] = [jobId];
  const text = SEARCHED.map((column) => `COALESCE(${column}, '')`).join(" || ' ' || ");
  const words = selection.search.split(/\s+/).filter((word) => word !== '');
  for (const word of words.slice(0, MAX_WORDS)) {
    parts.push(`${text} LIKE ? ESCAPE '\\'`);
    params.push(`%${word.replace(/[\\%_]/g, '\\$&')}%`);
  }
  const among = (value: string, chosen: readonly string[]) => {
    if (chosen.length === 0) return;
    parts.push(`${value} IN (${chosen.map(() => '?').join(', ')})`);
    params.push(...chosen);
  };
  among(VALUES.country, selection.countries);
  among(VALUES.size, selection.sizes);
  among(VALUES.stage, selection.stages);
  among(VALUES.verdict, selection.verdicts);
  if (selection.ranks !== null) parts.push(isAmong(selection.ranks, '"row"'));
  if (selection.known === 'known') parts.push(VALUES.known);
  if (selection.known === 'maybe') parts.push(VALUES.knownMaybe);
  if (selection.known === 'new') parts.push(`NOT (${VALUES.known}) AND NOT (${VALUES.knownMaybe})`);
  if (selection.rows) parts.push(`row IN (${selection.rows.map(Math.trunc).join(', ')})`);
  return { sql: parts.map((part) => `(${part})`).join(' AND '), params };
}

/** The condition for what a list shows: duplicates left out where they are hidden. */
export function listed(jobId: string, selection: Selection): Sql {
  const { sql, params } = condition(jobId, selection);
  return { sql: selection.duplicates ? sql : `${sql} AND same_as IS NULL`, params };
}

const SORTED_BY: Readonly<Record<Sort, string>> = {
  row: 'row',
  name: 'name COLLATE NOCASE',
  domain: 'domain COLLATE NOCASE',
  country: 'country COLLATE NOCASE',
  employees: 'employees',
  funding: 'funding_stage COLLATE NOCASE',
  reason: 'match_reason COLLATE NOCASE',
  verdict: "CASE verdict WHEN 'keep' THEN 1 WHEN 'maybe' THEN 2 WHEN 'drop' THEN 3 END",
  // The fractional parts of multiples of the golden ratio: each next one falls into a large gap between the others.
  spread: 'row * 0.6180339887498949 - CAST(row * 0.6180339887498949 AS INTEGER)',
};

export const SORTS = Object.keys(SORTED_BY) as Sort[];

/** The order of a sort; what has no value stands last either way, and the rank decides between equals. */
export function order(sort: Sort, descending: boolean): string {
  const direction = descending ? 'DESC' : 'ASC';
  return `${SORTED_BY[sort]} ${direction} NULLS LAST, row ASC`;
}
