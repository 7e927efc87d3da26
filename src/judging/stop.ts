import type { Ranked } from './share.ts';

/** Shares that are tried, as many above one half as below. */
const STEPS = 40;
/** How likely it must be that the share falls below one half at all. */
const SURE = 0.7;
/**
 * Which part of the likely places lies before the one named. Below the middle, because a list begins better than it
 * goes on: the head of a bad stretch looks like the end of the good one, so that the middle comes too late.
 */
const EARLY = 0.2;
/**
 * What lies before and behind the likely rows. Of lists made to fall from one even share to another, these hold the
 * fall in 96 to 99 %; of recorded ones put together, 70 to 80 %, since no real list is even on both sides.
 */
const TAIL = 0.02;

/**
 * Where the share falls below one half for good: before it more than half fit, behind it less. Every row between the
 * first verdict and the last is weighed by how well the verdicts agree with a fall there, whatever the two shares are
 * (each even over its half of 0 to 1); against that, that there is none, with which the chance is taken to be even.
 *
 * @param companies in order of rank, of a list without unknown stretches
 * @returns the last row to keep, and between which rows that likely lies; null where it is not likely that there is one
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
