import type { Bucket, Selection, Sort, Status, Verdict } from './data.ts';
import { COLUMNS } from './data.ts';
import { h, plain } from './dom.ts';
import { format } from './format.ts';

/** The keys, for those who see; the table's caption says them to the others. */
export const HINTS = [
  ['k', 'keep'],
  ['d', 'drop'],
  ['m', 'maybe'],
  ['u', 'undo'],
  ['↑ ↓', 'move'],
  ['Shift', 'several'],
  ['Enter', 'open'],
  ['/', 'search'],
] as const;
/** A table of all companies. */
export const NOTHING_CHOSEN: Selection = {
  search: '',
  countries: [],
  sizes: [],
  stages: [],
  verdicts: [],
  known: '',
  rows: '',
  duplicates: false,
};

/** A search takes effect this long after the last key. Milliseconds. */
const TYPING_MS = 120;
/** Value of a select that stands for several chosen ones. */
const SEVERAL = '\u0000several';

type ListDimension = 'countries' | 'sizes' | 'stages';

/** Search and filters above the table. Changes of the user's go to `change`, as the parts that changed. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #search = h('input', {
    type: 'search',
    placeholder: 'Search companies',
    'aria-label': 'Search companies',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 200,
  });
  readonly #selects: Record<ListDimension, HTMLSelectElement>;
  readonly #known = h(
    'select',
    { 'aria-label': 'Known companies' },
    h('option', { value: '' }, 'Known or not'),
    h('option', { value: 'new' }, 'Not known yet'),
    h('option', { value: 'known' }, 'Known'),
    h('option', { value: 'maybe' }, 'Maybe known'),
  );
  readonly #rows = h('input', {
    type: 'text',
    class: 'rows',
    placeholder: 'Ranks: 1-180',
    'aria-label': 'Ranks to show, such as 1-180',
    autocomplete: 'off',
    maxlength: 200,
  });
  readonly #duplicates = h('input', { type: 'checkbox' });
  readonly #duplicatesLabel = h('label', { class: 'check' }, this.#duplicates, h('span', {}, ''));
  readonly #sort: HTMLSelectElement;
  readonly #clear: HTMLButtonElement;
  /** On a narrow page the filters wait behind a button. */
  readonly #opener = h(
    'button',
    { type: 'button', class: 'plain opener', 'aria-expanded': 'false' },
    'Filters',
  );
  /** Runs while something is typed that is not in the selection yet. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    change: (part: Partial<Selection>) => void,
    sortBy: (sort: Sort, descending: boolean) => void,
    clear: () => void,
  ) {
    const select = (name: ListDimension, label: string) => {
      const element = h('select', { 'aria-label': label, 'data-all': label });
      element.addEventListener('change', () => {
        if (element.value !== SEVERAL) change({ [name]: element.value === '' ? [] : [element.value] });
      });
      return element;
    };
    this.#selects = {
      countries: select('countries', 'All countries'),
      sizes: select('sizes', 'All sizes'),
      stages: select('stages', 'All funding'),
    };
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        change({ search: this.#search.value.trim() });
      }, TYPING_MS);
    });
    this.#known.addEventListener('change', () => change({ known: this.#known.value }));
    this.#rows.addEventListener('change', () => change({ rows: this.#rows.value.trim() }));
    this.#duplicates.addEventListener('change', () => change({ duplicates: this.#duplicates.checked }));
    this.#sort = h('select', { class: 'sort', 'aria-label': 'Sort by' });
    for (const { sort, label } of COLUMNS) {
      this.#sort.append(
        h('option', { value: `${sort} up` }, `${label} ↑`),
        h('option', { value: `${sort} down` }, `${label} ↓`),
      );
    }
    this.#sort.addEventListener('change', () => {
      const [sort, way] = this.#sort.value.split(' ');
      sortBy(sort as Sort, way === 'down');
    });
    this.#clear = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          clearTimeout(this.#timer);
          this.#timer = undefined;
          clear();
        },
      },
      'Clear filters',
    );
    this.#opener.addEventListener('click', () => {
      const opened = this.element.classList.toggle('opened');
      this.#opener.setAttribute('aria-expanded', String(opened));
    });
    this.element = h(
      'div',
      { class: 'toolbar', role: 'search', 'aria-label': 'Filter the table' },
      this.#search,
      this.#opener,
      h(
        'div',
        { class: 'more' },
        ...Object.values(this.#selects),
        this.#known,
        this.#rows,
        this.#sort,
        this.#duplicatesLabel,
      ),
      this.#clear,
    );
  }

  focusSearch(): void {
    this.#search.focus();
  }

  update(status: Status, selection: Selection, sort: Sort, descending: boolean): void {
    // What is being typed is not taken away, whatever is drawn meanwhile.
    if (this.#timer === undefined && this.#search.value.trim() !== selection.search)
      this.#search.value = selection.search;
    for (const name of ['countries', 'sizes', 'stages'] as const) {
      fill(this.#selects[name], status[name], selection[name]);
    }
    const { counts } = status;
    this.#known.hidden = !counts || counts.known + counts.known_maybe === 0;
    this.#known.value = selection.known;
    if (document.activeElement !== this.#rows) this.#rows.value = selection.rows;
    const duplicates = counts?.duplicates ?? 0;
    this.#duplicatesLabel.hidden = duplicates === 0;
    this.#duplicates.checked = selection.duplicates;
    const label = this.#duplicatesLabel.querySelector('span');
    if (label)
      label.textContent = `Show ${format.number(duplicates)} duplicate${duplicates === 1 ? '' : 's'}`;
    this.#sort.value = `${sort} ${descending ? 'down' : 'up'}`;
    this.#clear.hidden = !isFiltered(selection);
  }
}

/** Whether anything but the choice of duplicates narrows the list. */
export function isFiltered({ search, countries, sizes, stages, verdicts, known, rows }: Selection): boolean {
  return (
    search !== '' ||
    known !== '' ||
    rows !== '' ||
    [countries, sizes, stages, verdicts].some(({ length }) => length > 0)
  );
}

