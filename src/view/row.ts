import { type Company, VERDICTS, type Verdict } from './data.ts';
import { foreign, h, httpsUrl, plain } from './dom.ts';
import { format } from './format.ts';

const SIGNS: Readonly<Record<Verdict, readonly [sign: string, label: string, key: string]>> = {
  keep: ['✓', 'Keep', 'k'],
  drop: ['✕', 'Drop', 'd'],
  maybe: ['?', 'Maybe', 'm'],
};

/** What a row tells the table. */
export interface RowEvents {
  open(row: number): void;
  /** The row's check box was set or cleared; `range` where shift was held. */
  select(row: number, on: boolean, range: boolean): void;
  mark(row: number, verdict: Verdict, range: boolean): void;
  visit(url: string): void;
}

/** One company's `<tr>`; updated in place, so that focus and what is open stay. */
export class RowView {
  readonly element: HTMLTableRowElement;
  readonly opener: HTMLButtonElement;
  company: Company;
  /** The row below with the full text, while it is open. */
  detail: HTMLTableRowElement | null = null;
  readonly #check: HTMLInputElement;
  readonly #verdicts: HTMLButtonElement[];
  readonly #events: RowEvents;

  constructor(company: Company, events: RowEvents) {
    this.company = company;
    this.#events = events;
    const { row } = company;
    const name = plain(company.name, 80) || 'unnamed company';
    this.#check = h('input', {
      type: 'checkbox',
      'aria-label': `Select ${name}`,
      onclick: (event) =>
        events.select(row, this.#check.checked, event instanceof MouseEvent && event.shiftKey),
    });
    this.opener = h(
      'button',
      { type: 'button', class: 'open', 'aria-expanded': 'false', onclick: () => events.open(row) },
      foreign(company.name || 'unnamed company', 300),
    );
    this.#verdicts = VERDICTS.map((verdict) => {
      const [sign, label, key] = SIGNS[verdict];
      return h(
        'button',
        {
          type: 'button',
          class: verdict,
          title: `${label} (${key})`,
          'aria-label': `${label} ${name}`,
          onclick: (event) => events.mark(row, verdict, event instanceof MouseEvent && event.shiftKey),
        },
        sign,
      );
    });
    const { country, employees, funding, reason } = company;
    const size = employees === null ? '' : format.number(employees);
    this.element = h(
      'tr',
      { 'data-row': row },
      h('td', { class: 'sel' }, this.#check),
      h('td', { class: 'row' }, format.number(row)),
      h('th', { scope: 'row', class: 'name' }, this.opener, ...badges(company), this.#below()),
      h('td', { class: 'domain' }, this.#link()),
      cell('country', country, 60),
      h('td', { class: 'employees' }, size === '' ? nothing() : size),
      cell('funding', funding, 60),
      h(
        'td',
        { class: 'reason' },
        reason === '' ? nothing() : h('div', { class: 'clamp', dir: 'auto' }, plain(reason, 600)),
      ),
      h('td', { class: 'verdict' }, h('div', { class: 'marks' }, ...this.#verdicts)),
    );
    this.update(company, false);
  }

  /** Shows the verdict and whether the row is selected. */
  update(company: Company, selected: boolean): void {
    this.company = company;
    this.element.className = [company.verdict ?? 'open', selected ? 'selected' : ''].join(' ').trim();
    this.#check.checked = selected;
    this.#verdicts.forEach((button, at) => {
      button.setAttribute('aria-pressed', String(VERDICTS[at] === company.verdict));
    });
  }

  /** Only the current row is in the tab order; arrow keys reach the others. */
  reachable(on: boolean): void {
    for (const control of this.element.querySelectorAll<HTMLElement>('button, input, a')) {
      control.tabIndex = on ? 0 : -1;
    }
  }

  /** What the columns hold that a narrow page has no room for. */
  #below(): HTMLElement {
    const { row, country, employees, funding } = this.company;
    const size = employees === null ? '' : `${format.number(employees)} people`;
    const facts = [['country', country] as const, ['size', size] as const, ['stage', funding] as const]
      .filter(([, fact]) => fact !== '')
      .map(([kind, fact]) => h('bdi', { class: `fact ${kind}` }, plain(fact, 60)));
    return h(
      'span',
      { class: 'below' },
      h('span', { class: 'fact rank' }, `#${format.number(row)}`),
      ...(this.company.domain === '' ? [] : [this.#link()]),
      ...facts,
    );
  }

  #link(): HTMLElement {
    const { domain } = this.company;
    const url = domain === '' ? null : httpsUrl(domain);
    if (url === null) return domain === '' ? nothing() : foreign(domain, 120);
    return h(
      'a',
      {
        href: url,
        rel: 'noopener noreferrer',
        target: '_blank',
        onclick: (event) => {
          event.preventDefault();
          this.#events.visit(url);
        },
      },
      foreign(domain, 120),
    );
  }
}

function cell(name: string, value: string, maxLength: number): HTMLElement {
  return h('td', { class: name }, value === '' ? nothing() : foreign(value, maxLength));
}

function nothing(): HTMLElement {
  return h(
    'span',
    { class: 'nothing' },
    h('span', { 'aria-hidden': 'true' }, '–'),
    h('span', { class: 'unseen' }, 'none'),
  );
}

function badges({ isSeed, sameAs, known, knownMaybe }: Company): HTMLElement[] {
  const made: HTMLElement[] = [];
  const badge = (kind: string, label: string, title: string) =>
    made.push(h('span', { class: `badge ${kind}`, title }, label));
  if (isSeed) badge('seed', 'seed', 'One of the companies that the search started from, or a branch of it');
  if (sameAs !== null)
    badge('same', `same as ${format.number(sameAs)}`, 'The same company, delivered before');
  if (known.length > 0) {
    badge('known', 'known', `On your lists: ${known.map((list) => plain(list, 60)).join(', ')}`);
  } else if (knownMaybe) badge('known', 'maybe known', 'Close to a company on your lists');
  return made;
}
