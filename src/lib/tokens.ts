import { BLOCKS, PAIRS } from './token-table.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What a digit of the tables stands for. Tokens. */
const PAIR_UNIT = 1 / 40;
const BLOCK_UNIT = 1 / 16;
const SPACE = 32;
const PRINTABLE = 95;
/** Half of a sign outside the basic plane: four bytes that are no word of o200k's. Tokens. */
const SURROGATE = 2;

let tables: { pairs: Float64Array; blocks: Float64Array } | undefined;

/**
 * Tokens (o200k) that `text` costs at the most, without a tokenizer. Above the true count by some two thirds on
 * company data, and still above it on text that no tokenizer has words for: gibberish, base64, slugs, signs of
 * any script. What it lets through fits.
 */
export function estimateTokens(text: string): number {
  tables ??= {
    pairs: Float64Array.from(PAIRS, (digit) => DIGITS.indexOf(digit) * PAIR_UNIT),
    blocks: Float64Array.from(BLOCKS, (digit) => DIGITS.indexOf(digit) * BLOCK_UNIT),
  };
  const { pairs, blocks } = tables;
  let tokens = 1;
  let digits = 0;
  let before = -1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const here = code - SPACE;
    if (code >= 48 && code <= 57) {
      // Digits go in threes, whatever stands around them.
      if (digits % 3 === 0) tokens += 1;
      digits += 1;
      before = here;
      continue;
    }
    digits = 0;
    if (here >= 0 && here < PRINTABLE) {
      tokens += before < 0 ? 1 : (pairs[before * PRINTABLE + here] ?? 1);
      before = here;
    } else {
      before = -1;
      if (here < 0 || code === 127) tokens += 1;
      else if (code >= 0xd800 && code <= 0xdfff) tokens += SURROGATE;
      else tokens += blocks[code >> 7] ?? 3;
    }
  }
  return Math.ceil(tokens);
}
