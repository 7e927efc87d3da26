import type { Company, Sort, Verdict } from './data.ts';
import { COLUMNS } from './data.ts';
import { h } from './dom.ts';
import { RowView } from './row.ts';

export interface TableEvents {
  sort(sort: Sort): void;
  mark(rows: number[], verdict: Verdict | 'clear'): void;
  /** The full text of a row, as an element. */
  detail(row: number): Promise<HTMLElement>;
  visit(url: string): void;
  /** An arrow key left the page: -1 up, 1 down. */
  leave(direction: -1 | 1): void;
  search(): void;
  selected(count: number): void;
}

const KEYS: Readonly<Record<string, Verdict | 'clear'>> = { k: 'keep', d: 'drop', m: 'maybe', u: 'clear' };

/** The table of one page of companies: rows, their selection, and the keys. */
export class Table {
  readonly element = h('table', {});
  readonly #body = h('tbody', {});
  readonly #headers = new Map<Sort, HTMLTableCellElement>();
  readonly #all = h('input', { type: 'checkbox', 'aria-label': 'Select all companies of this page' });
  readonly #events: TableEvents;
  #rows: RowView[] = [];
  readonly #selected = new Set<number>();
  /** Row number of the current row, and where a range began. */
  #current = 0;
  #anchor = 0;

