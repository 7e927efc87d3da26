import type { Bucket, Selection, Status } from './data.ts';
import { h, plain } from './dom.ts';
import { format } from './format.ts';

/** Which of the selection's lists a click changes. */
export type Dimension = 'countries' | 'sizes' | 'stages' | 'verdicts';

/** Countries named in the legend; the select has all. */
const NAMED_COUNTRIES = 6;

const TABS: ReadonlyArray<readonly [value: string, label: string]> = [
  ['', 'All'],
  ['open', 'Open'],
  ['keep', 'Kept'],
  ['maybe', 'Maybe'],
  ['drop', 'Dropped'],
];

/** How many companies there are and what became of them, and two bars that show what kind they are. */
export class Head {
  readonly element: HTMLElement;
  readonly #tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': 'Show by verdict' });
  readonly #countries: Bar;
  readonly #sizes: Bar;

  /** `toggle` is called with the value that was clicked; an empty one means all. */
  constructor(toggle: (dimension: Dimension, value: string) => void, actions: HTMLElement) {
    this.#countries = new Bar('Countries', NAMED_COUNTRIES, (value) => toggle('countries', value));
    this.#sizes = new Bar('Employees', Number.POSITIVE_INFINITY, (value) => toggle('sizes', value));
    for (const [value, label] of TABS) {
      const button = h(
        'button',
        { type: 'button', 'data-verdict': value, onclick: () => toggle('verdicts', value) },
        h('span', {}, label),
        h('b', {}, ''),
      );
      this.#tabs.append(button);
    }
    this.element = h(
      'header',
      { class: 'head' },
      h('div', { class: 'line' }, this.#tabs, actions),
      h('div', { class: 'bars' }, this.#countries.element, this.#sizes.element),
    );
  }

  update({ counts, countries, sizes }: Status, selection: Selection): void {
    for (const button of this.#tabs.querySelectorAll('button')) {
      const value = button.dataset.verdict ?? '';
      const count = value === '' ? counts?.companies : counts?.[value as 'open' | 'keep' | 'maybe' | 'drop'];
      const number = button.querySelector('b');
      if (number) number.textContent = format.number(count ?? 0);
      const on = value === '' ? selection.verdicts.length === 0 : selection.verdicts.includes(value);
      button.setAttribute('aria-pressed', String(on));
    }
    this.#countries.update(countries, selection.countries);
    this.#sizes.update(sizes, selection.sizes);
  }
}

/** A bar whose parts are as long as their counts, and a legend of buttons that filter. */
class Bar {
  readonly element: HTMLElement;
  readonly #bar = h('div', { class: 'bar', 'aria-hidden': 'true' });
  readonly #legend = h('div', { class: 'legend' });
  readonly #named: number;
  readonly #toggle: (value: string) => void;
  #shown = '';

  constructor(label: string, named: number, toggle: (value: string) => void) {
    this.#named = named;
    this.#toggle = toggle;
    this.element = h(
      'div',
      { role: 'group', 'aria-label': `${label}: click to filter` },
      this.#bar,
      this.#legend,
    );
  }

  update(buckets: readonly Bucket[], chosen: readonly string[]): void {
    const all = JSON.stringify(buckets);
    if (all !== this.#shown) this.#draw(buckets);
    this.#shown = all;
    for (const part of this.element.querySelectorAll<HTMLElement>('[data-value]')) {
      const on = chosen.includes(part.dataset.value ?? '');
      part.classList.toggle('off', chosen.length > 0 && !on);
      if (part.tagName === 'BUTTON') part.setAttribute('aria-pressed', String(on));
    }
  }

  #draw(buckets: readonly Bucket[]): void {
    const present = buckets.filter(({ count }) => count > 0);
    const named = present.slice(0, this.#named);
    const rest = present.slice(this.#named).reduce((sum, { count }) => sum + count, 0);
    const total = present.reduce((sum, { count }) => sum + count, 0) || 1;
    this.#bar.replaceChildren(
      ...named.map(({ value, label, count }, at) => {
        const part = h('span', {
          'data-value': value,
          class: tint(value, at),
          title: `${plain(label, 80)}: ${format.number(count)}`,
          onclick: () => this.#toggle(value),
        });
        part.style.flexGrow = String(count / total);
        return part;
      }),
    );
    this.#legend.replaceChildren(
      ...named.map(({ value, label, count }, at) =>
        h(
          'button',
          {
            type: 'button',
            'data-value': value,
            'aria-pressed': 'false',
            onclick: () => this.#toggle(value),
          },
          h('i', { class: tint(value, at), 'aria-hidden': 'true' }),
          h('bdi', {}, plain(label, 40)),
          ' ',
          h('b', {}, format.number(count)),
        ),
      ),
    );
    if (rest > 0) {
      const part = h('span', { class: 't-rest', title: `others: ${format.number(rest)}` });
      part.style.flexGrow = String(rest / total);
      this.#bar.append(part);
      this.#legend.append(
        h(
          'span',
          { class: 'rest' },
          h('i', { class: 't-rest', 'aria-hidden': 'true' }),
          'others ',
          h('b', {}, format.number(rest)),
        ),
      );
    }
  }
}

function tint(value: string, at: number): string {
  return value === 'unknown' ? 't-rest' : `t-${Math.min(at, 8)}`;
}
