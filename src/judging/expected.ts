import type { Fit } from './fit.ts';
import { wilson } from './share.ts';

/** A list that was bought before, as far as it is judged. */
export interface Earlier {
  companies: number;
  /** Companies that count: seeds, duplicates and known ones do not. */
  counting: number;
  fit: Fit | null;
}

/**
 * By how much the share behind the first ranks differs from theirs, beyond what chance does: standard deviation over
 * 12 recorded searches, ranks 31 to 100 against 1 to 30. They are worse by 5 points in the mean.
 */
const DRIFT = 0.14;
/** Of a share near 0 or 1 the variance is not taken to be less. */
const LEAST_VARIANCE = 0.12;

/**
 * What an earlier list, judged, lets expect of one of `companies` rows that is as right as it. Its share is what
 * `fitOf` says, its interval holds in 90 %; its verdicts are no more than a sample of the new list, even where all of it is judged, and tell less
 * of the ranks that it does not have. Rows that count nowhere are taken to be as many a row again.
 *
 * @returns null where nothing is judged, or only a part of the earlier list: its first rows tell nothing of the others
 */
export function expectedOf(earlier: Earlier, companies: number) {
  const { fit, counting } = earlier;
  if (fit === null || fit.share === null) return null;
  const { share, judged } = fit;
  const fitting = (counting / earlier.companies) * companies;
  const deeper = Math.max(0, 1 - earlier.companies / companies);
  const sampled = Math.max(0, 1 - judged / Math.max(counting, fitting)) / judged;
  const drifted = (deeper * DRIFT) ** 2 / Math.max(share * (1 - share), LEAST_VARIANCE);
  const doubt = sampled + drifted;
  const [low, high] = doubt === 0 ? [share, share] : wilson(share, 1 / doubt);
  return {
    fitting: share * fitting,
    low: Math.max(0, low) * fitting,
    high: Math.min(1, high) * fitting,
    credits_per_fit: share === 0 ? null : companies / (share * fitting),
  };
}
