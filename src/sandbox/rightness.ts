import { randomOf } from './companies.ts';
import type { JobBody } from './validation.ts';

/** Of the companies behind the last good rank, about so many are right. */
const BEHIND = 0.2;

/**
 * Whether the company of a rank (from 0) is of the kind that is looked for. How many are differs between searches, as
 * recorded ones do: seeds with a query find most, seeds alone fewest. Lists begin well, get slowly worse with rank, and
 * from some rank on hardly anything in them is right. A pilot is as right as the first ranks of a larger search.
 */
export function isRight(
  { query, seed_domains, limit, search_type }: JobBody,
  seed: number,
  rank: number,
): boolean {
  const words = `${query?.toLowerCase() ?? ''} ${[...(seed_domains ?? [])].sort().join(' ')}`;
  const luck = randomOf(hash(words), 0, 7)();
  const least = query === undefined ? 0.35 : seed_domains === undefined ? 0.55 : 0.7;
  const tight = search_type === 'agentic' ? 0.05 : 0;
  const last = Math.max(120 + luck * 130, limit * 0.6);
  const share = rank < last ? least + 0.25 * luck + tight - (0.1 * rank) / last : BEHIND;
  return randomOf(seed, rank, 8)() < share;
}

/** A number for a text (FNV-1a). */
export function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value | 0;
}
