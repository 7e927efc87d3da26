import type { SqlValue } from '../sql/messages.ts';
import type { CollectedLists } from './collected.ts';
import type { CollectedList } from './collected-list.ts';
import { NET_NEW } from './enough.ts';

/** A company as whoever judges it sees it. */
export interface ReviewRow {
  row: number;
  name: string | null;
  domain: string | null;
  country: string | null;
  employees: number | string | null;
  match_reason: string | null;
  /** Its description, or its tagline if it has none. */
  description: string | null;
}

export interface ReviewBatch {
  rows: ReviewRow[];
  /** Companies of the job; those with a verdict; and those without one that are skipped. */
  companies: number;
  judged: number;
  left_out: { seeds: number; duplicates: number; known: number };
  /** Companies without a verdict that are in none of these, this batch included. */
  open: number;
}

/** What is read of a long text. Characters. */
const MAX_READ = 4_000;

/** The next companies of a final job that nobody has judged, in rank order. */
export async function nextForReview(
  lists: CollectedLists,
  list: CollectedList,
  size: number,
  call: { signal: AbortSignal },
): Promise<ReviewBatch> {
  const [counted, next] = await lists.ask(
    [list],
    [
      {
        sql: `SELECT COUNT(*), SUM(verdict IS NOT NULL), SUM(verdict IS NULL AND is_seed = 1),
          SUM(verdict IS NULL AND is_seed = 0 AND same_as IS NOT NULL),
          SUM(verdict IS NULL AND is_seed = 0 AND same_as IS NULL AND known_in <> '[]'),
          SUM(verdict IS NULL AND ${NET_NEW}) FROM companies`,
        maxRows: 1,
      },
      {
        sql: `SELECT "row", name, domain, country, employees, match_reason,
          COALESCE(NULLIF(TRIM(description), ''), tagline) FROM companies
          WHERE verdict IS NULL AND ${NET_NEW} ORDER BY "row" LIMIT ?`,
        params: [size],
        maxRows: size,
        maxText: MAX_READ,
      },
    ],
    call,
  );
  const [companies = 0, judged = 0, seeds = 0, duplicates = 0, known = 0, open = 0] = (
    counted?.rows[0] ?? []
  ).map(Number);
  const rows = (next?.rows ?? []).map(toRow);
  return { rows, companies, judged, left_out: { seeds, duplicates, known }, open };
}

function toRow([row, name, domain, country, employees, match_reason, description]: SqlValue[]): ReviewRow {
  const text = (value: SqlValue | undefined) => (typeof value === 'string' ? value : null);
  return {
    row: Number(row),
    name: text(name),
    domain: text(domain),
    country: text(country),
    employees: employees ?? null,
    match_reason: text(match_reason),
    description: text(description),
  };
}
