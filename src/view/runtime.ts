import type { Api } from './host/api.ts';
import { type Bridge, CallError } from './host/bridge.ts';
import { copyText, keepUnsent, unsentBefore } from './host/surroundings.ts';
import type { Effect, Failure } from './state/draft.ts';
import { pollDelay, waiting } from './state/look.ts';
import type { Exported, State } from './state/model.ts';
import { update, type ViewEvent } from './state/update.ts';
import type { Acts } from './ui/small.tsx';
import { format } from './ui/text.ts';

/** Marks made one after the other are told to the model once, and the place kept once. Milliseconds. */
const HINT_MS = 1_500;
const SAVE_MS = 600;

const UNSAVED = 'some of your verdicts are not saved yet. Try again when the connection is back.';

export interface RuntimeParts {
  bridge: Bridge;
  api: Api;
  /** Draws the state. */
  draw(state: State): void;
  /** Puts the focus somewhere, after drawing. */
  focus(on: number | 'card'): void;
  /** Says something in the live region. */
  say(text: string): void;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** Holds the one state, does what it calls for, and tells it what came of it. */
export class Runtime {
  readonly #parts: RuntimeParts;
  state: State;
  #polling: Timer;
  #hinting: Timer;
  #saving: Timer;
  #toSave: { jobId: string; session: string } | null = null;
  /** Called when something has happened. */
  #watching: Array<() => void> = [];

  constructor(state: State, parts: RuntimeParts) {
    this.state = state;
    this.#parts = parts;
  }

