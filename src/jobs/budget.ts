/** Token budgets (o200k) for a whole result, text and structured content together. */
export const DEFAULT_BUDGET = 15_000;
/** For results whose size the caller chose by arguments. The hard promise is 24,000. */
export const FULL_BUDGET = 22_500;

// Where o200k has few words: capitals in a row, and the scripts between Georgian and the signs of East Asia.
const CAPITALS = /^[A-Z]{2,}$/;
const RARE = 0x1100;
const CJK = 0x2000;
const PIECES = /[A-Za-z]+|[0-9]+|\s+|[!-~]|[^!-~\sA-Za-z0-9]+/g;

/**
 * Tokens that `text` costs at the most, without a tokenizer: an estimate that stays above o200k's count on
 * company data (by a tenth to a half), so that what it lets through fits.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    const code = piece.charCodeAt(0);
    if (CAPITALS.test(piece)) tokens += Math.ceil(piece.length * 0.75);
    else if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) tokens += Math.ceil(piece.length / 5);
    else if (code >= 48 && code <= 57) tokens += Math.ceil(piece.length / 3);
    else if (code <= 32) tokens += piece.length > 1 ? Math.ceil(piece.length / 2) : 0.2;
    else if (code < 127) tokens += 0.5;
    else if (code >= RARE) tokens += piece.length * (code < CJK ? 3 : 1.5);
    else tokens += piece.length * 1.5;
  }
  return Math.ceil(tokens);
}

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
