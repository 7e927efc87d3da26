import type { Effect, Next, RowsRead } from './events.ts';
import { noRun, readPage } from './list.ts';
import { toDecide, verdictOf } from './look.ts';
import type { State } from './model.ts';

// One company at a time. The next ones are read ahead, each page behind the last row of the one before; those that
// were passed over come again when all others are done.

/** Companies that are read ahead, and the number below which more are. */
const AHEAD = 8;
const LOW = 5;

/** Begins with a row, or with the first company that is open. */
export function decide(state: State, row: number | null): Next<State> {
  const place = { ...state.place, mode: 'decide' as const };
  const base: State = {
    ...state,
    ...noRun(state),
    place: row === null ? place : { ...place, current: row },
    upcoming: row === null ? [] : [row],
    about: false,
    lastVerdictAt: null,
    selected: new Set(),
  };
  const [next, effects] = readAhead(base, row === null ? {} : { from: row });
  return [next, [...effects, { do: 'focus', on: 'card' }]];
}

/** Back to the list, at the company that was decided. */
export function leaveDecide(state: State): Next<State> {
  const current = state.upcoming[0] ?? state.place.current;
  const back: State = { ...state, place: { ...state.place, mode: 'list', current }, lastVerdictAt: null };
  if (current !== null && back.page?.rows.includes(current)) {
    return [back, [{ do: 'focus', on: current }]];
  }
  return readPage(back, current === null ? {} : { from: current }, current === null ? null : 'first');
}

/** Reads more companies to decide where they run low. */
export function readAhead(state: State, start?: { from?: number }): Next<State> {
  const { jobId, place, upcoming, round, reading } = state;
  if (jobId === null || place.mode !== 'decide' || reading || round === 2) return [state, []];
  if (start === undefined && upcoming.length >= LOW) return [state, []];
  const last = upcoming.at(-1) ?? place.current;
  const from = start ?? (round === 1 || last === null ? {} : { after: last });
  const asked = { ...state.asked, upcoming: state.asked.upcoming + 1 };
  const effect: Effect = {
    do: 'rows',
    jobId,
    use: 'upcoming',
    asked: asked.upcoming,
    focus: null,
    query: {
      ...from,
      selection: { ...place.selection, verdicts: toDecide(place.selection) },
      sort: place.spread ? 'spread' : place.sort,
      descending: place.spread ? false : place.descending,
      limit: round === 1 ? 100 : AHEAD,
      long: true,
    },
  };
  return [{ ...state, asked, reading: true }, [effect]];
}

/** Companies that have come. */
export function showUpcoming(state: State, read: RowsRead): Next<State> {
  const companies = new Map(state.companies);
  for (const company of read.rows) companies.set(company.row, company);
  const wanted = toDecide(state.place.selection);
  const fresh = read.rows
    .map(({ row }) => row)
    .filter(
      (row) =>
        !state.upcoming.includes(row) &&
        !state.seen.has(row) &&
        wanted.includes(verdictOf({ ...state, companies }, row) ?? 'open'),
    );
  const upcoming = [...state.upcoming, ...fresh];
  // Behind the last one there is none: those passed over are looked for from the beginning, once.
  const round = read.rows.length > 0 && state.round === 0 ? 0 : state.round === 0 ? 1 : 2;
  const next: State = {
    ...state,
    companies,
    upcoming,
    round,
    reading: false,
    place: { ...state.place, current: upcoming[0] ?? state.place.current },
  };
  // The card is there now, where there was none to take the focus.
  const first: Effect[] =
    state.upcoming.length === 0 && upcoming.length > 0 ? [{ do: 'focus', on: 'card' }] : [];
  if (upcoming.length >= LOW) return [next, first];
  const [more, effects] = readAhead(next);
  return [more, [...first, ...effects]];
}

/** The first of the upcoming companies is done with. */
export function decided(state: State, row: number): Next<State> {
  const upcoming = state.upcoming.filter((each) => each !== row);
  return onFrom({ ...state, seen: new Set([...state.seen, row]) }, row, upcoming);
}

/** Passes over the company: it comes again when all others are done. */
export function skip(state: State): Next<State> {
  const [row, ...rest] = state.upcoming;
  if (row === undefined) return [state, []];
  return onFrom({ ...state, lastVerdictAt: null }, row, state.round === 2 ? [...rest, row] : rest);
}

/** What comes is read behind this row, should no other be left. */
function onFrom(state: State, row: number, upcoming: readonly number[]): Next<State> {
  const place = { ...state.place, current: upcoming[0] ?? row };
  return readAhead({ ...state, upcoming, about: false, place });
}

/** A company comes back, since what was said of it was taken back. */
export function again(state: State, row: number): Next<State> {
  const seen = new Set(state.seen);
  seen.delete(row);
  return [
    {
      ...state,
      seen,
      about: false,
      upcoming: [row, ...state.upcoming.filter((each) => each !== row)],
      place: { ...state.place, current: row },
    },
    [{ do: 'focus', on: 'card' }],
  ];
}
