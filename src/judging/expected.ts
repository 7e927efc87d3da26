import type { Fit } from './fit.ts';
import { wilson } from './share.ts';

/** A list that was bought before, as far as it is judged. */
export interface Earlier {
  companies: number;
  /** Companies that count: seeds, duplicates and known ones do not. */
  counting: number;
  fit: Fit | null;
}

/** How much ranks 31 to 100 of 12 recorded searches differ from ranks 1 to 30 beyond chance: standard deviation of the share. */
const DRIFT = 0.14;
/** Of a share near 0 or 1 the variance is not taken to be less. */
const LEAST_VARIANCE = 0.12;

/**
 * What an earlier list lets expect of `companies` rows that are as right: its verdicts are no more than a sample of the new
 * list, and tell less of the ranks that it does not have. @returns null where nothing is judged, or only its first rows
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
