import type { PagePlace, RowsRead, ShownSelection } from '../contract.ts';
import type { Draft } from './draft.ts';
import { askRows, clearRun, goTo, readPage, remember } from './list.ts';
import { verdictOf } from './look.ts';

// One company at a time. The next ones are read ahead, each page behind the last row of the one before; those that
// were passed over come again when all others are done.

/** Companies that are read ahead, and the number below which more are. */
const AHEAD = 8;
const LOW = 5;

/** Begins with a row, or with the first company that is open. */
export function decide(draft: Draft, { row }: { row: number | null }): void {
  clearRun(draft);
  draft.place = { ...draft.place, mode: 'decide', current: row ?? draft.place.current };
  draft.upcoming = row === null ? [] : [row];
  draft.selected = new Set();
  readAhead(draft, row === null ? {} : { from: row });
  draft.effects.push({ do: 'focus', on: 'card' });
}

/** Back to the list, at the company that was decided. */
export function leaveDecide(draft: Draft): void {
  const current = draft.upcoming[0] ?? draft.place.current;
  draft.place = { ...draft.place, mode: 'list', current };
  draft.details = new Map();
  if (current === null) readPage(draft, {});
  else goTo(draft, current);
}

/** Reads more companies to decide where they run low. @param last Whether none are left behind these. */
export function readAhead(draft: Draft, start?: PagePlace, last = false): void {
  const { place, upcoming, allRead } = draft;
  if (place.mode !== 'decide' || draft.asked.upcoming > 0 || allRead) return;
  if (start === undefined && upcoming.length >= LOW) return;
  const before = upcoming.at(-1) ?? place.current;
  const begin = start ?? (before === null ? {} : { after: before });
  const order = place.spread ? { sort: 'spread', descending: false } : {};
  const how = { ...order, verdicts: wanted(draft), limit: last ? 100 : AHEAD, long: true };
  askRows(draft, 'upcoming', { ...begin, ...how }, (then, found) => showUpcoming(then, found, last));
}

/** Verdicts that companies are decided of: the open ones, unless another tab is chosen. */
function wanted({ place }: Draft): ShownSelection['verdicts'] {
  return place.selection.verdicts.length === 0 ? ['open'] : place.selection.verdicts;
}

function showUpcoming(draft: Draft, { rows }: RowsRead, last: boolean): void {
  remember(draft, rows);
  const { upcoming, seen, place } = draft;
  const isNew = (row: number) => !upcoming.includes(row) && !seen.has(row);
  const fresh = rows
    .map(({ row }) => row)
    .filter((row) => isNew(row) && wanted(draft).includes(verdictOf(draft, row) ?? 'open'));
  draft.upcoming = [...upcoming, ...fresh];
  draft.allRead = last;
  draft.place = { ...place, current: draft.upcoming[0] ?? place.current };
  // The card is there now, where there was none to take the focus.
  if (upcoming.length === 0 && fresh.length > 0) draft.effects.push({ do: 'focus', on: 'card' });
  // Behind the last one there is none: those passed over are looked for from the beginning, once.
  if (rows.length === 0) readAhead(draft, {}, true);
  else readAhead(draft);
}

/** The first of the upcoming companies is done with. */
export function decided(draft: Draft, row: number): void {
  draft.seen = new Set([...draft.seen, row]);
  comeNext(draft, row, draft.upcoming.filter(other(row)));
}

/** Passes over the company: it comes again when all others are done. */
export function skip(draft: Draft): void {
  const [row, ...rest] = draft.upcoming;
  if (row === undefined) return;
  comeNext(draft, row, draft.allRead ? [...rest, row] : rest);
}

/** A company comes back, since what was said of it was taken back. */
export function again(draft: Draft, row: number): void {
  draft.seen = new Set([...draft.seen].filter(other(row)));
  comeNext(draft, row, [row, ...draft.upcoming.filter(other(row))]);
  draft.effects.push({ do: 'focus', on: 'card' });
}

const other = (row: number) => (each: number) => each !== row;

/** Has these come next; should there be none, what comes is read behind this row. */
function comeNext(draft: Draft, row: number, upcoming: readonly number[]): void {
  draft.upcoming = upcoming;
  draft.place = { ...draft.place, current: upcoming[0] ?? row };
  readAhead(draft);
}
