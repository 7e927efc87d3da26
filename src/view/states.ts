import type { Status } from './data.ts';
import { h, plain } from './dom.ts';
import { format } from './format.ts';

/** Something to do about a state. */
export interface Action {
  label: string;
  run(): void;
}

/** Grey bars in the shape of the table, until there is something to show. */
export function skeleton(): HTMLElement {
  const line = (kind: string) => h('div', { class: `ghost ${kind}` });
  return h(
    'div',
    { class: 'skeleton', 'aria-label': 'Loading', role: 'img' },
    line('tabs'),
    line('bar'),
    ...Array.from({ length: 6 }, () => line('row')),
  );
}

/** A state in words: what is the case, why, and what can be done. Untrusted text is cut and cleaned. */
export function message(
  kind: 'info' | 'bad',
  title: string,
  lines: readonly string[],
  actions: Action[] = [],
): HTMLElement {
  return h(
    'div',
    { class: `message ${kind}` },
    h('p', { class: 'title' }, title),
    ...lines.filter((line) => line !== '').map((line) => h('p', { dir: 'auto' }, plain(line, 1_000))),
    actions.length === 0
      ? null
      : h(
          'p',
          { class: 'actions' },
          ...actions.map(({ label, run }) =>
            h('button', { type: 'button', class: 'plain', onclick: run }, label),
          ),
        ),
  );
}

const STAGES: ReadonlyMap<string, string> = new Map([
  ['retrieving_companies', 'Retrieving companies'],
  ['qualifying_companies', 'Qualifying companies'],
  ['reranking_companies', 'Ranking companies'],
]);

/** A running job: how far it is, what it costs so far, and a button to cancel it that asks once more. */
export class Progress {
  readonly element: HTMLElement;
  readonly #title = h('p', { class: 'title' });
  readonly #bar = h('progress', { 'aria-label': 'Companies processed' });
  readonly #facts = h('dl', { class: 'facts' });
  readonly #cancel = h('button', { type: 'button', class: 'plain' }, 'Cancel job');
  readonly #confirm: HTMLElement;
  readonly #question = h('p', {});
  #cancelling = false;

  constructor(cancel: () => Promise<void>) {
    const ask = (on: boolean) => {
      this.#confirm.hidden = !on;
      this.#cancel.hidden = on;
      (on ? keep : this.#cancel).focus();
    };
    const keep = h(
      'button',
      { type: 'button', class: 'plain', onclick: () => ask(false) },
      'Keep it running',
    );
    const yes = h('button', { type: 'button', class: 'plain danger' }, 'Yes, cancel the job');
    yes.addEventListener('click', async () => {
      this.#cancelling = true;
      this.#confirm.hidden = true;
      this.#cancel.hidden = false;
      this.#showCancel();
      await cancel().catch(() => {
        this.#cancelling = false;
      });
      this.#showCancel();
    });
    this.#cancel.addEventListener('click', () => ask(true));
    this.#confirm = h(
      'div',
      { class: 'confirm', hidden: true, role: 'group', 'aria-label': 'Cancel the job?' },
      this.#question,
      h('p', { class: 'actions' }, keep, yes),
    );
    this.element = h(
      'div',
      { class: 'progress' },
      h('div', { class: 'line' }, this.#title, this.#cancel),
      this.#bar,
      this.#facts,
      this.#confirm,
    );
  }

  update({ status, stage, processed, requested, readable, creditsAtLeast, title }: Status): void {
    this.#cancelling ||= status === 'cancelling';
    this.#title.textContent = this.#cancelling
      ? 'Cancelling …'
      : (STAGES.get(stage) ?? (status === 'pending' ? 'Waiting to start' : 'Searching for companies'));
    if (processed === null || requested === null || requested === 0) this.#bar.removeAttribute('value');
    else {
      this.#bar.max = requested;
      this.#bar.value = Math.min(processed, requested);
    }
    const of = requested === null ? '' : ` of ${format.number(requested)}`;
    const facts: Array<readonly [string, string | null]> = [
      ['Search', title === '' ? null : plain(title, 200)],
      ['Processed', processed === null ? 'none yet' : `${format.number(processed)}${of}`],
      ['Readable now', readable === null ? null : format.companies(readable)],
      ['Credits so far', creditsAtLeast === null ? null : `at least ${format.number(creditsAtLeast)}`],
    ];
    this.#facts.replaceChildren(
      ...facts.flatMap(([label, value]) =>
        value === null ? [] : [h('div', {}, h('dt', {}, label), h('dd', {}, h('bdi', {}, value)))],
      ),
    );
    const credits =
      creditsAtLeast === null ? '' : ` (at least ${format.number(creditsAtLeast)} credits so far)`;
    this.#question.textContent = `Cancel this job? It can't be taken up again. What it has delivered stays, and is billed${credits}; a few companies more may come before it stops.`;
    this.#showCancel();
  }

  #showCancel(): void {
    this.#cancel.disabled = this.#cancelling;
    this.#cancel.textContent = this.#cancelling ? 'Cancelling …' : 'Cancel job';
  }
}
