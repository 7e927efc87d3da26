import { readFileSync, writeFileSync } from 'node:fs';
import { decode, encode } from 'gpt-tokenizer/encoding/o200k_base';
import { KINDS, kindOf } from '../src/lib/tokens.ts';
import { HOSTILE_KINDS, hostileText } from '../test/hostile-lengths.ts';
import { syntheticPages } from '../test/synthetic-rows.ts';

// Measures with o200k what src/lib/tokens.ts estimates by, and writes src/lib/token-table.ts: `npm run tokens`. The
// texts are made up from fixed seeds, so that the table is the same each time; it changes with them alone.

const FILE = 'src/lib/token-table.ts';
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What a digit stands for: see src/lib/tokens.ts. */
const PAIR_UNIT = 1 / 40;
const BLOCK_UNIT = 1 / 16;
/** An estimate has to be no less than what any text costs, so each share counts for more than was measured. */
const PAIR_MARGIN = 1.3;
const BLOCK_MARGIN = 1.3;

/** Of text of each kind that no tokenizer has words for: pieces, each of so many characters. */
const HOSTILE_PIECES = 40;
const PIECE = 2_500;
/** Characters of a block that are measured, in words of this many. */
const BLOCK_CHARS = 2_000;
const BLOCK_WORD = 6;

/** How a text is cut into tokens: where each but the first begins, in UTF-16 units; parts of characters aside. */
function cuts(text: string): Set<number> {
  const found = new Set<number>();
  let held: number[] = [];
  let at = 0;
  for (const token of encode(text)) {
    held.push(token);
    const piece = decode(held);
    if (!text.startsWith(piece, at)) continue;
    at += piece.length;
    found.add(at);
    held = [];
  }
  return found;
}

/** Shares of pairs of kinds of characters between which a token ends, as digits; for pairs that never came, 1. */
function pairs(texts: readonly string[]): string {
  const seen = new Float64Array(KINDS * KINDS);
  const cut = new Float64Array(KINDS * KINDS);
  for (const text of texts) {
    const ends = cuts(text);
    for (let index = 1; index < text.length; index += 1) {
      const [before, here] = [kindOf(text.charCodeAt(index - 1)), kindOf(text.charCodeAt(index))];
      if (before === -1 || here === -1) continue;
      const pair = before * KINDS + here;
      seen[pair] = (seen[pair] ?? 0) + 1;
      if (ends.has(index)) cut[pair] = (cut[pair] ?? 0) + 1;
    }
  }
  const share = (pair: number) => ((seen[pair] ?? 0) === 0 ? 1 : (cut[pair] ?? 0) / (seen[pair] ?? 1));
  return Array.from(seen, (_, pair) => digit((share(pair) * PAIR_MARGIN) / PAIR_UNIT)).join('');
}

/** Tokens that a character of each block of 128 costs, as digits; for blocks without any, the most there can be. */
function blocks(): string {
  return Array.from({ length: 512 }, (_, block) => {
    const signs = Array.from({ length: 128 }, (_, sign) => String.fromCharCode(block * 128 + sign)).filter(
      (sign) => /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(sign),
    );
    if (signs.length === 0) return digit(Number.POSITIVE_INFINITY);
    // Each sign beside each other one sooner or later, whatever their order in the block is.
    let text = '';
    for (let index = 0; index < BLOCK_CHARS; index += 1) {
      text += signs[(index * 37 + Math.floor(index / signs.length) * 11) % signs.length];
      if (index % BLOCK_WORD === BLOCK_WORD - 1) text += '\n';
    }
    const breaks = Math.floor(BLOCK_CHARS / BLOCK_WORD);
    const cost = Math.max((encode(text).length - breaks / 2) / BLOCK_CHARS, 1);
    return digit((cost * BLOCK_MARGIN) / BLOCK_UNIT);
  }).join('');
}

function digit(value: number): string {
  return DIGITS.charAt(Math.min(Math.ceil(value), DIGITS.length - 1));
}

function literal(name: string, digits: string): string {
  const lines = digits.match(/.{1,100}/g) ?? [];
  return `export const ${name} =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

const companies = syntheticPages(4).flatMap((page) => [
  JSON.stringify(page),
  page.map((row) => Object.values(row).join('|')).join('\n'),
]);
const hostile = HOSTILE_KINDS.flatMap((kind) =>
  Array.from({ length: HOSTILE_PIECES }, (_, seed) => hostileText(kind, PIECE, seed)),
);
const table = `// Measured with o200k over company data and over text that no tokenizer knows, by .build/token-table.ts.

/** How often a token ends between two printable ASCII characters, by the kinds (tokens.ts) of the first and the second. */
${literal('PAIRS', pairs([...companies, ...hostile]))}
/** Tokens a character costs, by blocks of 128 characters of the basic plane. */
${literal('BLOCKS', blocks())}`;
if (!process.argv.includes('--check')) writeFileSync(FILE, table);
else if (readFileSync(FILE, 'utf8') !== table) {
  process.stderr.write(`${FILE} is not what its texts make of it now: npm run tokens\n`);
  process.exitCode = 1;
}
