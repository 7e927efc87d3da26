import { type Api, Refused } from './host/api.ts';
import { type Bridge, BridgeError } from './host/bridge.ts';
import { copyText } from './host/clipboard.ts';
import { keepUnsent, unsentBefore } from './host/queue-store.ts';
import type { Effect, Failure, ViewEvent } from './state/events.ts';
import { pollDelay, waiting } from './state/look.ts';
import type { State } from './state/model.ts';
import { update } from './state/update.ts';
import { format } from './ui/format.ts';
import type { Acts } from './ui/small.tsx';

/** Marks made one after the other are told to the model once, and the place kept once. Milliseconds. */
const HINT_MS = 1_500;
const SAVE_MS = 600;
/** What was asked within this time is not asked again. Milliseconds. */
const RECENT_MS = 1_000;

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

/** Holds the one state, does what it calls for, and tells it what came of it. */
export class Runtime {
  readonly #parts: RuntimeParts;
  state: State;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #hinting: ReturnType<typeof setTimeout> | undefined;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #toSave: { jobId: string; session: string } | null = null;
  readonly #takenUp = new Set<string>();
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
    this.#takeUp();
    this.#schedule();
    for (const tell of this.#watching.splice(0)) tell();
  };

  /** What the page can have done beside changing its state. */
  readonly acts: Acts = {
    visit: (url) => {
      this.#parts.bridge
        .openLink(url)
        .catch(() => this.#warn(`This chat program opens no links. The address is ${url}`));
    },
    copy: (text, what) => void this.#copy(text, what),
    copyDomains: () => void this.#copyDomains(),
    save: (which) => void this.#save(which),
    message: (which) => void this.#message(which),
    toggleFullscreen: () => void this.#toggleFullscreen(),
  };

  /** Asks about the job now, unless that was just done: somebody looks at it again. */
  look(): void {
    const { restored, connection, status } = this.state;
    if (!restored || connection === 'denied' || (status?.terminal && !status.final)) return;
    if (performance.now() - this.#askedAt > RECENT_MS) this.send({ is: 'poll' });
  }

  /** Sends what waits to be kept, since the frame goes. */
  flush(): void {
    clearTimeout(this.#saving);
    this.#keepPlace();
  }

  #do(effect: Effect): void {
    const { api, focus, say } = this.#parts;
    switch (effect.do) {
      case 'status': {
        const { jobId, asked, epoch, selection, session } = effect;
        this.#asking += 1;
        const answer = api.status(jobId, selection, session).finally(() => {
          this.#askedAt = performance.now();
          this.#asking -= 1;
        });
        this.#tell(
          answer,
          (status) => ({ is: 'status', asked, epoch, status }),
          (failure) => ({ is: 'failed', call: 'status', asked, failure }),
        );
        return;
      }
      case 'rows': {
        const { jobId, use, asked, focus: on, query } = effect;
        this.#tell(
          api.rows(jobId, query),
          (read) => ({ is: 'rows', jobId, use, asked, focus: on, read }),
          (failure) => ({ is: 'failed', call: use, asked, failure }),
        );
        return;
      }
      case 'detail': {
        const { jobId, row } = effect;
        this.#tell(
          api.company(jobId, row),
          (detail) => ({ is: 'detail', jobId, row, detail }),
          ({ message }) => ({ is: 'detail', jobId, row, detail: message }),
        );
        return;
      }
      case 'send': {
        const { operation } = effect;
        this.#tell(
          api.send(operation),
          (answer) => ({ is: 'sent', operation, answer }),
          (failure) => ({ is: 'unsent', operation, failure }),
        );
        return;
      }
      case 'keep queue':
        keepUnsent(effect.jobId, effect.operations);
        return;
      case 'save':
        if (this.#toSave && this.#toSave.jobId !== effect.jobId) this.flush();
        this.#toSave = effect;
        clearTimeout(this.#saving);
        this.#saving = setTimeout(() => this.#keepPlace(), SAVE_MS);
        return;
      case 'cancel':
        this.#tell(
          api.cancel(effect.jobId),
          () => ({ is: 'cancelled', failure: null }),
          (failure) => ({ is: 'cancelled', failure }),
        );
        return;
      case 'focus':
        focus(effect.on);
        return;
      case 'say':
        say(effect.text);
        return;
      case 'hint':
        clearTimeout(this.#hinting);
        this.#hinting = setTimeout(() => {
          if (this.state.stopped === 'no') this.#parts.bridge.hint(effect.text);
        }, HINT_MS);
    }
  }

  /** Tells the state what came of a call. */
  #tell<T>(
    call: Promise<T>,
    answered: (answer: T) => ViewEvent,
    failed: (failure: Failure) => ViewEvent,
  ): void {
    call.then(
      (answer) => this.send(answered(answer)),
      (error: unknown) => this.send(failed(failureOf(error))),
    );
  }

  /** Asks again when it is due. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#asking > 0) return;
    const now = performance.now();
    const delay = pollDelay(this.state, now);
    if (delay === null) return;
    this.#timer = setTimeout(() => this.send({ is: 'poll' }), Math.max(0, this.#askedAt + delay - now));
  }

  /** What an earlier frame could not send of this job is sent now. */
  #takeUp(): void {
    const { jobId, restored } = this.state;
    if (jobId === null || !restored || this.#takenUp.has(jobId)) return;
    this.#takenUp.add(jobId);
    const operations = unsentBefore(jobId);
    if (operations.length > 0) this.send({ is: 'queued before', operations });
  }

  #keepPlace(): void {
    const place = this.#toSave;
    this.#toSave = null;
    // A place that can't be kept is no reason to disturb anybody.
    if (place) this.#parts.api.keepSession(place.jobId, place.session).catch(() => {});
  }

  /** Waits until the server has all verdicts; false where nobody answers. */
  async #allSaved(): Promise<boolean> {
    while (waiting(this.state).length > 0) {
      if (this.state.connection !== 'ok' || this.state.stopped !== 'no') return false;
      await new Promise<void>((resolve) => this.#watching.push(resolve));
    }
    return true;
  }

  #warn(text: string): void {
    this.send({ is: 'warned', text });
  }

  async #copy(text: string, what: string): Promise<void> {
    const copied = await copyText(text);
    if (copied) this.send({ is: 'told', text: `${what} copied` });
    else this.#warn('This chat program does not let the table copy.');
  }

  async #copyDomains(): Promise<void> {
    const { jobId, place } = this.state;
    if (jobId === null) return;
    if (!(await this.#allSaved())) return this.#warn(`Not copied: ${UNSAVED}`);
    const keepers = { ...place.selection, verdicts: ['keep'] };
    try {
      const domains = await this.#parts.api.domains(jobId, place, keepers);
      await this.#copy(domains.join('\n'), `${format.number(domains.length)} domains`);
    } catch (error) {
      this.#warn(`Not copied: ${failureOf(error).message}`);
    }
  }

  async #save(which: 'shown' | 'keepers'): Promise<void> {
    const { jobId, place, host } = this.state;
    if (jobId === null) return;
    const tell = (state: 'writing' | 'downloaded' | 'written' | 'failed', text: string, path = '') =>
      this.send({ is: 'exported', state, text, path });
    tell('writing', 'Writing the file …');
    if (!(await this.#allSaved())) return tell('failed', `Not exported: ${UNSAVED}`);
    try {
      const { path, uri, rows, notices } = await this.#parts.api.export(jobId, which, place, place.selection);
      const count = format.companies(rows);
      const more = notices.length === 0 ? '' : ` ${notices.join(' ')}`;
      const name = path.split(/[\\/]/).at(-1) ?? 'companies.csv';
      const saved =
        host.canDownload && uri !== ''
          ? await this.#parts.bridge.download(uri, name, 'text/csv').then(
              () => true,
              () => false,
            )
          : false;
      if (saved) tell('downloaded', `${count} saved as ${name}.${more}`);
      else tell('written', `${count} saved on this computer, the one that runs the server:${more}`, path);
    } catch (error) {
      tell('failed', `Not exported: ${failureOf(error).message}`);
    }
  }

  async #message(which: 'go on' | 'judge the rest'): Promise<void> {
    await this.#allSaved();
    const { jobId, status } = this.state;
    // Of the whole job, whatever filters leave.
    const { keep, maybe, drop, companies } = status?.counts ?? { keep: 0, maybe: 0, drop: 0, companies: 0 };
    const id = jobId ?? status?.job_id ?? '';
    const texts = {
      'go on':
        status === null
          ? `Show me the companies of ${id === '' ? 'my newest lookalike job' : `job ${id}`} here in the chat.`
          : `I have judged the companies of job ${id}: ${keep} kept, ${maybe} maybe, ${drop} dropped of ${companies}. What do you suggest next?`,
      'judge the rest': `In the table of job ${id} I have judged ${keep + maybe + drop} companies: ${keep} kept, ${maybe} maybe, ${drop} dropped. Please judge the others like these: look at my verdicts with query_companies, then go through get_review_batch and mark_companies until none is left, with a short reason for each. I confirm them in the table.`,
    };
    try {
      await this.#parts.bridge.message(texts[which]);
      this.send({ is: 'told', text: 'Sent to the chat' });
      if (which === 'judge the rest') this.send({ is: 'asked the model' });
    } catch {
      this.#warn('The chat program did not take the message. Say it in the chat yourself.');
    }
  }

  async #toggleFullscreen(): Promise<void> {
    const { displayMode } = this.state.host;
    const wanted = displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
    const now = await this.#parts.bridge.setDisplayMode(wanted).catch(() => displayMode);
    this.send({ is: 'host', host: { displayMode: now } });
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Refused) {
    return { kind: 'refused', message: error.message, retryable: error.retryable };
  }
  if (error instanceof BridgeError) return { kind: error.kind, message: error.message, retryable: true };
  return { kind: 'error', message: error instanceof Error ? error.message : 'unknown', retryable: true };
}
