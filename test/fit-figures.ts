import { expect, test } from 'vitest';
import { type Fit, fitOf } from '../src/judging/fit.ts';
import { spreadSample } from '../src/judging/spread.ts';
import { randomOf } from '../src/sandbox/companies.ts';
import { realVerdicts } from './real-rows.ts';
import { scaled } from './scale.ts';

// How often the intervals hold, and how wide they are, over lists of which every row is judged. What is drawn comes
// of the names of the draws alone, so each run measures the same.

/** Which of a list's rows are right, in the order of rank. */
type List = readonly boolean[];

const rowsOf = (list: List) => list.map((_, index) => index + 1);
const partOf = (list: List) => list.filter(Boolean).length / list.length;

function fitOfSample(list: List, draw: string, size: number): Fit {
  const rows = spreadSample(draw, rowsOf(list), [], list.length, size);
  const verdicts = new Map(rows.map((row) => [row, list[row - 1] ? 'keep' : 'drop'] as const));
  const fit = fitOf({ companies: list.length, verdicts, excluded: new Set(), credits: list.length });
  if (fit === null) throw new Error('nothing is judged');
  return fit;
}

/** Of all draws, in how many the interval holds the share; and the mean width. */
function measured(lists: readonly List[], size: number, draws: number): { held: number; width: number } {
  let held = 0;
  let width = 0;
  for (const list of lists)
    for (let draw = 0; draw < draws; draw += 1) {
      const { share, low, high } = fitOfSample(list, `draw ${draw}`, size);
      if (share === null) throw new Error('a spread sample speaks for the whole list');
      if (low <= partOf(list) + 1e-9 && high >= partOf(list) - 1e-9) held += 1;
      width += high - low;
    }
  return { held: held / (lists.length * draws), width: width / (lists.length * draws) };
}

/** What is measured for a size, once. */
function once<T>(measure: (size: number) => T): (size: number) => T {
  const known = new Map<number, T>();
  return (size) => {
    const found = known.get(size) ?? measure(size);
    known.set(size, found);
    return found;
  };
}

/** In how many of the lists put together the cut is within 20 ranks of the seam, and in how many there is none. */
function cuts(pairs: ReadonlyArray<readonly [good: List, bad: List]>, draws: number) {
  let near = 0;
  let none = 0;
  pairs.forEach(([good, bad], pair) => {
    for (let draw = 0; draw < draws; draw += 1) {
      const { stop_at } = fitOfSample([...good, ...bad], `pair ${pair} draw ${draw}`, 40);
      if (stop_at === null) none += 1;
      else if (Math.abs(stop_at - good.length) <= 20) near += 1;
    }
  });
  const all = pairs.length * draws;
  return { near: near / all, none: none / all };
}

/** A list of 100 whose share falls evenly with rank. */
function invented(number: number, first: number, last: number): List {
  const random = randomOf(27, number, 1);
  return Array.from({ length: 100 }, (_, row) => random() < first + ((last - first) * row) / 99);
}

const SLOPES = [
  [1, 0.98],
  [0.98, 0.9],
  [0.95, 0.85],
  [0.9, 0.75],
  [0.85, 0.7],
  [0.85, 0.6],
  [0.8, 0.5],
  [0.65, 0.55],
  [0.6, 0.6],
  [0.6, 0.35],
  [0.45, 0.2],
  [0.3, 0.05],
] as const;
const LISTS = SLOPES.map(([first, last], number) => invented(number, first, last));
const GOOD = LISTS.slice(0, 6);

/** Tests that hold over any lists, by what was measured of them with samples of a size. */
function figuresOfSamples(of: (size: number) => { held: number; width: number }): void {
  test.each([10, 20, 40])('with %i verdicts the interval holds as often as it says', (size) => {
    const { held } = of(size);
    expect(held).toBeGreaterThanOrEqual(0.87);
    expect(held).toBeLessThanOrEqual(0.97);
  });

  test('twenty verdicts give the share within an eighth either way', () => {
    expect(of(20).width).toBeLessThanOrEqual(0.25);
  });
}

/** Tests over lists that are invented. */
export function figuresOfInvented(): void {
  const of = once((size) => measured(LISTS, size, scaled(60)));

  figuresOfSamples(of);

  test.each([true, false])(
    'one company that is unlike all others (right: %s) does not mislead when found',
    (one) => {
      const list = Array.from({ length: 100 }, (_, row) => (row === 50) === one);
      for (const size of [10, 20, 40]) expect(measured([list], size, scaled(100)).held).toBe(1);
    },
  );

  test('the cut of forty verdicts is near the seam of a good list and a bad one', () => {
    const pairs = GOOD.map((good, pair) => [good, invented(100 + pair, 0.25, 0.1)] as const);
    expect(cuts(pairs, scaled(20)).near).toBeGreaterThanOrEqual(0.8);
  });

  test('two good lists, one behind the other, have no cut as a rule', () => {
    const pairs = GOOD.map((good, pair) => [good, GOOD[(pair + 1) % GOOD.length] ?? good] as const);
    expect(cuts(pairs, scaled(20)).none).toBeGreaterThanOrEqual(0.9);
  });
}

/** Tests over the recorded searches that were judged: `draws` samples of each. */
export function figuresOfRecorded(draws: number): void {
  const lists = (realVerdicts ?? []).map(({ right }) => right);
  const of = once((size) => measured(lists, size, draws));

  figuresOfSamples(of);

  test('the cut of forty verdicts is near the seam of a good list and one that is mostly wrong', () => {
    const good = lists.filter((list) => partOf(list) >= 0.7);
    const bad = lists.filter((list) => partOf(list) <= 0.3);
    expect(bad).not.toEqual([]);
    const pairs = good.flatMap((first) => bad.map((second) => [first, second] as const));
    expect(cuts(pairs, Math.ceil(draws / 7)).near).toBeGreaterThanOrEqual(0.8);
  });
}
