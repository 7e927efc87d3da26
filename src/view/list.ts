import {
  type Api,
  COLUMNS,
  Refused,
  type RowsPage,
  type Selection,
  type Sort,
  type Status,
  type Verdict,
} from './data.ts';
import { companyDetail } from './detail.ts';
import { h, plain } from './dom.ts';
import { ExportPanel } from './export.ts';
import { format } from './format.ts';
import { type Dimension, Head } from './head.ts';
import { message } from './states.ts';
import { Table } from './table.ts';
import { HINTS, isFiltered, NOTHING_CHOSEN, selectionBar, Toolbar } from './toolbar.ts';

const PAGE = 50;

export interface ListEvents {
  /** For the live region. */
  say(text: string): void;
  visit(url: string): void;
  /** A call got no answer. */
  lost(error: unknown): void;
  /** The user's marks changed. */
  marked(status: Status): void;
}

/** The list of an ended job: head, filters, one page of the table, and the way to the other pages. */
export class ListView {
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #events: ListEvents;
  readonly #head: Head;
  readonly #toolbar: Toolbar;
  readonly #table: Table;
  readonly #export: ExportPanel;
  readonly #area = h('div', { class: 'area' });
  readonly #range = h('span', { class: 'range' });
  readonly #about = h('bdi', { class: 'about' });
  readonly #selection = h('span', { class: 'selection', hidden: true });
  readonly #pager = h('nav', { class: 'pager', 'aria-label': 'Pages' });
  readonly #pageLabel = h('span', {});
  #status: Status;
  #chosen: Selection;
  #sort: Sort = 'row';
  #descending = false;
  #offset = 0;
  #page: RowsPage | null = null;
  #sequence = 0;
  #marking: Promise<unknown> = Promise.resolve();
  #marks = 0;
  /** The last reading found nobody: what is shown may be old. */
  #stale = false;