function fill(select: HTMLSelectElement, buckets: readonly Bucket[], chosen: readonly string[]): void {
  const key = JSON.stringify([buckets, chosen.length]);
  if (select.dataset.filled !== key) {
    select.dataset.filled = key;
    select.replaceChildren(
      h('option', { value: '' }, select.dataset.all ?? ''),
      ...(chosen.length > 1 ? [h('option', { value: SEVERAL }, `${chosen.length} chosen`)] : []),
      ...buckets
        .filter(({ value, count }) => count > 0 || chosen.includes(value))
        .map(({ value, label, count }) =>
          h('option', { value }, `${plain(label, 60)} (${format.number(count)})`),
        ),
    );
  }
  select.value = chosen.length > 1 ? SEVERAL : (chosen[0] ?? '');
  select.classList.toggle('set', chosen.length > 0);
}

/** What can be done with the companies that are ticked, and how many those are. */
export function selectionBar(
  count: number,
  mark: (verdict: Verdict | 'clear') => void,
  deselect: () => void,
): HTMLElement[] {
  const button = (label: string, key: string, verdict: Verdict | 'clear') =>
    h(
      'button',
      { type: 'button', class: 'plain', onclick: () => mark(verdict) },
      `${label} `,
      h('kbd', {}, key),
    );
  return [
    h('span', {}, `${format.number(count)} selected`),
    button('Keep', 'k', 'keep'),
    button('Drop', 'd', 'drop'),
    button('Maybe', 'm', 'maybe'),
    button('Undo', 'u', 'clear'),
    h('button', { type: 'button', class: 'quiet', onclick: deselect }, 'Deselect'),
  ];
}
