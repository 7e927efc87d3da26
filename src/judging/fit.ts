import { counted } from '../lib/text.ts';
import { type Ranked, shareOf } from './share.ts';
import { stopOf } from './stop.ts';

/** How right a list is, by the verdicts on it. Shares are fractions of 1, intervals hold in 90 %. */
export type Fit = NonNullable<ReturnType<typeof fitOf>>;

export interface Judged {
  /** Rows of the list: ranks 1 to this. */
  companies: number;
  /** By row. */
  verdicts: ReadonlyMap<number, keyof typeof WORTH>;
  /** Rows that are not asked about, and count nowhere, verdict or not: seeds, duplicates, known companies. */
  excluded: ReadonlySet<number>;
  /** Rows judged together for what they have in common: they count as they are, and say nothing of the others. */
  ofOneKind?: ReadonlySet<number>;
  /** What the list has cost; null where that is not known. */
  credits: number | null;
}

const WORTH = { keep: 1, maybe: 0.5, drop: 0 } as const;
const MAX_STRETCHES = 5;
/** Verdicts that a stretch must have to be told apart from its neighbours, four by four. */
const PER_STRETCH = 4;
/** A run of companies without a verdict may be this part of the list; of a longer one nothing is known. */
const MAX_UNJUDGED = 0.2;

/**
 * How much of a list fits, with its doubt and its basis; a `maybe` counts half. Where nothing is known of a stretch, the
 * list has no share, only bounds that hold whatever the stretch is like. @returns null where nothing is judged
 */
export function fitOf({ companies, verdicts, excluded, ofOneKind, credits }: Judged) {
  const counting: Ranked[] = [];
  const counts = { keep: 0, maybe: 0, drop: 0 };
  for (let row = 1; row <= companies; row += 1) {
    if (excluded.has(row)) continue;
    const verdict = verdicts.get(row);
    if (verdict !== undefined) counts[verdict] += 1;
    counting.push({ row, worth: verdict === undefined ? null : WORTH[verdict] });
  }
  const all = counting.length;
  const judged = counting.filter(({ worth }) => worth !== null);
  // Where nobody is left to speak for, all verdicts are alike.
  const isKnown = ({ row, worth }: Ranked) =>
    judged.length < all && worth !== null && ofOneKind?.has(row) === true;
  const known = judged.filter(isKnown);
  const sample = counting.filter((company) => !isKnown(company));
  const verdictsOf = judged.length - known.length;
  if (verdictsOf === 0) return null;
  const gaps = unknownIn(companies, sample);
  const bounds = boundsOf(sample, gaps);
  const sure = known.reduce((sum, { worth }) => sum + (worth ?? 0), 0);
  const mixed = (share: number) => (known.length === 0 ? share : (sure + share * sample.length) / all);
  const share = bounds.share === null ? null : mixed(bounds.share);
  const expected = share === null ? null : share * all;
  const stop = gaps.length > 0 ? null : stopOf(sample);
  return {
    share,
    low: mixed(bounds.low),
    high: mixed(bounds.high),
    judged: judged.length,
    ...counts,
    basis: [
      known.length > 0 && `${known.length} were marked by a condition, and count as they are. Of the others:`,
      `${basisOf(companies, sample, verdictsOf, gaps)}.`,
      all < companies &&
        `${companies - all} of ${counted(companies, 'row', 'are')} left aside, and count nowhere.`,
      counts.maybe > 0 && 'A maybe counts half.',
      stop &&
        `The share falls below one half for good behind row ${stop.row} or so (likely ${stop.low}–${stop.high}).`,
    ]
      .filter(Boolean)
      .join(' '),
    by_depth: stretchesOf(companies, sample, gaps).map(({ from, to }) => {
      const within = sample.filter(({ row }) => row >= from && row <= to);
      const here = within.filter(({ worth }) => worth !== null).length;
      return { from_row: from, to_row: to, judged: here, ...boundsOf(within, gaps) };
    }),
    expected,
    credits_per_fit: credits === null || !expected ? null : credits / expected,
    stop_at: stop?.row ?? null,
  };
}

