import { type PagePlace, type RowsRead, readRows, type ShownCompany } from '../contract.ts';
import { call, type Draft, focusOn, type PageFocus, say } from './draft.ts';
import { isFiltered, MOST_ROWS, pageSize, verdictOf } from './look.ts';
import { NO_RUN, type State } from './model.ts';

// The list and its pages. A page keeps its rows until it is turned, and the next one begins behind its last row: so
// a list that shrinks while it is worked on skips nobody.

/** Asks for companies of the list: for the page, for what is on the screen already, or to be decided. */
export function askRows(
  draft: Draft,
  kind: 'page' | 'refresh' | 'upcoming',
  how: PagePlace & Record<string, unknown>,
  show: (draft: Draft, found: RowsRead) => void,
): void {
  const usual = { limit: pageSize(draft), ...draft.place.order, ...draft.place.selection };
  call(draft, kind, ['view_rows', { ...usual, ...how }], readRows, show);
}

/** Reads a page; without a start the one where the user was last. */
export function readPage(draft: Draft, start?: PagePlace, focus: PageFocus = null): void {
  const { top } = draft.place;
  const begin = start ?? (top === null ? {} : { from: top });
  askRows(draft, 'page', { ...begin }, (then, found) => showPage(then, found, focus));
}

/** Puts the focus on a row, wherever in the list it stands. */
export function goTo(draft: Draft, row: number): void {
  if (draft.page?.rows.includes(row)) focusOn(draft, row);
  else readPage(draft, { from: row }, 'first');
}

/** Reads what is on the screen anew, row by row: nothing moves. */
export function refresh(draft: Draft): void {
  const { page, upcoming, status } = draft;
  const rows = [...new Set([...(page?.rows ?? []).slice(0, 90), ...upcoming.slice(0, 8)])];
  if (rows.length === 0) readPage(draft, {});
  else if (page && !status?.final) readPage(draft, { offset: page.offset });
  else askRows(draft, 'refresh', { rows, limit: rows.length }, showAnew);
}

/** Remembers companies; a short text does not replace a long one. */
export function remember(draft: Draft, companies: readonly ShownCompany[]): void {
  const all = new Map(draft.companies);
  for (const company of companies) {
    const { says = '', match_reason = '' } = company.says === '' ? (all.get(company.row) ?? {}) : {};
    all.set(company.row, says === '' ? company : { ...company, says, match_reason });
  }
  draft.companies = all;
}

function showAnew(draft: Draft, { rows, ...facts }: RowsRead): void {
  const { page } = draft;
  remember(draft, rows);
  if (!page) return;
  // Rows stay on the page that the selection does not leave any more: they count as long as they are shown.
  const gone = page.rows.filter((row) => !fits(draft, row));
  draft.page = { ...page, ...facts, matching: facts.matching + gone.length };
}

function showPage(draft: Draft, { rows: found, ...facts }: RowsRead, focus: PageFocus, more = false): void {
  const { page, place } = draft;
  remember(draft, found);
  const before = more && page ? page : { rows: [], offset: facts.offset };
  const rows = [...new Set([...before.rows, ...found.map(({ row }) => row)])];
  // Likewise: behind the rows before stand as many as the server says.
  const matching = before.offset + before.rows.length + facts.matching - facts.offset;
  draft.page = { ...facts, rows, offset: before.offset, matching };
  draft.pageRefused = null;
  draft.selected = new Set([...draft.selected].filter((row) => rows.includes(row)));
  const here = rows.find((row) => row === place.current) ?? rows[0] ?? null;
  draft.place = { ...place, top: rows[0] ?? null, current: here };
  const open = rows.find((row) => verdictOf(draft, row) === null);
  const to = focus && { first: rows[0], last: rows.at(-1), open: open ?? rows[0] }[focus];
  if (to) focusOn(draft, to);
  if (page && !more) say(draft, rangeWords(draft));
}

/** Whether the verdict on a company, as the server has it, is one that the selection leaves. */
function fits({ place, companies }: Draft, row: number): boolean {
  const { by, verdicts } = place.selection;
  const company = companies.get(row);
  if (by === 'model' && company?.by !== 'model') return false;
  return verdicts.length === 0 || verdicts.includes(company?.verdict ?? 'open');
}