  constructor(events: TableEvents) {
    this.#events = events;
    const heads = COLUMNS.map(({ sort, label }) => {
      const header = h(
        'th',
        { scope: 'col', class: sort },
        h('button', { type: 'button', onclick: () => events.sort(sort) }, sort === 'row' ? '#' : label),
      );
      if (sort === 'row') header.firstElementChild?.setAttribute('aria-label', label);
      this.#headers.set(sort, header);
      return header;
    });
    this.#all.addEventListener('click', () => this.#selectAll(this.#all.checked));
    this.element.append(
      h(
        'caption',
        { class: 'unseen' },
        'Companies. Arrow keys move, Enter opens, K keeps, D drops, M is maybe, U takes back, X selects.',
      ),
      h('thead', {}, h('tr', {}, h('td', { class: 'sel' }, this.#all), ...heads)),
      this.#body,
    );
    this.element.addEventListener('focusin', ({ target }) => this.#focused(target));
    new ResizeObserver(() => this.#spanDetails()).observe(this.element);
  }

  get rows(): readonly Company[] {
    return this.#rows.map(({ company }) => company);
  }

  /** Shows a page. Rows that stay keep their place, focus and open text. */
  show(companies: readonly Company[], sort: Sort, descending: boolean): void {
    for (const [name, header] of this.#headers) {
      if (name !== sort) header.removeAttribute('aria-sort');
      else header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    }
    const before = new Map(this.#rows.map((view) => [view.company.row, view]));
    const focused = this.element.contains(document.activeElement) ? this.#current : 0;
    this.#rows = companies.map((company) => this.#view(before.get(company.row), company));
    const here = new Set(companies.map(({ row }) => row));
    for (const row of this.#selected) if (!here.has(row)) this.#selected.delete(row);
    const elements = this.#rows.flatMap(({ element, detail }) => (detail ? [element, detail] : [element]));
    const same =
      elements.length === this.#body.children.length &&
      elements.every((element, at) => this.#body.children[at] === element);
    if (!same) this.#body.replaceChildren(...elements);
    this.#refresh();
    if (!here.has(this.#current)) this.#current = companies[0]?.row ?? 0;
    for (const view of this.#rows) view.reachable(view.company.row === this.#current);
    if (focused !== 0 && !this.element.contains(document.activeElement)) this.focus('first');
    this.#spanDetails();
  }

  /** Puts the focus on the page's first or last row, or on the current one. */
  focus(which: 'first' | 'last' | 'current'): void {
    const at = which === 'first' ? 0 : which === 'last' ? this.#rows.length - 1 : this.#at(this.#current);
    this.#rows[Math.max(at, 0)]?.opener.focus();
  }

  /** Shows a verdict before the server has it. */
  setVerdict(rows: readonly number[], verdict: Verdict | null): void {
    for (const view of this.#rows) {
      if (rows.includes(view.company.row)) view.company = { ...view.company, verdict };
    }
    this.#refresh();
  }

  clearSelection(): void {
    this.#selected.clear();
    this.#refresh();
  }

  /** Handles a key wherever the focus is, unless it is in a field. Returns whether it was one of ours. */
  key(event: KeyboardEvent): boolean {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
    const field = target instanceof HTMLInputElement && target.type !== 'checkbox';
    if (field || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return false;
    const inside = target instanceof Node && this.element.contains(target);
    const verdict = KEYS[event.key.toLowerCase()];
    if (verdict) {
      if (!inside && this.#selected.size === 0) return false;
      this.#markByKey(verdict);
      return true;
    }
    if (event.key === '/') {
      this.#events.search();
      return true;
    }
    if (event.key === 'Escape' && this.#selected.size > 0) {
      this.clearSelection();
      return true;
    }
    return (inside || target === document.body) && this.#move(event, inside);
  }

  #move(event: KeyboardEvent, inside: boolean): boolean {
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        const step = event.key === 'ArrowDown' ? 1 : -1;
        if (!inside) this.focus('current');
        else this.#step(step, event.shiftKey);
        return true;
      }
      case 'Home':
        this.focus('first');
        return true;
      case 'End':
        this.focus('last');
        return true;
      case 'x':
      case 'X':
        if (!inside) return false;
        this.#select(this.#current, !this.#selected.has(this.#current), event.shiftKey);
        return true;
      default:
        return false;
    }
  }

  #step(step: -1 | 1, extend: boolean): void {
    const at = this.#at(this.#current);
    const next = this.#rows[at + step];
    if (!next) {
      if (!extend) this.#events.leave(step);
      return;
    }
    if (extend && this.#selected.size === 0) this.#anchor = this.#current;
    next.opener.focus();
    if (!extend) return;
    this.#selected.clear();
    for (const row of this.#range(this.#anchor, next.company.row)) this.#selected.add(row);
    this.#refresh();
  }

  #markByKey(verdict: Verdict | 'clear'): void {
    if (this.#selected.size > 0) {
      this.#mark([...this.#selected], verdict);
      return;
    }
    const at = this.#at(this.#current);
    if (at < 0) return;
    this.#mark([this.#current], verdict);
    // On to the next, so that a list is gone through with one key a company.
    this.#rows[at + 1]?.opener.focus();
  }

  #mark(rows: number[], verdict: Verdict | 'clear'): void {
    this.#events.mark(rows, verdict);
    // Done with: the next key is for another company.
    if (this.#selected.size > 0) this.clearSelection();
  }

  /** Marks what is selected. */
  markSelection(verdict: Verdict | 'clear'): void {
    if (this.#selected.size > 0) this.#mark([...this.#selected], verdict);
  }

  #view(known: RowView | undefined, company: Company): RowView {
    if (known && sameFacts(known.company, company)) {
      known.company = company;
      return known;
    }
    return new RowView(company, {
      open: (row) => this.#toggle(row),
      select: (row, on, range) => this.#select(row, on, range),
      mark: (row, verdict, range) => this.#markByClick(row, verdict, range),
      visit: this.#events.visit,
    });
  }

  #markByClick(row: number, verdict: Verdict, range: boolean): void {
    const rows = range
      ? this.#range(this.#anchor, row)
      : this.#selected.has(row)
        ? [...this.#selected]
        : [row];
    if (!range) this.#anchor = row;
    const has = this.#rows.filter(({ company }) => rows.includes(company.row));
    const already = has.every(({ company }) => company.verdict === verdict);
    this.#mark(rows, already ? 'clear' : verdict);
  }

  #select(row: number, on: boolean, range: boolean): void {
    for (const each of range ? this.#range(this.#anchor, row) : [row]) {
      if (on) this.#selected.add(each);
      else this.#selected.delete(each);
    }
    if (!range) this.#anchor = row;
    this.#refresh();
  }

  #selectAll(on: boolean): void {
    this.#selected.clear();
    if (on) for (const { company } of this.#rows) this.#selected.add(company.row);
    this.#refresh();
  }

  #range(from: number, to: number): number[] {
    const [a, b] = [this.#at(from), this.#at(to)];
    const [first, last] = [Math.min(a < 0 ? b : a, b), Math.max(a, b)];
    return this.#rows.slice(first, last + 1).map(({ company }) => company.row);
  }

  #at(row: number): number {
    return this.#rows.findIndex(({ company }) => company.row === row);
  }

  #focused(target: EventTarget | null): void {
    const row = target instanceof Element ? target.closest('tr[data-row]') : null;
    const number = row instanceof HTMLElement ? Number(row.dataset.row) : 0;
    if (number === 0 || number === this.#current) return;
    this.#rows[this.#at(this.#current)]?.reachable(false);
    this.#current = number;
    this.#rows[this.#at(number)]?.reachable(true);
  }

  async #toggle(row: number): Promise<void> {
    const view = this.#rows[this.#at(row)];
    if (!view) return;
    if (view.detail) {
      view.detail.remove();
      view.detail = null;
      view.opener.setAttribute('aria-expanded', 'false');
      return;
    }
    const cell = h('td', {}, h('p', { class: 'wait' }, 'Reading …'));
    view.detail = h('tr', { class: 'detail' }, cell);
    view.opener.setAttribute('aria-expanded', 'true');
    view.element.after(view.detail);
    this.#spanDetails();
    cell.replaceChildren(
      await this.#events
        .detail(row)
        .catch((error: Error) => h('p', {}, `The full text could not be read: ${error.message}`)),
    );
  }

  /** An open text spans the columns that the page's width shows, no more: more would be new columns. */
  #spanDetails(): void {
    const cells = [...(this.element.tHead?.rows[0]?.cells ?? [])];
    const visible = cells.filter((cell) => getComputedStyle(cell).display !== 'none').length;
    for (const { detail } of this.#rows) if (detail?.cells[0]) detail.cells[0].colSpan = visible;
  }

  #refresh(): void {
    for (const view of this.#rows) view.update(view.company, this.#selected.has(view.company.row));
    const { size } = this.#selected;
    this.#all.checked = size > 0 && size === this.#rows.length;
    this.#all.indeterminate = size > 0 && size < this.#rows.length;
    this.#events.selected(size);
  }
}

/** Whether two facts of a row differ in the verdict at most. */
function sameFacts(a: Company, b: Company): boolean {
  return JSON.stringify({ ...a, verdict: null }) === JSON.stringify({ ...b, verdict: null });
}