  constructor(api: Api, status: Status, chosen: Selection, larger: HTMLElement | null, events: ListEvents) {
    this.#api = api;
    this.#events = events;
    this.#status = status;
    this.#chosen = chosen;
    this.#export = new ExportPanel({
      run: (which) => this.#guarded(this.#api.export(this.#status.jobId, which, this.#chosen)),
      say: events.say,
    });
    const actions = h('div', { class: 'actions' }, this.#export.button, larger);
    this.#head = new Head((dimension, value) => this.#toggle(dimension, value), actions);
    this.#toolbar = new Toolbar(
      (part) => this.#change(part),
      (sort, descending) => this.#sortBy(sort, descending),
      () => this.clear(),
    );
    this.#table = new Table({
      sort: (sort) => this.#sortBy(sort, sort === this.#sort ? !this.#descending : false),
      mark: (rows, verdict) => this.#mark(rows, verdict),
      detail: async (row) => companyDetail(await this.#guarded(api.company(status.jobId, row)), events.visit),
      visit: events.visit,
      leave: (direction) =>
        void this.#turn(this.#offset + direction * PAGE, direction < 0 ? 'last' : 'first'),
      search: () => this.#toolbar.focusSearch(),
      selected: (count) => this.#showSelection(count),
    });
    this.#pager.append(
      this.#turner('First', 'First page', () => 0),
      this.#turner('Previous', 'Previous page', () => this.#offset - PAGE),
      this.#pageLabel,
      this.#turner('Next', 'Next page', () => this.#offset + PAGE),
      this.#turner('Last', 'Last page', () => this.#lastOffset()),
    );
    this.element = h(
      'div',
      { class: 'list' },
      this.#head.element,
      this.#export.panel,
      this.#toolbar.element,
      h('div', { class: 'line status' }, this.#range, this.#selection, this.#about),
      this.#area,
      this.#pager,
      h(
        'p',
        { class: 'hint', 'aria-hidden': 'true' },
        ...HINTS.flatMap(([key, does]) => [h('kbd', {}, key), ` ${does}  `]),
      ),
    );
    this.#area.append(this.#table.element);
    this.#draw();
  }

  /** Another state of the same job; what is shown is read anew where that changed. */
  async update(status: Status): Promise<void> {
    const changed = this.#stale || status.revision !== this.#status.revision;
    // An answer that was on its way while a mark was made tells of the time before.
    if (this.#marks > 0) return;
    this.#status = status;
    this.#draw();
    if (changed) await this.refresh();
  }

  /** Reads the page that is shown. */
  async refresh(announce = false): Promise<boolean> {
    this.#sequence += 1;
    const mine = this.#sequence;
    this.#area.setAttribute('aria-busy', 'true');
    try {
      const page = await this.#api.rows(this.#status.jobId, {
        ...this.#chosen,
        sort: this.#sort,
        descending: this.#descending,
        offset: this.#offset,
        limit: PAGE,
      });
      if (mine !== this.#sequence || this.#marks > 0) return false;
      this.#page = page;
      this.#stale = false;
      this.#draw();
      if (announce) this.#events.say(this.#range.textContent ?? '');
      return true;
    } catch (error) {
      if (mine !== this.#sequence) return false;
      if (error instanceof Refused) {
        const again = { label: 'Try again', run: () => void this.refresh() };
        this.#area.replaceChildren(
          message('bad', 'The companies could not be read', [error.message], [again]),
        );
      } else {
        this.#stale = true;
        this.#events.lost(error);
      }
      return false;
    } finally {
      if (mine === this.#sequence) this.#area.setAttribute('aria-busy', 'false');
    }
  }

  /** Handles a key; returns whether it was one of the table's. */
  key(event: KeyboardEvent): boolean {
    return this.#table.key(event);
  }

  clear(): void {
    this.#change({ ...NOTHING_CHOSEN, duplicates: this.#chosen.duplicates });
  }

  #toggle(dimension: Dimension, value: string): void {
    const chosen = this.#chosen[dimension];
    const others = chosen.filter((each) => each !== value);
    // Of the verdicts one is shown at a time: they are tabs.
    const next = value === '' ? [] : dimension === 'verdicts' ? [value] : [...others, value];
    this.#change({ [dimension]: chosen.includes(value) ? others : next });
  }

  #change(part: Partial<Selection>): void {
    // The chat must not jump while somebody types: the table's place keeps its height until nothing filters.
    const height = this.#area.offsetHeight;
    this.#chosen = { ...this.#chosen, ...part };
    this.#area.style.minHeight = isFiltered(this.#chosen) ? `${Math.min(height, 640)}px` : '';
    this.#offset = 0;
    this.#table.clearSelection();
    this.#draw();
    void this.refresh(true);
  }

  #sortBy(sort: Sort, descending: boolean): void {
    this.#sort = sort;
    this.#descending = descending;
    this.#offset = 0;
    this.#draw();
    void this.refresh().then((done) => {
      const label = COLUMNS.find((column) => column.sort === sort)?.label ?? sort;
      if (done) this.#events.say(`Sorted by ${label}, ${descending ? 'descending' : 'ascending'}`);
    });
  }

  async #turn(offset: number, focus: 'first' | 'last' | null): Promise<void> {
    const to = Math.min(Math.max(offset, 0), this.#lastOffset());
    if (to === this.#offset) return;
    this.#offset = to;
    this.#table.clearSelection();
    const done = await this.refresh(true);
    if (done && focus) this.#table.focus(focus);
  }

  #turner(label: string, title: string, to: () => number): HTMLButtonElement {
    return h(
      'button',
      { type: 'button', class: 'plain', 'aria-label': title, onclick: () => void this.#turn(to(), null) },
      label,
    );
  }

  #lastOffset(): number {
    return Math.max(0, Math.ceil((this.#page?.matching ?? 0) / PAGE) - 1) * PAGE;
  }

  /** Shows a mark at once, and takes it back where the server did not take it. Marks go one after the other. */
  #mark(rows: number[], verdict: Verdict | 'clear'): void {
    const before = this.#table.rows.filter(({ row }) => rows.includes(row));
    this.#table.setVerdict(rows, verdict === 'clear' ? null : verdict);
    this.#marks += 1;
    const send = async () => {
      try {
        const { counts, revision } = await this.#api.mark(this.#status.jobId, rows, verdict);
        this.#status = { ...this.#status, counts, revision };
        const done = { keep: 'Kept', drop: 'Dropped', maybe: 'Maybe', clear: 'Taken back' }[verdict];
        this.#events.say(
          rows.length === 1
            ? `${done}: ${before[0]?.name ?? ''}`
            : `${done}: ${format.companies(rows.length)}`,
        );
        this.#events.marked(this.#status);
      } catch (error) {
        for (const { row, verdict: was } of before) this.#table.setVerdict([row], was);
        if (error instanceof Refused) this.#events.say(`Not marked: ${error.message}`);
        this.#events.lost(error);
      } finally {
        this.#marks -= 1;
        this.#remember();
        this.#draw();
      }
    };
    this.#marking = this.#marking.then(send);
  }

  /** The page as the table has it, so that drawing it again does not take marks back. */
  #remember(): void {
    if (this.#page) this.#page = { ...this.#page, rows: [...this.#table.rows] };
  }

  #guarded<T>(work: Promise<T>): Promise<T> {
    work.catch((error: unknown) => {
      if (!(error instanceof Refused)) this.#events.lost(error);
    });
    return work;
  }

  #showSelection(count: number): void {
    this.#selection.hidden = count === 0;
    this.#range.hidden = count > 0;
    if (count === 0) return;
    this.#selection.replaceChildren(
      ...selectionBar(
        count,
        (verdict) => {
          this.#table.markSelection(verdict);
          this.#table.focus('current');
        },
        () => this.#table.clearSelection(),
      ),
    );
  }

  #draw(): void {
    this.#head.update(this.#status, this.#chosen);
    this.#toolbar.update(this.#status, this.#chosen, this.#sort, this.#descending);
    const { title, submittedAt } = this.#status;
    this.#about.textContent = [plain(title, 120), format.date(submittedAt)]
      .filter((part) => part !== '')
      .join(' · ');
    const page = this.#page;
    this.#export.update(this.#status, page?.matching ?? 0, this.#chosen);
    if (!page) return;
    const { rows, matching, hiddenDuplicates } = page;
    if (rows.length === 0) this.#area.replaceChildren(this.#nothing());
    else {
      if (this.#area.firstChild !== this.#table.element) this.#area.replaceChildren(this.#table.element);
      this.#table.show(rows, this.#sort, this.#descending);
    }
    const first = rows.length === 0 ? 0 : page.offset + 1;
    const hidden =
      hiddenDuplicates > 0
        ? ` · ${format.number(hiddenDuplicates)} duplicate${hiddenDuplicates === 1 ? '' : 's'} hidden`
        : '';
    this.#range.textContent =
      rows.length === 0
        ? `No companies shown${hidden}`
        : `${format.number(first)}–${format.number(page.offset + rows.length)} of ${format.companies(matching)}${hidden}`;
    this.#pager.hidden = matching <= PAGE;
    const pages = Math.max(1, Math.ceil(matching / PAGE));
    const at = Math.floor(page.offset / PAGE) + 1;
    this.#pageLabel.textContent = `Page ${format.number(at)} of ${format.number(pages)}`;
    const [toFirst, toPrevious, toNext, toLast] = this.#pager.querySelectorAll('button');
    for (const button of [toFirst, toPrevious]) if (button) button.disabled = at <= 1;
    for (const button of [toNext, toLast]) if (button) button.disabled = at >= pages;
  }

  #nothing(): HTMLElement {
    if (isFiltered(this.#chosen)) {
      const clear = { label: 'Clear filters', run: () => this.clear() };
      return message('info', 'No company matches these filters', [], [clear]);
    }
    return message('info', 'This job delivered no companies', [
      'A wider search may: fewer filters, or other seeds.',
    ]);
  }
}
