/** Where a list stops being worth reading, by its verdicts. */
export interface Stop {
  /** The last row to keep. */
  row: number;
  /** Between which rows it likely lies. */
  low: number;
  high: number;
}

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
 * @param verdicts of rows in ascending order, what each counts: 0, a half or 1; of a list without unknown stretches
 * @returns null where it is not likely that there is such a place
 */
export function stopOf(verdicts: ReadonlyArray<readonly [row: number, worth: number]>): Stop | null {
  const fits = verdicts.reduce((sum, [, worth]) => sum + worth, 0);
  const misses = verdicts.length - fits;
  // One even half's likelihood of so many fits and misses, as a logarithm; the lower half is the upper one mirrored.
  const above = (hits: number, others: number) => logMean(UPPER, hits, others);
  const places: Array<{ from: number; to: number; log: number }> = [];
  let before = 0;
  verdicts.forEach(([row, worth], index) => {
    before += worth;
    const next = verdicts[index + 1];
    if (next === undefined) return;
    const left = above(before, index + 1 - before);
    const right = above(misses - (index + 1 - before), fits - before);
    places.push({ from: row, to: next[0], log: left + right });
  });
  const none = [above(fits, misses), above(misses, fits)];
  const top = Math.max(...none, ...places.map(({ log }) => log));
  const weights = places.map(({ from, to, log }) => (to - from) * Math.exp(log - top));
  const length = places.reduce((sum, { from, to }) => sum + to - from, 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const against = none.reduce((sum, log) => sum + Math.exp(log - top) / 2, 0);
  if (length === 0 || total / length < SURE * (total / length + against)) return null;
  const at = (part: number): number => {
    let left = part * total;
    for (const [index, { from, to }] of places.entries()) {
      const weight = weights[index] ?? 0;
      if (left <= weight && weight > 0)
        return Math.min(to - 1, from + Math.floor((left / weight) * (to - from)));
      left -= weight;
    }
    return (verdicts.at(-1)?.[0] ?? 1) - 1;
  };
  return { row: at(EARLY), low: at(TAIL), high: at(1 - TAIL) };
}

const UPPER = Array.from({ length: STEPS }, (_, step) => {
  const share = 0.5 + (step + 0.5) / (2 * STEPS);
  return { fit: Math.log(share), miss: Math.log(1 - share) };
});

function logMean(shares: typeof UPPER, fits: number, misses: number): number {
  const logs = shares.map(({ fit, miss }) => fits * fit + misses * miss);
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}
