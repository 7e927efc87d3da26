import { type Share, shareOf } from './share.ts';
import { stopOf } from './stop.ts';

/** A stretch of rank and how much of it fits; `share` is null where too little of it is judged to say. */
export interface Depth {
  from_row: number;
  to_row: number;
  judged: number;
  share: number | null;
  low: number;
  high: number;
}

/** How right a list is, by the verdicts on it. Shares are fractions of 1, intervals hold in 90 %. */
export interface Fit {
  /** Of the whole list; null where a part of it is unknown. */
  share: number | null;
  /** With an unknown part: as if nothing of it fitted, or (`high`) all of it. */
  low: number;
  high: number;
  judged: number;
  keep: number;
  maybe: number;
  drop: number;
  /** What all this rests on, in a sentence or two. */
  basis: string;
  /** Up to five stretches, which together are the list. */
  by_depth: Depth[];
  /** How many companies of the list fit, null as `share` is. */
  expected: number | null;
  credits_per_fit: number | null;
  /** The last row to keep, where the share falls below one half for good behind it. */
  stop_at: number | null;
}

export interface Judged {
  /** Rows of the list: ranks 1 to this. */
  companies: number;
  /** By row. */
  verdicts: ReadonlyMap<number, keyof typeof WORTH>;
  /** Rows that are not asked about, and count nowhere, verdict or not: seeds, duplicates, known companies. */
  excluded: ReadonlySet<number>;
  /**
   * Rows judged together for what they have in common: they count as they are, and say nothing of the others. None
   * where left out.
   */
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
 * How much of a list fits, with its doubt and its basis; a `maybe` counts half. A sample that is spread over the list
 * speaks for all of it. Of a stretch with no verdict in it that is much longer than those between the others (below
 * the first rows, where only the first were judged) nothing is known: then the list has no share, only bounds that
 * hold whatever the stretch is like, and the stretches judged have theirs in `by_depth`.
 *
 * @returns null where nothing is judged; exact where everything is
 */
export function fitOf(judged: Judged): Fit | null {
  const { companies, verdicts, excluded, ofOneKind = NONE } = judged;
  const rows = rowsTo(companies);
  const aside = rows.filter((row) => excluded.has(row)).length;
  const isOpen = (row: number) => !excluded.has(row) && !verdicts.has(row);
  if (ofOneKind.size === 0 || !rows.some(isOpen)) return estimated(judged, aside);
  const sampled = estimated({ ...judged, excluded: new Set([...excluded, ...ofOneKind]) }, aside);
  return sampled && together(sampled, judged, ofOneKind, companies - aside);
}

const NONE: ReadonlySet<number> = new Set();

const rowsTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

/** How much of a list fits where a part of it, of one kind, is known as it is, and a sample speaks for the others, `all` in sum. */
function together(sampled: Fit, { verdicts, credits }: Judged, known: ReadonlySet<number>, all: number): Fit {
  const counts = { keep: 0, maybe: 0, drop: 0 };
  for (const row of known) counts[verdicts.get(row) ?? 'maybe'] += 1;
  const { keep, maybe, drop } = counts;
  const mixed = (share: number) => (keep + maybe * WORTH.maybe + share * (all - known.size)) / all;
  const share = sampled.share === null ? null : mixed(sampled.share);
  const expected = share === null ? null : share * all;
  return {
    ...sampled,
    share,
    low: mixed(sampled.low),
    high: mixed(sampled.high),
    judged: sampled.judged + known.size,
    keep: sampled.keep + keep,
    maybe: sampled.maybe + maybe,
    drop: sampled.drop + drop,
    basis: `${known.size} were marked by a condition, and count as they are. Of the others: ${sampled.basis}`,
    expected,
    credits_per_fit: credits === null || !expected ? null : credits / expected,
  };
}

/** @param aside Rows that count nowhere. */
function estimated({ companies, verdicts, excluded, credits }: Judged, aside: number): Fit | null {
  const rows: number[] = [];
  for (let row = 1; row <= companies; row += 1) if (!excluded.has(row)) rows.push(row);
  const worth = new Map<number, number>();
  const counts = { keep: 0, maybe: 0, drop: 0 };
  for (const row of rows) {
    const verdict = verdicts.get(row);
    if (verdict === undefined) continue;
    worth.set(row, WORTH[verdict]);
    counts[verdict] += 1;
  }
  if (worth.size === 0) return null;
  const gaps = unknownIn(companies, rows, worth);
  const bounds = boundsOf(rows, worth, gaps);
  const stop = gaps.length > 0 ? null : stopOf([...worth]);
  const expected = bounds.share === null ? null : bounds.share * rows.length;
  return {
    ...bounds,
    judged: worth.size,
    ...counts,
    basis: [
      `${basisOf(companies, rows, worth, gaps)}.`,
      ...(aside > 0 ? [`${aside} of ${companies} rows are left aside, and count nowhere.`] : []),
      ...(counts.maybe > 0 ? ['A maybe counts half.'] : []),
      ...(stop
        ? [
            `The share falls below one half for good behind row ${stop.row} or so (likely ${stop.low}–${stop.high}).`,
          ]
        : []),
    ].join(' '),
    by_depth: stretchesOf(companies, worth, gaps).map(({ from, to }) => {
      const within = rows.filter((row) => row >= from && row <= to);
      return {
        from_row: from,
        to_row: to,
        judged: within.filter((row) => worth.has(row)).length,
        ...boundsOf(within, worth, gaps),
      };
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
 * Stretches of which nothing is known. Two things make one of a run of companies without a verdict: it is longer than
 * a fifth of the list; or it has most of what is not judged, and is longer than any between the verdicts of a spread
 * sample can well be, so that "the first ninety of a hundred" is one too. Where there are few verdicts, runs are long
 * anyhow: between two companies of neighbouring bands there are up to two bands, and one at either end.
 */
function unknownIn(
  companies: number,
  rows: readonly number[],
  worth: ReadonlyMap<number, number>,
): Stretch[] {
  const places = rows.flatMap((row, place) => (worth.has(row) ? place : []));
  const band = rows.length / Math.max(2, places.length);
  const open = rows.length - places.length;
  const gaps: Stretch[] = [];
  let last = -1;
  for (const place of [...places, rows.length]) {
    const run = place - last - 1;
    const usual = (last < 0 || place === rows.length ? 1.5 : 3) * band;
    if (run > usual && (run > MAX_UNJUDGED * rows.length || run > open / 2))
      gaps.push({ from: (rows[last] ?? 0) + 1, to: (rows[place] ?? companies + 1) - 1 });
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
function boundsOf(
  rows: readonly number[],
  worth: ReadonlyMap<number, number>,
  gaps: readonly Stretch[],
): Omit<Share, 'share'> & { share: number | null } {
  const known = rows.filter((row) => !gaps.some(({ from, to }) => row >= from && row <= to));
  const of = shareOf(known, worth);
  if (of === null) return { share: null, low: 0, high: 1 };
  if (known.length === rows.length) return of;
  const unknown = rows.length - known.length;
  return {
    share: null,
    low: (of.low * known.length) / rows.length,
    high: (of.high * known.length + unknown) / rows.length,
  };
}

/** Where there are gaps, these and what lies between them, as far as that makes five; else equal stretches. */
function stretchesOf(
  companies: number,
  worth: ReadonlyMap<number, number>,
  gaps: readonly Stretch[],
): Stretch[] {
  const parts = [...gaps, ...between(companies, gaps)].sort((a, b) => a.from - b.from);
  if (parts.length > MAX_STRETCHES) return equalParts({ from: 1, to: companies }, MAX_STRETCHES);
  const judgedIn = ({ from, to }: Stretch) =>
    [...worth.keys()].filter((row) => row >= from && row <= to).length;
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

function basisOf(
  companies: number,
  rows: readonly number[],
  worth: ReadonlyMap<number, number>,
  gaps: readonly Stretch[],
): string {
  const all = rows.length;
  if (worth.size === all) return `All ${all} judged`;
  if (gaps.length === 0) return `${worth.size} judged, spread over ${all}`;
  const known = between(companies, gaps).map(nameOf).join(', ');
  const were = worth.size === 1 ? `rank ${known} was` : `ranks ${known} were`;
  return `Only ${were} judged (${worth.size} of ${all}): nothing is known of ${gaps.map(nameOf).join(', ')}`;
}

function nameOf({ from, to }: Stretch): string {
  return from === to ? `${from}` : `${from}–${to}`;
}
