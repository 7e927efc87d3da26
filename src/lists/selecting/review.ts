import { nextOfSample } from '../../judging/spread.ts';
import { MAX_TELLING, tellingText } from '../../judging/telling.ts';
import { oneLine } from '../../lib/text.ts';
import type { Call, CollectedList } from '../collected-list.ts';
import type { Judgement } from '../list-fit.ts';
import { textOf } from './fields.ts';

export const ORDERS = ['rank', 'spread'] as const;
/** `rank`: the best first; `spread`: one company out of each of as many equal bands of rank. */
export type Order = (typeof ORDERS)[number];

export type ReviewBatch = Awaited<ReturnType<typeof nextForReview>>;

/** Cells of a company to judge, cleaned; `text` is as `tellingText` has it. */
export const REVIEWED = ['row', 'name', 'domain', 'country', 'employees', 'text'];

/**
 * The next companies of a list that nobody has judged. Without an order they are spread where nothing is judged, or
 * a part of such a sample and nothing else; then in order of rank. What a condition marked is no part of a sample.
 * The first few of a spread batch are spread as well.
 */
export async function nextForReview(
  list: CollectedList,
  { judged, ofOneKind, open }: Pick<Judgement, 'judged' | 'ofOneKind' | 'open'>,
  { size, order: wanted }: { size: number; order: Order | undefined },
  call: Call,
) {
  const { job_id, companies } = list.about;
  const oneByOne = judged.filter((row) => !ofOneKind.has(row));
  const sample = nextOfSample(job_id, [...oneByOne, ...open], oneByOne, companies, size);
  const order = wanted ?? (sample.goesOn ? 'spread' : 'rank');
  const numbers = order === 'spread' ? sample.rows : open.slice(0, size);
  const found = await list.rows(
    `SELECT "row", name, domain, country, employees, match_reason, tagline, description
      FROM companies WHERE "row" IN (${numbers.join(', ')})`,
    { ...call, maxText: MAX_TELLING },
  );
  const rows = found.map((cells) => {
    const short = cells
      .slice(0, -3)
      .map((cell) => (typeof cell === 'string' ? oneLine(cell, 80) || null : cell));
    const [reason = null, tagline = null, description = null] = cells.slice(-3).map(textOf);
    return [...short, tellingText(reason, tagline, description)];
  });
  const placeOf = ([row]: readonly unknown[]) => numbers.indexOf(Number(row));
  return { order, rows: rows.sort((a, b) => placeOf(a) - placeOf(b)) };
}
