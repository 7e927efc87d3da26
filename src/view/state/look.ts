import type { Verdict } from '../../lib/verdicts.ts';
import type { Facets, ShownCompany, ShownSelection, Sort } from '../contract.ts';
import type { Operation, State } from './model.ts';

// What can be read off a state.

/** Orders of the list with what they are called; those with `wide` have a column where there is room. */
export const SORT_ORDERS: ReadonlyArray<{ sort: Sort; label: string; wide: boolean }> = [
  { sort: 'row', label: 'Rank', wide: true },
  { sort: 'name', label: 'Company', wide: false },
  { sort: 'country', label: 'Country', wide: true },
  { sort: 'employees', label: 'Employees', wide: true },
  { sort: 'funding', label: 'Funding', wide: true },
  { sort: 'verdict', label: 'Verdict', wide: false },
  { sort: 'domain', label: 'Website', wide: false },
  { sort: 'reason', label: 'Why it matches', wide: false },
];

/** The most rows that a page grows to, and those that it begins with. */
export const MOST_ROWS = 1_000;

export function pageSize({ host }: State): number {
  return host.displayMode === 'fullscreen' ? 100 : 10;
}

export function waiting({ queue, jobId }: State): Operation[] {
  return queue.filter((operation) => operation.jobId === jobId);
}

const TROUBLES = {
  ok: '',
  lost: 'Connection lost. Trying again …',
  slow: 'The chat program does not answer.',
  denied:
    'This chat program does not let the table go on: what is shown stays. In the chat, the model can read, judge and export the companies.',
};

/** What is wrong with the calls, and what waits for them; empty where nothing is. */
export function troubleOf(state: State): string {
  const count = state.connection === 'ok' ? 0 : waiting(state).length;
  const changes = count === 1 ? '1 change' : `${count} changes`;
  const unsaved = count === 0 ? '' : ` Not saved yet: ${changes}, kept here and sent later.`;
  return TROUBLES[state.connection] + unsaved;
}

/** A row's verdict as the user gave it, whether the server has it yet or not. */
export function verdictOf(state: State, row: number): Verdict | null {
  const queued = queuedVerdict(state, row);
  if (queued !== undefined) return queued;
  const company = state.companies.get(row);
  if (!company || company.key === '') return company?.verdict ?? null;
  return state.place.early.find(({ key }) => key === company.key)?.verdict ?? null;
}

/** The verdict that is on its way for a row; undefined where none is. */
export function queuedVerdict(state: State, row: number): Verdict | null | undefined {
  const shown = waiting(state).flatMap(({ shows }) => shows);
  return shown.findLast((each) => each.row === row)?.verdict;
}

/** Whether anything but the choice of duplicates narrows the list. */
export function isFiltered({ duplicates: _, ...narrowing }: ShownSelection): boolean {
  return Object.values(narrowing).some(({ length }) => length > 0);
}

/** Verdicts under the filters other than the one for verdicts, with what is on its way to the server. */
export function tally(state: State) {
  const rows = new Set(waiting(state).flatMap(({ shows }) => shows.map(({ row }) => row)));
  const moves = [...rows].flatMap((row): Move[] => {
    const company = state.companies.get(row);
    return company ? [[company.verdict, verdictOf(state, row)]] : [];
  });
  const counts = shifted(state.status?.facets?.verdicts ?? NONE_JUDGED, moves);
  return { ...counts, all: counts.open + counts.keep + counts.maybe + counts.drop };
}

const NONE_JUDGED = { open: 0, keep: 0, maybe: 0, drop: 0 };
export type Move = readonly [from: Verdict | null, to: Verdict | null];

/** Counts of verdicts after some companies have got others. */
export function shifted(before: Facets['verdicts'], moves: readonly Move[]): Facets['verdicts'] {
  const counts = { ...before };
  for (const [from, to] of moves) {
    counts[from ?? 'open'] = Math.max(0, counts[from ?? 'open'] - 1);
    counts[to ?? 'open'] += 1;
  }
  return counts;
}

export function decidedNow({ upcoming, companies }: State): ShownCompany | null {
  return companies.get(upcoming[0] ?? 0) ?? null;
}

const ENOUGH_PACES = 6;

/** Minutes that the open companies take at the pace of the last verdicts; null where that is not known yet. */
export function minutesLeft(state: State): number | null {
  const [first = 0, ...later] = state.judgedAt;
  if (later.length + 1 < ENOUGH_PACES) return null;
  const pace = ((later.at(-1) ?? first) - first) / later.length;
  return (pace * tally(state).open) / 60_000;
}

const ENOUGH_VERDICTS = 20;

/** Whether enough is judged for the model to go on, and something is left for it. */
export function canAskModel(state: State): boolean {
  const counts = state.status?.counts;
  if (!state.host.canMessage || !counts) return false;
  const { keep, maybe, drop, by_model } = counts;
  return keep + maybe + drop - by_model >= ENOUGH_VERDICTS && tally(state).open > 0;
}

/** Looks at the job, 3 seconds apart, while somebody else marks; counted up to 0. */
export const OTHERS_MARK = -20;

/** Milliseconds until the job is asked about again; null: not by itself, or not before the answer that is awaited. */
export function pollDelay(state: State, now: number): number | null {
  const { stopped, opened, host, asked, lookedAt } = state;
  if (stopped !== 'no' || !opened || !host.visible || asked.status > 0) return null;
  const pause = pollPause(state);
  return pause === null ? null : Math.max(0, lookedAt + pause - now);
}

/** Milliseconds between two looks at the job; null where nothing of it can change. */
function pollPause({ status, connection, failures, refused, quiet }: State): number | null {
  const slower = (first: number, times: number) => Math.min(first * 2 ** times, 60_000);
  if (connection === 'denied' || (connection === 'ok' && !status && refused?.again === false)) return null;
  if (connection !== 'ok' || !status?.terminal) return slower(2_000, failures);
  if (!status.final) return null;
  return quiet < 0 ? 3_000 : slower(7_500, quiet);
}