  /** Tells the state what has happened. */
  readonly send = (event: ViewEvent): void => {
    const [next, effects] = update(this.state, event, performance.now());
    const changed = next !== this.state;
    this.state = next;
    if (changed) this.#parts.draw(next);
    for (const effect of effects) this.#do(effect);
    this.#schedule();
    for (const tell of this.#watching.splice(0)) tell();
  };

  /** Sends what waits to be kept, since the frame goes. */
  flush(): void {
    clearTimeout(this.#saving);
    const place = this.#toSave;
    this.#toSave = null;
    // A place that can't be kept is no reason to disturb anybody.
    if (place) this.#parts.api.keepSession(place.jobId, place.session).catch(() => {});
  }

  #do(effect: Effect): void {
    const { focus, say, bridge } = this.#parts;
    switch (effect.do) {
      case 'keep queue':
        keepUnsent(effect.jobId, effect.operations);
        break;
      case 'take up queue':
        this.send({ is: 'queued before', operations: unsentBefore(effect.jobId) });
        break;
      case 'save':
        if (this.#toSave?.jobId !== effect.jobId) this.flush();
        this.#toSave = effect;
        clearTimeout(this.#saving);
        this.#saving = setTimeout(() => this.flush(), SAVE_MS);
        break;
      case 'focus':
        focus(effect.on);
        break;
      case 'say':
        say(effect.text);
        break;
      case 'hint':
        clearTimeout(this.#hinting);
        this.#hinting = setTimeout(() => {
          const content = [{ type: 'text', text: effect.text }];
          if (this.state.stopped === 'no' && bridge.can('updateModelContext'))
            bridge.ask('ui/update-model-context', { content }).catch(() => {});
        }, HINT_MS);
        break;
      default:
        this.#parts.api
          .answer(effect)
          .then(this.send, (error: unknown) =>
            this.send({ is: 'failed', call: effect, failure: failureOf(error) }),
          );
    }
  }

  /** Asks again when it is due. */
  #schedule(): void {
    clearTimeout(this.#polling);
    const delay = pollDelay(this.state, performance.now());
    if (delay !== null) this.#polling = setTimeout(() => this.send({ is: 'poll' }), delay);
  }

  /** Waits until the server has all verdicts. @throws {CallError} where nobody answers. */
  async #allSaved(): Promise<void> {
    while (waiting(this.state).length > 0) {
      if (this.state.connection !== 'ok' || this.state.stopped !== 'no') throw new CallError(UNSAVED);
      await new Promise<void>((resolve) => this.#watching.push(resolve));
    }
  }

  /** What the page can have done beside changing its state. */
  readonly acts: Acts = {
    visit: async (url) => {
      await this.#parts.bridge
        .ask('ui/open-link', { url })
        .catch(() => this.#warn(`This chat program opens no links. The address is ${url}`));
    },

    copy: async (text, what) => {
      if (await copyText(text)) this.send({ is: 'told', text: `${what} copied` });
      else this.#warn('This chat program does not let the table copy.');
    },

    copyDomains: async () => {
      const { jobId, place } = this.state;
      if (jobId === null) return;
      try {
        await this.#allSaved();
        const keepers = { ...place.selection, verdicts: ['keep' as const] };
        const domains = await this.#parts.api.domains(jobId, place, keepers);
        this.acts.copy(domains.join('\n'), `${format.number(domains.length)} domains`);
      } catch (error) {
        this.#warn(`Not copied: ${failureOf(error).message}`);
      }
    },

    save: async (which) => {
      const { jobId, place } = this.state;
      if (jobId === null) return;
      const tell = (state: Exported['state'], text: string, path = '') =>
        this.send({ is: 'exported', exported: { state, text, path } });
      tell('writing', 'Writing the file …');
      try {
        await this.#allSaved();
        const { api, bridge } = this.#parts;
        const { export: file, notices } = await api.export(jobId, which, place, place.selection);
        const { path, uri } = file;
        const count = format.companies(file.rows);
        const more = notices.map((notice) => ` ${notice}`).join('');
        const name = path.split(/[\\/]/).at(-1) ?? 'companies.csv';
        const contents = [{ type: 'resource_link', uri, name, mimeType: 'text/csv' }];
        const saved =
          bridge.can('downloadFile') &&
          (await bridge.ask('ui/download-file', { contents }).catch(() => null)) !== null;
        if (saved) tell('downloaded', `${count} saved as ${name}.${more}`);
        else tell('written', `${count} saved on this computer, the one that runs the server:${more}`, path);
      } catch (error) {
        tell('failed', `Not exported: ${failureOf(error).message}`);
      }
    },

    message: async (which) => {
      await this.#allSaved().catch(() => {});
      const { jobId: id, status } = this.state;
      // Of the whole job, whatever filters leave.
      const { keep = 0, maybe = 0, drop = 0, companies = 0 } = status?.counts ?? {};
      const judged = `${keep} kept, ${maybe} maybe, ${drop} dropped`;
      const texts = {
        'go on':
          status === null
            ? `Show me the companies of ${id === null ? 'my newest lookalike job' : `job ${id}`} here in the chat.`
            : `I have judged the companies of job ${id}: ${judged} of ${companies}. What do you suggest next?`,
        'judge the rest': `In the table of job ${id} I have judged ${keep + maybe + drop} companies: ${judged}. Please judge the others like these: look at my verdicts with query_companies, then go through get_review_batch and mark_companies until none is left, with a short reason for each. I confirm them in the table.`,
      };
      try {
        const content = [{ type: 'text', text: texts[which] }];
        await this.#parts.bridge.ask('ui/message', { role: 'user', content });
        this.send({ is: 'told', text: 'Sent to the chat' });
        if (which === 'judge the rest') this.send({ is: 'asked the model' });
      } catch {
        this.#warn('The chat program did not take the message. Say it in the chat yourself.');
      }
    },

    toggleFullscreen: async () => {
      const { displayMode } = this.state.host;
      const wanted = displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
      const asked = this.#parts.bridge.ask('ui/request-display-mode', { mode: wanted });
      const { mode = wanted } = await asked.catch(() => ({ mode: displayMode }));
      this.send({ is: 'host', host: { displayMode: String(mode) } });
    },
  };

  #warn(text: string): void {
    this.send({ is: 'warned', text });
  }
}

function failureOf(error: unknown): Failure {
  return error instanceof CallError
    ? error
    : new CallError(error instanceof Error ? error.message : 'unknown');
}
