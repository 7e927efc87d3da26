import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import type { BulkApi } from './bulk-api.ts';
import type { Ledger, LedgerJob } from './ledger.ts';
import { isTerminal, shownStatus } from './state.ts';

/** A submit like one that is still running within this time is taken for a repetition. Milliseconds. */
const REPEAT_MS = 24 * 60 * 60 * 1000;

export interface Submitted {
  job_id: string;
  status: string;
  message: string | null;
  /** Whether this is a job that was already running, and nothing was submitted. */
  existing: boolean;
  /** Whether the ledger has the job; if not, the caller has the only copy of its id. */
  recorded: boolean;
}

export interface SubmitOptions {
  allowDuplicate: boolean;
  /** Asked for a yes before anything is submitted; throws when there is none. */
  confirm: () => Promise<void>;
  signal: AbortSignal;
}

/** Submits jobs one of a kind at a time, so that the same search is not paid for twice by accident. */
export class Submitter {
  readonly #api: BulkApi;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #inTurn = new Map<string, Promise<unknown>>();

  constructor(api: BulkApi, ledger: Ledger, now: () => number) {
    this.#api = api;
    this.#ledger = ledger;
    this.#now = now;
  }

  /** Resolves when no submit is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#inTurn.values());
  }

  /**
   * Submits a search, or answers with the job that already runs it, and records what was accepted.
   *
   * @throws {OpenFunnelError} as `BulkApi.submit` does, and what `confirm` throws.
   */
  async submit(body: SubmitBody, options: SubmitOptions): Promise<Submitted> {
    const kind = canonical(body);
    const before = this.#inTurn.get(kind) ?? Promise.resolve();
    const turn = before.then(() => this.#submit(body, kind, options));
    const settled = turn.catch(() => {});
    this.#inTurn.set(kind, settled);
    try {
      return await turn;
    } finally {
      if (this.#inTurn.get(kind) === settled) this.#inTurn.delete(kind);
    }
  }

  async #submit(
    body: SubmitBody,
    kind: string,
    { allowDuplicate, confirm, signal }: SubmitOptions,
  ): Promise<Submitted> {
    signal.throwIfAborted();
    const running = allowDuplicate ? undefined : await this.#running(kind, signal);
    if (running) {
      const { job_id, status } = running;
      const message = `The same search was submitted at ${running.submitted_at} and is still running: nothing was submitted or billed again.`;
      return { job_id, status, message, existing: true, recorded: true };
    }
    await confirm();
    signal.throwIfAborted();
    const answer = await this.#api.submit(body, signal).catch(async (error: unknown) => {
      if (error instanceof OpenFunnelError && error.submitted === 'unknown')
        await this.#ledger.recordLost(body);
      throw error;
    });
    const status = shownStatus(answer.status);
    const recorded = await this.#ledger.recordSubmit(answer.job_id, body, status).then(
      () => true,
      () => false,
    );
    const message = answer.message === null ? null : oneLine(answer.message, 300);
    return { job_id: answer.job_id, status, message, existing: false, recorded };
  }

  /** The newest job for the same search that has not ended, as upstream says now. */
  async #running(kind: string, signal: AbortSignal): Promise<LedgerJob | undefined> {
    const jobs = await this.#ledger.list().catch(() => []);
    const since = this.#now() - REPEAT_MS;
    for (const job of jobs) {
      if (job.terminal || Date.parse(job.submitted_at) < since || canonical(job.request) !== kind) continue;
      try {
        const { status } = await this.#api.getPage(job.job_id, undefined, signal);
        if (!isTerminal(status)) return { ...job, status: shownStatus(status) };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof OpenFunnelError)) throw error;
        // Where its state can't be read, a job that may be running is worth more than a second bill.
        if (error.code !== 'not_found') return job;
      }
    }
    return undefined;
  }
}

/** The same text for the same search, whatever the order in which its fields and lists were given. */
function canonical(body: SubmitBody): string {
  const sorted = (value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value);
  return JSON.stringify(
    Object.entries(body)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, sorted(value)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
}
