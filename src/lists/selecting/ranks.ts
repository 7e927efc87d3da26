import { OpenFunnelError } from '../../lib/errors.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { About } from '../../sql/messages.ts';

/** What "200-" goes up to: more than any list has. */
const END = 10_000_000;
const HINT = 'Give ranks from 1 on, such as "1-180" or "1-50, 90, 200-".';

/**
 * Rows of a list by rank, as "1-180", "12", "200-" or several of these parted by commas, in order and apart from each other.
 * @throws {OpenFunnelError} `invalid_input` for what is no range, or runs backwards
 */
export function toRanks(text: string): Ranks {
  const ranges = text.split(',').map(toRange);
  const apart: Array<{ from: number; to: number }> = [];
  for (const range of ranges.sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to);
    else apart.push({ ...range });
  }
  return apart;
}

function toRange(part: string): { from: number; to: number } {
  const [, low, dash, high] = /^(\d{1,7})(?: ?([-–]) ?(\d{1,7})?)?$/.exec(part.trim()) ?? [];
  if (low === undefined)
    throw wrong(`${JSON.stringify(part.trim().slice(0, 40))} is no range of ranks. ${HINT}`);
  const from = Number(low);
  const to = high === undefined ? (dash === undefined ? from : END) : Number(high);
  if (from < 1) throw wrong(`ranks begin at 1. ${HINT}`);
  if (to < from) throw wrong(`${from}-${to} runs backwards: give "${to}-${from}".`);
  return { from, to };
}

/** What these ranks leave of lists, in words. @throws {OpenFunnelError} `invalid_input` for ranks that none of whole lists has */
export function ranksOf(ranks: Ranks, lists: ReadonlyArray<{ about: Pick<About, 'companies' | 'whole'> }>) {
  const all = lists.reduce((sum, { about }) => sum + about.companies, 0);
  const longest = Math.max(0, ...lists.map(({ about }) => about.companies));
  const beyond = ranks.find(({ from, to }) => from > longest || (to > longest && to < END));
  if (beyond && lists.every(({ about }) => about.whole)) {
    const list = lists.length > 1 ? 'longest list' : 'list';
    throw wrong(`${rankNames([beyond])} goes beyond the ${list}, which has rows 1 to ${longest}.`);
  }
  const left = lists.reduce(
    (sum, { about }) =>
      ranks.reduce((rows, { from, to }) => rows + Math.max(0, Math.min(to, about.companies) - from + 1), sum),
    0,
  );
  return `only rows ${rankNames(ranks)}${lists.length > 1 ? ' of each' : ''} (${left} of ${all})`;
}

/** Ranks as `toRanks` reads them. */
export function rankNames(ranks: Ranks): string {
  return ranks
    .map(({ from, to }) => (from === to ? `${from}` : `${from}-${to === END ? '' : to}`))
    .join(', ');
}

function wrong(what: string): OpenFunnelError {
  return new OpenFunnelError('invalid_input', `rows: ${what} Correct that and call again.`);
}
