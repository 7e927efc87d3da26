import { estimateTokens } from '../lib/tokens.ts';
import { resultOf, type ToolAnswer } from './answer.ts';

export interface Budget {
  /** Characters of each half. */
  chars: number;
  /** Tokens (o200k) of both halves together. */
  tokens: number;
}

/** No result is ever larger: clients cut or refuse more. Some room is left for what the boundary adds. Tokens. */
const MOST_TOKENS = 23_000;

/** A result that nobody asked to be large: no client cuts 8,000 characters. Some room is left for notices. */
export const DEFAULT_BUDGET: Budget = { chars: 7_500, tokens: MOST_TOKENS };
/** A result whose size the caller chose by arguments. */
export const CHOSEN_BUDGET: Budget = { chars: Infinity, tokens: MOST_TOKENS };

/** Whether what was made fits: an answer by both its halves, anything else by its tokens. */
export function fits(made: unknown, { chars, tokens }: Budget): boolean {
  const result = isAnswer(made) ? resultOf(made) : null;
  const text = result?.content.map((each) => (each.type === 'text' ? each.text : '')).join('') ?? '';
  if (result && Math.max(text.length, JSON.stringify(result.structuredContent).length) > chars) return false;
  const json = JSON.stringify(result ?? made);
  // Nothing has so few tokens for its length.
  return json.length < tokens * 12 && estimateTokens(json) <= tokens;
}

function isAnswer(made: unknown): made is ToolAnswer {
  return typeof made === 'object' && made !== null && 'parts' in made;
}

/** The largest `n` from `max` down to 0 for which what `build(n)` makes fits; that must not shrink as `n` grows. */
export function largestFitting<T>(
  max: number,
  budget: Budget,
  build: (n: number) => T,
): { n: number; built: T } {
  const all = build(max);
  if (max <= 0 || fits(all, budget)) return { n: Math.max(0, max), built: all };
  let low = 0;
  let high = max - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(build(middle), budget)) low = middle;
    else high = middle - 1;
  }
  return { n: low, built: build(low) };
}

/** One way to tell things: `most` of them, or down to `least` where that many do not fit. */
export interface Way<T> {
  most: number;
  /** `most` where it is left out. */
  least?: number;
  build: (n: number) => T;
}

/** What the first of these ways makes that fits, or else what the last of them makes. */
export function fitting<T>(budget: Budget, ways: readonly Way<T>[]): T {
  let last: T | undefined;
  for (const { most, least = most, build } of ways) {
    const { n, built } = least < most ? largestFitting(most, budget, build) : { n: most, built: build(most) };
    if (n >= least && fits(built, budget)) return built;
    last = built;
  }
  if (last === undefined) throw new Error('There is no way to tell it.');
  return last;
}
