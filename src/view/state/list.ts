import type { Company, PagePlace, Selection } from '../contract.ts';
import type { Effect, Next, PageFocus, RowsRead, RowsUse } from './events.ts';
import { isFiltered, MOST_ROWS, pageSize, verdictOf } from './look.ts';
import type { State } from './model.ts';

// The list and its pages. A page keeps its rows until it is turned, and the next one begins behind its last row: so
// a list that shrinks while it is worked on skips nobody.

/** Companies that are remembered; those of other pages are forgotten when there are more. */
const MOST_COMPANIES = 2_000;

/** Reads the page that begins there. */
export function readPage(
  state: State,
  start: PagePlace,
  focus: PageFocus,
  use: RowsUse = 'page',
): Next<State> {
  const { jobId, place } = state;
  if (jobId === null) return [state, []];
  const kind = use === 'more' ? 'page' : use;
  const asked = { ...state.asked, [kind]: state.asked[kind] + 1 };
  const effect: Effect = {
    do: 'rows',
    jobId,
    use,
    asked: asked[kind],
    focus,
    query: {
      ...start,
      selection: place.selection,
      sort: place.sort,
      descending: place.descending,
      limit: start.rows ? Math.min(100, start.rows.length) : use === 'more' ? 100 : pageSize(state),
      long: false,
    },
  };
  return [{ ...state, asked, busy: use === 'page' || state.busy }, [effect]];
}

/** Reads what is on the screen anew, row by row: nothing moves. */
export function refresh(state: State): Next<State> {
  const rows = [...new Set([...(state.page?.rows ?? []).slice(0, 90), ...state.upcoming.slice(0, 8)])];
  if (rows.length === 0) return readPage(state, {}, null);
  if (state.page?.judgeable === false) return readPage(state, { offset: state.page.offset }, null);
  return readPage(state, { rows }, null, 'refresh');
}

/** Shows rows that have come. */
export function showRows(state: State, use: RowsUse, focus: PageFocus, read: RowsRead): Next<State> {
  const companies = new Map(state.companies.size > MOST_COMPANIES ? [] : state.companies);
  for (const company of read.rows) {
    const known = state.companies.get(company.row);
    // A short text does not replace a long one.
    companies.set(
      company.row,
      known && known.says !== '' && company.says === ''
        ? { ...company, says: known.says, match_reason: known.match_reason }
        : company,
    );
  }
  if (use === 'refresh' && state.page) {
    const { matching, hidden, offset } = read;
    // Rows stay on the page that the selection does not leave any more: they count as long as they are shown.
    const gone = read.rows.filter(
      (company) => state.page?.rows.includes(company.row) && !fits(state, company),
    );
    const page = { ...state.page, matching: matching + gone.length, hidden, offset };
    return [{ ...state, companies, page }, []];
  }
  const rows = read.rows.map(({ row }) => row);
  const { rows: _, ...facts } = read;
  const page =
    use === 'more' && state.page
      ? { ...state.page, matching: read.matching, rows: [...new Set([...state.page.rows, ...rows])] }
      : { ...facts, rows };
  const to =
    focus === 'first'
      ? rows[0]
      : focus === 'last'
        ? rows.at(-1)
        : focus === 'open'
          ? (rows.find((row) => verdictOf({ ...state, companies }, row) === null) ?? rows[0])
          : focus;
  const here = state.place.current !== null && page.rows.includes(state.place.current);
  const current = to ?? (here ? state.place.current : (rows[0] ?? null));
  const next: State = {
    ...state,
    companies,
    page,
    pageRefused: null,
    busy: false,
    selected: new Set([...state.selected].filter((row) => page.rows.includes(row))),
    place: { ...state.place, current, top: page.rows[0] ?? null },
  };
  const effects: Effect[] = to === undefined || to === null ? [] : [{ do: 'focus', on: to }];
  if (state.page && use === 'page') effects.push({ do: 'say', text: rangeWords(next) });
  return [next, effects];
}

/** Whether the verdict on a company, as the server has it, is one that the selection leaves. */
function fits({ place: { selection } }: State, { verdict, by }: Company): boolean {
  if (selection.by === 'model' && by !== 'model') return false;
  return selection.verdicts.length === 0 || selection.verdicts.includes(verdict ?? 'open');
}

/** Nothing to decide yet: an answer that is on its way belongs to another run. */
export function noRun({ asked }: State) {
  return {
    upcoming: [] as readonly number[],
    seen: new Set<number>(),
    round: 0 as const,
    reading: false,
    asked: { ...asked, upcoming: asked.upcoming + 1 },
  };
}

/** Another choice of companies: the first page of it. */
export function filter(state: State, part: Partial<Selection>): Next<State> {
  const selection = { ...state.place.selection, ...part };
  return readPage(
    {
      ...state,
      place: { ...state.place, selection, top: null },
      selected: new Set(),
      toast: null,
      ...noRun(state),
    },
    {},
    null,
  );
}

