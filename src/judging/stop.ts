import type { Ranked } from './share.ts';

/** Shares that are tried, as many above one half as below. */
const STEPS = 40;
/** How likely it must be that the share falls below one half at all. */
const SURE = 0.7;
/** Which part of the likely places lies before the one named: less than half, since a list begins better than it goes on. */
const EARLY = 0.2;
/** What lies outside of the likely rows on either side. They hold the fall in 96 to 99 % of even lists, 70 to 80 % of real. */
const TAIL = 0.02;

/**
 * Where the share falls below one half for good. Every row between two verdicts is weighed by how well the verdicts agree
 * with a fall there, whatever the two shares are, against that there is none (an even chance). @returns the last row to
 * keep, and between which rows that likely lies; null where a fall is not likely. @param companies in order of rank
 */
export function stopOf(companies: readonly Ranked[]) {
  const verdicts = companies.flatMap(({ row, worth }) => (worth === null ? [] : [{ row, worth }]));
  const fits = verdicts.reduce((sum, { worth }) => sum + worth, 0);
  const misses = verdicts.length - fits;
  let before = 0;
  const places = verdicts.slice(0, -1).map(({ row, worth }, index) => {
    before += worth;
    const missed = index + 1 - before;
    // The lower half is the upper one mirrored.
    const log = likelihood(before, missed) + likelihood(misses - missed, fits - before);
    return { from: row, rows: (verdicts[index + 1]?.row ?? row) - row, log };
  });
  const none = [likelihood(fits, misses), likelihood(misses, fits)];
  const top = Math.max(...none, ...places.map(({ log }) => log));
  const weighed = places.map((place) => ({ ...place, weight: place.rows * Math.exp(place.log - top) }));
  const length = places.reduce((sum, { rows }) => sum + rows, 0);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const against = none.reduce((sum, log) => sum + Math.exp(log - top) / 2, 0);
  if (length === 0 || total / length < SURE * (total / length + against)) return null;
  /** The row before which so much of the likelihood lies. */
  const at = (part: number): number => {
    let left = part * total;
    for (const { from, rows, weight } of weighed) {
      if (left <= weight && weight > 0) return from + Math.min(rows - 1, Math.floor((left / weight) * rows));
      left -= weight;
    }
    return (verdicts.at(-1)?.row ?? 1) - 1;
  };
  return { row: at(EARLY), low: at(TAIL), high: at(1 - TAIL) };
}

const UPPER = Array.from({ length: STEPS }, (_, step) => 0.5 + (step + 0.5) / (2 * STEPS));

/** How likely so many fits and misses are where a share above one half is, each such share being as likely; as a logarithm. */
function likelihood(fits: number, misses: number): number {
  const logs = UPPER.map((share) => fits * Math.log(share) + misses * Math.log(1 - share));
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}
