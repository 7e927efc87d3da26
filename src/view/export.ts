import type { Selection, Status } from './data.ts';
import { h, plain } from './dom.ts';
import { format } from './format.ts';

export interface ExportEvents {
  run(which: 'shown' | 'keepers'): Promise<{ path: string; rows: number; notices: string[] }>;
  say(text: string): void;
}

/** The export button and, below the head, what can be exported and where it went. */
export class ExportPanel {
  readonly button = h('button', { type: 'button', class: 'plain', 'aria-expanded': 'false' }, 'Export');
  readonly panel = h('div', { class: 'panel', hidden: true, role: 'group', 'aria-label': 'Export as CSV' });
  readonly #shown = h('button', { type: 'button', class: 'plain' });
  readonly #keepers = h('button', { type: 'button', class: 'plain' });
  readonly #outcome = h('div', { class: 'outcome' });
  readonly #events: ExportEvents;

  constructor(events: ExportEvents) {
    this.#events = events;
    this.button.addEventListener('click', () => this.#open(this.panel.hidden !== false));
    this.#shown.addEventListener('click', () => this.#run('shown'));
    this.#keepers.addEventListener('click', () => this.#run('keepers'));
    this.panel.append(
      h('div', { class: 'choices' }, h('span', {}, 'Save as CSV:'), this.#shown, this.#keepers),
      this.#outcome,
    );
    this.panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.#open(false);
      this.button.focus();
    });
  }

  update({ counts }: Status, matching: number, _selection: Selection): void {
    this.#shown.textContent = `What is shown (${format.number(matching)})`;
    this.#shown.disabled = matching === 0;
    const keepers = counts?.keep ?? 0;
    this.#keepers.textContent = `Keepers (${format.number(keepers)})`;
    this.#keepers.disabled = keepers === 0;
  }

  #open(on: boolean): void {
    this.panel.hidden = !on;
    this.button.setAttribute('aria-expanded', String(on));
    this.#outcome.replaceChildren();
  }

  async #run(which: 'shown' | 'keepers'): Promise<void> {
    this.#outcome.replaceChildren(h('p', {}, 'Writing the file …'));
    try {
      const { path, rows, notices } = await this.#events.run(which);
      const code = h('code', { tabindex: 0, 'aria-label': 'Path of the file' }, plain(path, 4_000));
      const copy = h('button', { type: 'button', class: 'plain' }, 'Copy path');
      copy.addEventListener('click', () => this.#copy(plain(path, 4_000), code, copy));
      this.#outcome.replaceChildren(
        h('p', {}, `${format.companies(rows)} saved on the machine that runs this server:`),
        h('div', { class: 'path' }, code, copy),
        ...notices.map((notice) => h('p', { class: 'notice' }, plain(notice, 600))),
      );
      this.#events.say(`${format.companies(rows)} saved to ${path}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      this.#outcome.replaceChildren(h('p', { class: 'bad' }, `Not exported: ${plain(why, 600)}`));
      this.#events.say(`Not exported: ${why}`);
    }
  }

  /** Sandboxed pages may not have the clipboard: then by the old command, else the path is selected. */
  async #copy(path: string, code: HTMLElement, button: HTMLButtonElement): Promise<void> {
    let copied = true;
    try {
      await navigator.clipboard.writeText(path);
    } catch {
      getSelection()?.selectAllChildren(code);
      copied = document.execCommand('copy');
    }
    button.textContent = copied ? 'Copied' : 'Selected: press Ctrl+C';
    this.#events.say(copied ? 'Path copied' : 'Path selected');
  }
}