export function turn(
  state: State,
  to: 'first' | 'previous' | 'next' | 'last' | 'more',
  focus: PageFocus,
): Next<State> {
  const { page } = state;
  if (!page) return [state, []];
  const [top, bottom] = [page.rows[0], page.rows.at(-1)];
  if (!page.judgeable) {
    const step = to === 'next' ? page.rows.length : to === 'previous' ? -pageSize(state) : -page.offset;
    return readPage(state, { offset: Math.max(0, page.offset + step) }, focus);
  }
  if (to === 'more') {
    if (state.busy || bottom === undefined || page.rows.length >= MOST_ROWS) return [state, []];
    if (page.offset + page.rows.length >= page.matching) return [state, []];
    return readPage({ ...state, busy: true }, { after: bottom }, null, 'more');
  }
  const size = pageSize(state);
  const last = Math.max(0, Math.ceil(page.matching / size) - 1) * size;
  const start: PagePlace =
    to === 'first'
      ? {}
      : to === 'last'
        ? { offset: last }
        : to === 'previous'
          ? { before: top ?? 1 }
          : { after: bottom ?? 1 };
  return readPage({ ...state, selected: new Set() }, start, focus);
}

/** Whether a page follows, or comes before. */
export function hasPage({ page }: Pick<State, 'page'>, which: 'next' | 'previous'): boolean {
  if (!page) return false;
  return which === 'previous' ? page.offset > 0 : page.offset + page.rows.length < page.matching;
}

/** On to the next company after the ones that were judged: the next open one, where they were open before. */
export function goOn(state: State, judged: readonly number[], wereOpen: boolean): Next<State> {
  const { page } = state;
  const last = judged.at(-1);
  if (!page || last === undefined) return [state, []];
  const behind = page.rows.slice(page.rows.indexOf(last) + 1);
  const next = wereOpen ? behind.find((row) => verdictOf(state, row) === null) : behind[0];
  if (next !== undefined) {
    return [{ ...state, place: { ...state.place, current: next } }, [{ do: 'focus', on: next }]];
  }
  if (hasPage(state, 'next')) return turn(state, 'next', wereOpen ? 'open' : 'first');
  return [
    state,
    [
      { do: 'focus', on: last },
      { do: 'say', text: 'This was the last company of the list' },
    ],
  ];
}

/** Selects a row, or with `range` all from the last one selected. */
export function select(state: State, row: number, on: boolean, range: boolean): State {
  const rows = range ? between(state, state.anchor ?? row, row) : [row];
  const selected = new Set(state.selected);
  for (const each of rows) {
    if (on) selected.add(each);
    else selected.delete(each);
  }
  return { ...state, selected, anchor: range ? state.anchor : row };
}

/** Rows of the page from one to another. */
export function between({ page }: State, from: number, to: number): number[] {
  const rows = page?.rows ?? [];
  const [a, b] = [rows.indexOf(from), rows.indexOf(to)];
  if (b < 0) return [];
  return rows.slice(Math.min(a < 0 ? b : a, b), Math.max(a, b) + 1);
}

/** Moves the focus by a row; beyond the page's end to the next page. */
export function step(state: State, by: 1 | -1, extend: boolean): Next<State> {
  const { page, place } = state;
  if (!page) return [state, []];
  const at = page.rows.indexOf(place.current ?? -1);
  const to = page.rows[at < 0 ? 0 : at + by];
  if (to === undefined) {
    if (extend) return [state, []];
    if (by > 0) return hasPage(state, 'next') ? turn(state, 'next', 'first') : [state, []];
    return hasPage(state, 'previous') ? turn(state, 'previous', 'last') : [state, []];
  }
  const anchor = extend ? (state.selected.size > 0 ? state.anchor : place.current) : state.anchor;
  const selected = extend ? new Set(between({ ...state }, anchor ?? to, to)) : state.selected;
  return [{ ...state, anchor, selected, place: { ...place, current: to } }, [{ do: 'focus', on: to }]];
}

/** "11–20 of 57 companies". */
export function rangeWords(
  { page, place }: Pick<State, 'page' | 'place'>,
  number: (count: number) => string = String,
): string {
  if (!page) return '';
  const hidden =
    page.hidden > 0 ? ` · ${number(page.hidden)} duplicate${page.hidden === 1 ? '' : 's'} hidden` : '';
  if (page.rows.length === 0) {
    return `${isFiltered(place.selection) ? 'No company matches' : 'No companies'}${hidden}`;
  }
  const total = Math.max(page.matching, page.rows.length);
  const of = `${number(total)} ${total === 1 ? 'company' : 'companies'}`;
  return `${number(page.offset + 1)}–${number(page.offset + page.rows.length)} of ${of}${hidden}`;
}
