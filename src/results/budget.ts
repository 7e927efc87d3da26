import { estimateTokens } from '../lib/tokens.ts';

/** Token budgets (o200k) for a whole result, text and structured content together. */
export const DEFAULT_BUDGET = 15_000;
/** For results whose size the caller chose by arguments. The hard promise is 24,000. */
export const FULL_BUDGET = 22_500;

/**
 * The largest `n` from `max` down to 0 for which what `build(n)` makes fits into `budget` tokens; what it
 * makes must not shrink as `n` grows.
 */
export function largestFitting<T>(
  max: number,
  budget: number,
  build: (n: number) => T,
): { n: number; built: T } {
  const fits = (built: T) => estimateTokens(JSON.stringify(built)) <= budget;
  let built = build(max);
  if (max <= 0 || fits(built)) return { n: Math.max(0, max), built };
  let low = 0;
  let high = max - 1;
  built = build(0);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const candidate = build(middle);
    if (fits(candidate)) {
      low = middle;
      built = candidate;
    } else {
      high = middle - 1;
    }
  }
  return { n: low, built: low === 0 ? build(0) : built };
}
