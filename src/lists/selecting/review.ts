import { nextOfSample } from '../../judging/spread.ts';
import { MAX_TELLING, tellingText } from '../../judging/telling.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';
import type { Judgement } from '../fit.ts';

export const ORDERS = ['rank', 'spread'] as const;
/** `rank`: the best first; `spread`: one company out of each of as many equal bands of rank. */
export type Order = (typeof ORDERS)[number];

/** A company as whoever judges it sees it. */
export interface ReviewRow {
  row: number;
  name: string | null;
  domain: string | null;
  country: string | null;
  employees: number | string | null;
  /** Why OpenFunnel matched it, and what the company says of itself, as `tellingText` has it. */
  text: string | null;
}

/** The next companies to judge. */
export interface ReviewBatch {
  order: Order;
  /** The first few of them are spread as well, where that is their order. */
  rows: ReviewRow[];
}

/**
 * The next companies of a list that nobody has judged. Without an order they are spread where nothing is judged, or
 * a part of such a sample and nothing else; then in order of rank. What a condition marked is no part of a sample.
 */
export async function nextForReview(
  lists: CollectedLists,
  list: CollectedList,
  { judged, ofOneKind, open }: Pick<Judgement, 'judged' | 'ofOneKind' | 'open'>,
  { size, order: wanted }: { size: number; order: Order | undefined },
  call: { signal: AbortSignal },
): Promise<ReviewBatch> {
  const { job_id, companies } = list.about;
  const oneByOne = judged.filter((row) => !ofOneKind.has(row));
  const sample = nextOfSample(job_id, [...oneByOne, ...open], oneByOne, companies, size);
  const order = wanted ?? (sample.goesOn ? 'spread' : 'rank');
  const numbers = order === 'spread' ? sample.rows : open.slice(0, size);
  if (numbers.length === 0) return { order, rows: [] };
  const found = await lists.rows(
    [list],
    `SELECT "row", name, domain, country, employees, match_reason, tagline, description
      FROM companies WHERE "row" IN (${numbers.join(', ')})`,
    { ...call, maxRows: numbers.length, maxText: MAX_TELLING },
  );
  const byRow = new Map(found.map((values) => [Number(values[0]), toRow(values)]));
  return { order, rows: numbers.flatMap((row) => byRow.get(row) ?? []) };
}

function toRow([row, name, domain, country, employees, reason, tagline, description]: SqlValue[]): ReviewRow {
  const text = (value: SqlValue | undefined) => (typeof value === 'string' ? value : null);
  return {
    row: Number(row),
    name: text(name),
    domain: text(domain),
    country: text(country),
    employees: employees ?? null,
    text: tellingText({ reason: text(reason), tagline: text(tagline), description: text(description) }),
  };
}
