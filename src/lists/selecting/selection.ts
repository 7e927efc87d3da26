import { isAmong, type Ranks } from '../../sql/columns.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { ShownSelection, Sort, TableOrder } from '../../view/contract.ts';
import { SIZES, UNKNOWN } from '../summary.ts';

/** What of a job's companies is shown; a part that is empty leaves nothing out. */
export interface Selection extends Omit<ShownSelection, 'ranks'> {
  /** Null for all rows. */
  ranks: Ranks | null;
}

/** What the filters compare, as SQL; each is one value for every company. */
export const VALUES = {
  countries: `COALESCE(country_code, country, '${UNKNOWN}')`,
  sizes: SIZES.sql,
  stages: `COALESCE(funding_stage, '${UNKNOWN}')`,
  verdicts: "COALESCE(verdict, 'open')",
  known: "COALESCE(known_in, '[]') <> '[]'",
  knownMaybe: "COALESCE(known_in, '[]') = '[]' AND COALESCE(known_maybe, '[]') <> '[]'",
} as const;

/** Who judged a company, as SQL; questions of callers have no column for it. */
export const BY =
  '(SELECT m."by" FROM marks m WHERE m.job_id = companies.job_id AND m."row" = companies."row")';

const MAX_WORDS = 12;
const SEARCHED = ['name', 'domain', 'headquarters', 'country', 'industries', 'match_reason'];

/** The condition on `companies` that a selection is, with the values for its `?`. */
export function condition(selection: Selection): { sql: string; params: SqlValue[] } {
  const parts = ['1'];
  const params: SqlValue[] = [];
  const text = SEARCHED.map((column) => `COALESCE(${column}, '')`).join(" || ' ' || ");
  const words = selection.search.split(/\s+/).filter((word) => word !== '');
  for (const word of words.slice(0, MAX_WORDS)) {
    parts.push(`${text} LIKE ? ESCAPE '\\'`);
    params.push(`%${word.replace(/[\\%_]/g, '\\$&')}%`);
  }
  for (const filter of ['countries', 'sizes', 'stages', 'verdicts'] as const) {
    const chosen = selection[filter];
    if (chosen.length === 0) continue;
    parts.push(`${VALUES[filter]} IN (${chosen.map(() => '?').join(', ')})`);
    params.push(...chosen);
  }
  if (selection.ranks !== null) parts.push(isAmong(selection.ranks, '"row"'));
  if (selection.known === 'known') parts.push(VALUES.known);
  if (selection.known === 'maybe') parts.push(VALUES.knownMaybe);
  if (selection.known === 'new') parts.push(`NOT (${VALUES.known}) AND NOT (${VALUES.knownMaybe})`);
  if (selection.by !== '') {
    parts.push(`${BY} = ?`);
    params.push(selection.by);
  }
  if (!selection.duplicates) parts.push('same_as IS NULL');
  return { sql: parts.map((part) => `(${part})`).join(' AND '), params };
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

/** The clause that orders by a sort; what has no value stands last either way, and the rank decides between equals. */
export function order({ sort, descending }: TableOrder): string {
  return `ORDER BY ${SORTED_BY[sort]} ${descending ? 'DESC' : 'ASC'} NULLS LAST, row ASC`;
}
