/** What chance does so seldom that something else is supposed. */
export const RARE = 0.05;
/** Two tables are equally likely that differ by no more than rounding. */
const SAME = 1 + 1e-7;

/**
 * How likely two groups, each with how many have something and of how many, are to differ by chance alone: Fisher's
 * exact test, two-sided. @returns `p`; and `rare`, how likely `p` is `RARE` at the most: 0 where no difference is
 */
export function fisher(first: readonly [number, number], second: readonly [number, number]) {
  const [have, of] = first;
  const sum = have + second[0];
  const least = Math.max(0, sum - second[1]);
  const logs = [0];
  for (let count = least; count < Math.min(of, sum); count += 1) {
    const more = ((of - count) * (sum - count)) / ((count + 1) * (second[1] - sum + count + 1));
    logs.push((logs.at(-1) ?? 0) + Math.log(more));
  }
  const top = logs.reduce((most, log) => Math.max(most, log));
  const weights = logs.map((log) => Math.exp(log - top));
  const total = weights.reduce((all, weight) => all + weight, 0);
  const found = weights[have - least] ?? 0;
  const ascending = weights.toSorted((a, b) => a - b);
  let p = 0;
  let rare = 0;
  let tail = 0;
  ascending.forEach((weight, index) => {
    tail += weight / total;
    if (weight <= found * SAME) p = tail;
    if ((ascending[index + 1] ?? Number.POSITIVE_INFINITY) > weight * SAME && tail <= RARE) rare = tail;
  });
  return { p: Math.min(1, p), rare };
}
