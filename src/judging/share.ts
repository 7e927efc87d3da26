import { bandOf } from './spread.ts';

/** A company by its rank, and what its verdict counts: 0, a half or 1; null without one. */
export interface Ranked {
  row: number;
  worth: number | null;
}

/** The normal distribution's quantile for an interval that holds in 90 %. */
const Z = 1.6449;
/** What is rarer than this on one side is outside of a 90 % interval. */
const ONE_SIDE = 0.05;
/** Finer bands than this make no estimate better. */
const MAX_BANDS = 100;

/**
 * The share of companies, in order of rank, that fit: the mean of equal bands of rank, with Wilson's 90 % interval corrected
 * for a finite population. Bounds lie on whole companies, and allow for the drops (or keeps) found being all there are:
 * of 99 that fit in 100, Wilson's alone misses the share as soon as the drop is found. @returns null where none is judged
 */
export function shareOf(companies: readonly Ranked[]) {
  const values = companies.flatMap(({ worth }) => worth ?? []);
  const [judged, all] = [values.length, companies.length];
  if (judged === 0) return null;
  const least = sum(values) / all;
  if (judged === all) return { share: least, low: least, high: least };
  let estimate = 0;
  let doubt = 0;
  let allKeeps = 1;
  let allDrops = 1;
  for (const band of bandsOf(companies)) {
    const found = band.flatMap(({ worth }) => worth ?? []);
    const part = found.length / band.length;
    estimate += (band.length * sum(found)) / found.length;
    doubt += ((band.length / all) ** 2 * (1 - part)) / found.length;
    allKeeps *= part ** found.filter((worth) => worth > 0).length;
    allDrops *= part ** found.filter((worth) => worth < 1).length;
  }
  const share = Math.min(1, estimate / all);
  const [low, high] = wilson(share, 1 / doubt);
  const unit = values.includes(0.5) ? 0.5 : 1;
  const whole = (bound: number) => (Math.round((bound * all) / unit) * unit) / all;
  const most = least + (all - judged) / all;
  return {
    share,
    low: Math.min(share, allKeeps >= ONE_SIDE ? least : Math.max(least, whole(low))),
    high: Math.max(share, allDrops >= ONE_SIDE ? most : Math.min(most, whole(high))),
  };
}

/** The companies in the finest equal bands of which each has a verdict. */
function bandsOf(companies: readonly Ranked[]): Ranked[][] {
  const first = companies[0]?.row ?? 1;
  const length = (companies.at(-1)?.row ?? 1) - first + 1;
  const judged = companies.filter(({ worth }) => worth !== null);
  for (let count = Math.min(MAX_BANDS, length, 2 * judged.length); ; count -= 1) {
    const band = ({ row }: Ranked) => bandOf(row - first + 1, length, count);
    const served = new Set(judged.map(band));
    if (!companies.every((company) => served.has(band(company)))) continue;
    const bands = Array.from({ length: count }, (): Ranked[] => []);
    for (const company of companies) bands[band(company)]?.push(company);
    return bands.filter((each) => each.length > 0);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Wilson's score interval of a share that was found with so many verdicts (need not be whole). */
export function wilson(share: number, verdicts: number): [low: number, high: number] {
  const pull = Z ** 2 / verdicts;
  const centre = (share + pull / 2) / (1 + pull);
  const reach = (Z / (1 + pull)) * Math.sqrt((share * (1 - share)) / verdicts + pull / (4 * verdicts));
  return [centre - reach, centre + reach];
}
