import { bandOf } from './spread.ts';

/** The normal distribution's quantile for an interval that holds in 90 %. */
const Z = 1.6449;
/** What is rarer than this on one side is outside of a 90 % interval. */
const ONE_SIDE = 0.05;
/** Finer bands than this make no estimate better. */
const MAX_BANDS = 100;

/** Which part fits, as a fraction of 1, with its 90 % interval. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/**
 * The share of companies that fit, from those of them that are judged. The mean of equal bands of rank, as many as
 * have a verdict each, weighted by how many companies each has; so that a stretch judged more closely than the rest
 * counts for no more than its length. Wilson's 90 % interval, with as many verdicts as would be as sure if they had
 * been drawn from an endless list, which for one verdict a band is the correction for a finite population.
 *
 * Two things follow from the list being finite. A bound lies on a whole company (half ones with a `maybe`). And where
 * the chance is not small that the drops found are all there are, the upper bound allows for it, as does the lower for
 * the keeps: of 99 that fit in 100, Wilson's interval alone misses the share as soon as the one drop is found.
 *
 * @param companies rows of all companies, in order
 * @param worth of the judged ones, what each counts: 0, a half or 1
 * @returns null where none is judged; exact where all are
 */
export function shareOf(companies: readonly number[], worth: ReadonlyMap<number, number>): Share | null {
  const values = companies.flatMap((row) => worth.get(row) ?? []);
  const judged = values.length;
  const all = companies.length;
  if (judged === 0) return null;
  const fitting = values.reduce((sum, value) => sum + value, 0);
  if (judged === all) return { share: fitting / all, low: fitting / all, high: fitting / all };
  let estimate = 0;
  let doubt = 0;
  let allKeeps = 1;
  let allDrops = 1;
  for (const band of bandsOf(companies, worth)) {
    const part = band.judged / band.all;
    estimate += (band.all * band.fitting) / band.judged;
    doubt += ((band.all / all) ** 2 * (1 - part)) / band.judged;
    allKeeps *= part ** band.keeps;
    allDrops *= part ** band.drops;
  }
  const share = Math.min(1, estimate / all);
  const [low, high] = wilson(share, 1 / doubt);
  const unit = values.includes(0.5) ? 0.5 : 1;
  const whole = (bound: number) => (Math.round((bound * all) / unit) * unit) / all;
  const least = fitting / all;
  const most = (all - judged + fitting) / all;
  return {
    share,
    low: Math.min(share, allKeeps >= ONE_SIDE ? least : Math.max(least, whole(low))),
    high: Math.max(share, allDrops >= ONE_SIDE ? most : Math.min(most, whole(high))),
  };
}

interface Band {
  all: number;
  judged: number;
  fitting: number;
  /** Judged companies that are not a plain drop, and not a plain keep: a `maybe` is in both. */
  keeps: number;
  drops: number;
}

/** The finest equal bands of which each has a verdict. */
function bandsOf(companies: readonly number[], worth: ReadonlyMap<number, number>): Band[] {
  const first = companies[0] ?? 1;
  const length = (companies.at(-1) ?? 1) - first + 1;
  const judged = companies.filter((row) => worth.has(row)).length;
  const finest = Math.min(MAX_BANDS, length, 2 * judged);
  for (let count = finest; count > 1; count -= 1) {
    const band = (row: number) => bandOf(row - first + 1, length, count);
    const served = new Set(companies.flatMap((row) => (worth.has(row) ? band(row) : [])));
    if (companies.every((row) => served.has(band(row)))) return grouped(companies, worth, band);
  }
  return grouped(companies, worth, () => 0);
}

function grouped(
  companies: readonly number[],
  worth: ReadonlyMap<number, number>,
  bandAt: (row: number) => number,
): Band[] {
  const bands = new Map<number, Band>();
  for (const row of companies) {
    const at = bandAt(row);
    const band = bands.get(at) ?? { all: 0, judged: 0, fitting: 0, keeps: 0, drops: 0 };
    bands.set(at, band);
    band.all += 1;
    const value = worth.get(row);
    if (value === undefined) continue;
    band.judged += 1;
    band.fitting += value;
    if (value > 0) band.keeps += 1;
    if (value < 1) band.drops += 1;
  }
  return [...bands.values()];
}

/** Wilson's score interval of a share that was found with so many verdicts (need not be whole). */
export function wilson(share: number, verdicts: number): [low: number, high: number] {
  const pull = Z ** 2 / verdicts;
  const centre = (share + pull / 2) / (1 + pull);
  const reach = (Z / (1 + pull)) * Math.sqrt((share * (1 - share)) / verdicts + pull / (4 * verdicts));
  return [centre - reach, centre + reach];
}
