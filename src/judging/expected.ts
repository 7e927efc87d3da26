import { fitOf, type Judged, WORTH } from './fit.ts';
import { shareOf } from './share.ts';

/** How many companies of a list not yet bought fit, by the verdicts on an earlier one. Interval: 90 %. */
export interface Expected {
  companies: number;
  fitting: number;
  low: number;
  high: number;
  /** null where none is expected to fit. */
  credits_per_fit: number | null;
}

/**
 * What an earlier list, judged, lets expect of one of `companies` rows that is as right as it: its share as `fitOf`
 * weighs it, and an interval as wide as if its verdicts were a sample of the new list, since they are no more than
 * that even where all of the earlier one is judged. Rows that count nowhere are taken to be as many a row again.
 *
 * @returns null where nothing is judged, or only a part of the earlier list: its first rows tell nothing of the others
 */
export function expectedOf(earlier: Judged, companies: number): Expected | null {
  const fit = fitOf(earlier);
  if (fit === null || fit.share === null) return null;
  const rows = Array.from({ length: earlier.companies }, (_, at) => at + 1);
  const counting = rows.filter((row) => !earlier.excluded.has(row));
  const worth = new Map(
    counting.flatMap((row) => {
      const verdict = earlier.verdicts.get(row);
      return verdict === undefined ? [] : [[row, WORTH[verdict]] as const];
    }),
  );
  const beyond = Math.max(0, companies - earlier.companies);
  const sampled = shareOf(
    [...counting, ...Array.from({ length: beyond }, (_, at) => rows.length + at + 1)],
    worth,
  );
  if (sampled === null) return null;
  const part = (counting.length / earlier.companies) * companies;
  const within = (share: number) => Math.min(1, Math.max(0, share)) * part;
  // Its own share stands in the middle of the interval that the sample has.
  const shift = fit.share - sampled.share;
  const fitting = fit.share * part;
  return {
    companies,
    fitting,
    low: within(sampled.low + shift),
    high: within(sampled.high + shift),
    credits_per_fit: fitting === 0 ? null : companies / fitting,
  };
}