/** Nothing is to be decided yet: an answer that is on its way belongs to another run. */
export function clearRun(draft: Draft): void {
  Object.assign(draft, NO_RUN);
  draft.asked = { ...draft.asked, upcoming: 0 };
}

/** Another choice of companies, or another order: the first page of it. */
export function arrange(draft: Draft, part: Partial<State['place']>): void {
  draft.place = { ...draft.place, ...part, top: null };
  draft.selected = new Set();
  clearRun(draft);
  readPage(draft, {});
}

type Turn = { to: 'first' | 'previous' | 'next' | 'last' | 'more'; focus?: PageFocus };

export function turn(draft: Draft, { to, focus = null }: Turn): void {
  const { page, status } = draft;
  if (!page) return;
  const { rows, offset, matching } = page;
  const ranked = status?.final;
  const [top = 1, bottom = 1] = [rows[0], rows.at(-1)];
  if (to === 'more') {
    if (draft.asked.page > 0 || rows.length >= MOST_ROWS || !hasPage(draft, 'next')) return;
    const start = { after: bottom, limit: 100 };
    askRows(draft, 'page', start, (then, found) => showPage(then, found, null, true));
    return;
  }
  draft.selected = new Set();
  const size = pageSize(draft);
  // While ranks move, a page begins behind so many companies, whichever they are.
  const starts = {
    first: {},
    previous: ranked ? { before: top } : { offset: Math.max(0, offset - size) },
    next: ranked ? { after: bottom } : { offset: offset + rows.length },
    last: { offset: Math.max(0, Math.ceil(matching / size) - 1) * size },
  };
  readPage(draft, starts[to], focus);
}

export function hasPage({ page }: State, which: 'next' | 'previous'): boolean {
  if (!page) return false;
  return which === 'previous' ? page.offset > 0 : page.offset + page.rows.length < page.matching;
}

/** On to the next company after the ones that were judged: the next open one, where they were open before. */
export function goOn(draft: Draft, judged: readonly number[], wereOpen: boolean): void {
  const last = judged.at(-1);
  if (!draft.page || last === undefined) return;
  const behind = draft.page.rows.slice(draft.page.rows.indexOf(last) + 1);
  const next = wereOpen ? behind.find((row) => verdictOf(draft, row) === null) : behind[0];
  if (next !== undefined) focusOn(draft, next);
  else if (hasPage(draft, 'next')) turn(draft, { to: 'next', focus: wereOpen ? 'open' : 'first' });
  else {
    draft.effects.push({ do: 'focus', on: last });
    say(draft, 'This was the last company of the list');
  }
}

/** Selects a row, or with `range` all from the last one selected. */
export function select(draft: Draft, { row, on, range }: { row: number; on: boolean; range: boolean }): void {
  const rows = draft.page?.rows ?? [];
  const [to, from] = [rows.indexOf(row), rows.indexOf(draft.anchor ?? row)];
  const several = range && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
  const others = [...draft.selected].filter((each) => !several.includes(each));
  draft.selected = new Set(on ? [...others, ...several] : others);
  if (!range) draft.anchor = row;
}

/** Moves the focus by a row; beyond the page's end to the next page. */
export function step(draft: Draft, { by }: { by: 1 | -1 }): void {
  const { page, place } = draft;
  if (!page) return;
  const at = page.rows.indexOf(place.current ?? -1);
  const to = page.rows[at < 0 ? 0 : at + by];
  const [next, focus] = by > 0 ? (['next', 'first'] as const) : (['previous', 'last'] as const);
  if (to !== undefined) focusOn(draft, to);
  else if (hasPage(draft, next)) turn(draft, { to: next, focus });
}

/** "11–20 of 57 companies". */
export function rangeWords({ page, place }: State, number: (count: number) => string = String): string {
  if (!page) return '';
  const { rows, matching, offset, hidden_duplicates: hidden } = page;
  const without = hidden > 0 ? ` · ${number(hidden)} duplicate${hidden === 1 ? '' : 's'} hidden` : '';
  if (rows.length === 0)
    return `${isFiltered(place.selection) ? 'No company matches' : 'No companies'}${without}`;
  const total = Math.max(matching, rows.length);
  const of = `${number(total)} ${total === 1 ? 'company' : 'companies'}`;
  return `${number(offset + 1)}–${number(offset + rows.length)} of ${of}${without}`;
}
