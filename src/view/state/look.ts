import type { Bucket, Company, Selection, Sort, Verdict } from '../contract.ts';
import type { Operation, State } from './model.ts';

// What can be read off a state.

/** Orders of the list with what they are called; those with `wide` have a column where there is room. */
export const ORDERS: ReadonlyArray<{ sort: Sort; label: string; wide: boolean }> = [
  { sort: 'row', label: 'Rank', wide: true },
  { sort: 'name', label: 'Company', wide: false },
  { sort: 'country', label: 'Country', wide: true },
  { sort: 'employees', label: 'Employees', wide: true },
  { sort: 'funding', label: 'Funding', wide: true },
  { sort: 'verdict', label: 'Verdict', wide: false },
  { sort: 'domain', label: 'Website', wide: false },
  { sort: 'reason', label: 'Why it matches', wide: false },
];

/** Rows of a page where the chat is, and in full screen; and the most that a growing page has. */
export const INLINE_ROWS = 10;
export const FULL_ROWS = 100;
export const MOST_ROWS = 1_000;

export function pageSize({ host }: Pick<State, 'host'>): number {
  return host.displayMode === 'fullscreen' ? FULL_ROWS : INLINE_ROWS;
}

/** The operations on this job that the server does not have yet. */
export function waiting({ queue, jobId }: Pick<State, 'queue' | 'jobId'>): Operation[] {
  return queue.filter((operation) => operation.jobId === jobId);
}

/** A row's verdict as the user gave it, whether the server has it yet or not. */
export function verdictOf(
  state: Pick<State, 'queue' | 'jobId' | 'companies' | 'place'>,
  row: number,
): Verdict | null {
  const queued = queuedVerdict(state, row);
  if (queued !== undefined) return queued;
  const company = state.companies.get(row);
  if (!company || company.key === '') return company?.verdict ?? null;
  return state.place.early.find(([key]) => key === company.key)?.[1] ?? null;
}

/** The verdict that is on its way for a row; undefined where none is. */
export function queuedVerdict(
  state: Pick<State, 'queue' | 'jobId'>,
  row: number,
): Verdict | null | undefined {
  return waiting(state)
    .flatMap(({ shows }) => shows)
    .findLast(([each]) => each === row)?.[1];
}

/** Whether anything but the choice of duplicates narrows the list. */
export function isFiltered({ duplicates: _, ...narrowing }: Selection): boolean {
  return Object.values(narrowing).some(({ length }) => length > 0);
}

/** How many companies have which verdict. */
export interface Tally {
  all: number;
  open: number;
  keep: number;
  maybe: number;
  drop: number;
}

/** Verdicts under the filters other than the one for verdicts, with what is on its way to the server. */
export function tally(state: State): Tally {
  const buckets = shifted(state.status?.facets?.verdicts ?? [], movesOf(state));
  const [open, keep, maybe, drop] = (['open', 'keep', 'maybe', 'drop'] as const).map(
    (value) => buckets.find((bucket) => bucket.value === value)?.count ?? 0,
  ) as [number, number, number, number];
  return { all: open + keep + maybe + drop, open, keep, maybe, drop };
}

/** Of each row with a verdict on its way: the one that the server has, and the new one. */
function movesOf(state: State): Array<readonly [Verdict | null, Verdict | null]> {
  const rows = new Set(waiting(state).flatMap(({ shows }) => shows.map(([row]) => row)));
  return [...rows].flatMap((row) => {
    const company = state.companies.get(row);
    return company ? [[company.verdict, verdictOf(state, row)] as const] : [];
  });
}

/** Buckets of verdicts after some companies have got others. */
export function shifted(
  verdicts: readonly Bucket[],
  moves: ReadonlyArray<readonly [from: Verdict | null, to: Verdict | null]>,
): Bucket[] {
  const counts = new Map(verdicts.map(({ value, count }) => [value, count]));
  for (const [from, to] of moves) {
    counts.set(from ?? 'open', (counts.get(from ?? 'open') ?? 0) - 1);
    counts.set(to ?? 'open', (counts.get(to ?? 'open') ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, label: value, count: Math.max(0, count) }));
}

/** The company that is decided now, or null. */
export function decidedNow({ upcoming, companies }: State): Company | null {
  const [row] = upcoming;
  return row === undefined ? null : (companies.get(row) ?? null);
}

/** Verdicts that companies are decided of: the open ones, unless another tab is chosen. */
export function toDecide({ verdicts }: Selection): readonly string[] {
  return verdicts.length === 0 ? ['open'] : verdicts;
}

/** Verdicts before the pace is told, and the longest time that counts as deciding. Milliseconds. */
const ENOUGH_PACES = 5;
export const LONGEST_PACE = 60_000;

/** Minutes that the open companies take at the pace of the last verdicts; null where that is not known yet. */
export function minutesLeft(state: State): number | null {
  if (state.paces.length < ENOUGH_PACES) return null;
  const sorted = [...state.paces].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return (median * tally(state).open) / 60_000;
}

/** Verdicts of the user's after which the model can go on like these. */
const ENOUGH_VERDICTS = 20;

/** Whether enough is judged for the model to go on, and something is left for it. */
export function canAskModel(state: State): boolean {
  const counts = state.status?.counts;
  if (!state.host.canMessage || !counts) return false;
  const { keep, maybe, drop, by_model } = counts;
  return keep + maybe + drop - by_model >= ENOUGH_VERDICTS && tally(state).open > 0;
}

/** Milliseconds until the job is asked about again; null: not by itself. */
export function pollDelay(state: State, now: number): number | null {
  const { status, connection, failures, stopped, host, opened } = state;
  if (stopped !== 'no' || !opened || connection === 'denied' || !host.visible) return null;
  if (connection !== 'ok') return Math.min(2_000 * 2 ** Math.min(failures, 5), 60_000);
  const slower = 2_000 * 2 ** Math.min(failures, 5);
  if (!status) return state.refused?.again === false ? null : Math.min(slower, 60_000);
  if (!status.terminal) return Math.min(slower, 60_000);
  // Nothing of a failed job changes.
  if (!status.final) return null;
  const others = state.othersAt === null ? Number.POSITIVE_INFINITY : now - state.othersAt;
  if (others < 60_000) return 3_000;
  return Math.min(7_500 * 2 ** Math.min(state.quiet, 3), 60_000);
}