interface Stretch {
  from: number;
  to: number;
}

/**
 * Stretches of which nothing is known: runs without a verdict that are longer than any between the verdicts of a spread
 * sample (two bands, one at either end, and a half), and than a fifth of the list or half of what is not judged.
 */
function unknownIn(companies: number, sample: readonly Ranked[]): Stretch[] {
  const places = sample.flatMap(({ worth }, place) => (worth === null ? [] : place));
  const band = sample.length / Math.max(2, places.length);
  const open = sample.length - places.length;
  const gaps: Stretch[] = [];
  let last = -1;
  for (const place of [...places, sample.length]) {
    const run = place - last - 1;
    const usual = (last < 0 || place === sample.length ? 1.5 : 3) * band;
    if (run > usual && (run > MAX_UNJUDGED * sample.length || run > open / 2))
      gaps.push({ from: (sample[last]?.row ?? 0) + 1, to: (sample[place]?.row ?? companies + 1) - 1 });
    last = place;
  }
  return gaps;
}

/** What lies between the gaps, and before and behind them. */
function between(companies: number, gaps: readonly Stretch[]): Stretch[] {
  const starts = [1, ...gaps.map(({ to }) => to + 1)];
  const ends = [...gaps.map(({ from }) => from - 1), companies];
  return starts.map((from, at) => ({ from, to: ends[at] ?? companies })).filter(({ from, to }) => from <= to);
}

/** Share and interval of some companies: of those outside of the gaps by what is judged, of the others 0 to 1. */
function boundsOf(some: readonly Ranked[], gaps: readonly Stretch[]) {
  const known = some.filter(({ row }) => !gaps.some(({ from, to }) => row >= from && row <= to));
  const of = shareOf(known);
  if (of === null) return { share: null, low: 0, high: 1 };
  const unknown = some.length - known.length;
  if (unknown === 0) return of;
  const bound = (share: number, others: number) => (share * known.length + others) / some.length;
  return { share: null, low: bound(of.low, 0), high: bound(of.high, unknown) };
}

/** Where there are gaps, these and what lies between them, as far as that makes five; else equal stretches. */
function stretchesOf(companies: number, sample: readonly Ranked[], gaps: readonly Stretch[]): Stretch[] {
  const parts = [...gaps, ...between(companies, gaps)].sort((a, b) => a.from - b.from);
  if (parts.length > MAX_STRETCHES) return equalParts({ from: 1, to: companies }, MAX_STRETCHES);
  const judgedIn = ({ from, to }: Stretch) =>
    sample.filter(({ row, worth }) => worth !== null && row >= from && row <= to).length;
  const [most] = parts.toSorted((a, b) => judgedIn(b) - judgedIn(a));
  return parts.flatMap((part) => {
    if (part !== most) return [part];
    const wanted = Math.floor(judgedIn(part) / PER_STRETCH);
    return equalParts(part, Math.max(1, Math.min(wanted, MAX_STRETCHES - parts.length + 1)));
  });
}

function equalParts({ from, to }: Stretch, count: number): Stretch[] {
  const length = to - from + 1;
  const parts = Math.min(count, length);
  const start = (part: number) => from + Math.ceil((part * length) / parts);
  return Array.from({ length: parts }, (_, part) => ({ from: start(part), to: start(part + 1) - 1 }));
}

function basisOf(companies: number, sample: readonly Ranked[], judged: number, gaps: readonly Stretch[]) {
  const all = sample.length;
  if (judged === all) return `All ${all} judged`;
  if (gaps.length === 0) return `${judged} judged, spread over ${all}`;
  const names = (stretches: readonly Stretch[]) =>
    stretches.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const known = names(between(companies, gaps));
  const were = judged === 1 ? `rank ${known} was` : `ranks ${known} were`;
  return `Only ${were} judged (${judged} of ${all}): nothing is known of ${names(gaps)}`;
}
