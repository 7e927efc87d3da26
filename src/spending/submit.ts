import { unlessAborted } from '../lib/deadline.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import { creditsLeft } from './balances.ts';
import { type CeilingParts, checkCeiling } from './ceiling.ts';
import type { Ledger, LedgerJob, LedgerNote } from './ledger.ts';
import { conflict, ledgerDamaged } from './refusals.ts';
import { findSame, isRecent, mayBeRecent, type SameSearchParts, type Sight } from './same-search.ts';
import { searchKey } from './search-key.ts';

/** What a search has become: a new job, or the one that stands for it. */
export interface Submitted {
  job: Pick<LedgerJob, 'job_id' | 'status' | 'submitted_at' | 'terminal' | 'label' | 'other_key'>;
  /** How the job is known where it was there before, and nothing was submitted. */
  sight?: Sight;
  message?: string | null;
  /** Whether the ledger does not have it: only this process and the caller know of it then. */
  unrecorded?: boolean;
}

export interface SubmitRequest {
  body: SubmitBody;
  /** The user's own word for the search; kept in the ledger, never sent. */
  label: string | null;
  /** Whether the user wants it sent even if the same search was, or may have been, sent before. */
  allowDuplicate: boolean;
}

/** A search that nothing stands against but, where it is needed, the user's yes to its cost. */
export interface Cleared {
  /** Submissions that were found not to count, or that the user wants to pass over. */
  dismissed: ReadonlySet<string>;
}

export interface SubmitsParts extends SameSearchParts, Pick<CeilingParts, 'dailyCredits'> {
  api: Pick<OpenFunnelClient, 'getPage' | 'submit' | 'getBalance'>;
  ledger: Ledger;
}

/** Thrown between the intent and the POST: another call or process was first. */
const OVERTAKEN = new Error('the same search was submitted elsewhere just before');
const FORM_IS_OPEN =
  'A form in the client is already asking the user about this search. Ask the user to answer it; the call that opened it then continues.';
/** Rounds in which others are always first; each of them has then been refused. */
const MAX_ROUNDS = 8;

/**
 * Submits jobs in two steps, `clear` and `send`, between which the user is asked where that is needed: so that none
 * is paid for twice by accident and none leaves without a trace. The ledger has the intent before the POST goes out,
 * and of two intents for one search, of whatever call or process, the first in the file goes.
 */
export class Submits {
  readonly #parts: SubmitsParts;
  readonly #asked = new Set<string>();
  /** What is being sent, by search: in one process one after the other, whatever the disk does. */
  readonly #sending = new Map<string, Promise<unknown>>();

  constructor(parts: SubmitsParts) {
    this.#parts = parts;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#sending.values());
  }

  /**
   * Finds out whether a search is to be sent, or answers with the job that stands for it. Sends nothing.
   * @throws {OpenFunnelError} as `findSame` does; `forbidden` where it would go over the ceiling.
   */
  async clear(request: SubmitRequest, signal: AbortSignal): Promise<Submitted | Cleared> {
    const found = await this.#find(request, signal);
    if ('dismissed' in found) await checkCeiling(this.#parts, request.body.limit);
    return found;
  }

  /** Asks the user about a search. @throws {OpenFunnelError} `conflict` where that is being done already. */
  async asking<T>(body: SubmitBody, ask: () => Promise<T>): Promise<T> {
    const key = searchKey(body);
    if (this.#asked.has(key)) throw conflict(FORM_IS_OPEN);
    this.#asked.add(key);
    try {
      return await ask();
    } finally {
      this.#asked.delete(key);
    }
  }

  /**
   * Submits the search, or answers with the job that somebody else has started for it meanwhile. Records what became of
   * it. The signal is heeded only as long as nothing is sent. @throws {OpenFunnelError} as `clear` and the client do.
   */
  send(request: SubmitRequest, cleared: Cleared, signal: AbortSignal): Promise<Submitted> {
    const key = searchKey(request.body);
    const before = this.#sending.get(key) ?? Promise.resolve();
    const sending = before.then(() => this.#send(request, cleared, signal));
    const ended: Promise<unknown> = sending
      .catch(() => {})
      .then(() => this.#sending.get(key) === ended && this.#sending.delete(key));
    this.#sending.set(key, ended);
    return sending;
  }

  async #find({ body, allowDuplicate }: SubmitRequest, signal: AbortSignal): Promise<Submitted | Cleared> {
    const key = searchKey(body);
    const underWay = this.#sending.get(key);
    // A call that a client repeats while its first is under way is no second wish.
    if (allowDuplicate && underWay) await unlessAborted(signal, underWay);
    if (!allowDuplicate || underWay) return findSame(this.#parts, key, signal);
    const { submissions } = await this.#parts.ledger.view();
    return { dismissed: new Set(submissions.map((each) => each.key)) };
  }

  async #send(request: SubmitRequest, cleared: Cleared, signal: AbortSignal): Promise<Submitted> {
    let found: Submitted | Cleared = cleared;
    for (let round = 0; round < MAX_ROUNDS && 'dismissed' in found; round += 1) {
      const sent = await this.#post(request, found.dismissed, signal);
      if (sent) return sent;
      signal.throwIfAborted();
      // The user's wish to send it again was about what was there before, not about the submit that was first.
      found = await findSame(this.#parts, searchKey(request.body), signal);
    }
    if ('dismissed' in found)
      throw conflict('Other processes keep submitting the same search at this moment.');
    return found;
  }

  /** Null where another one was first, and nothing was sent. */
  async #post(
    { body, label, allowDuplicate }: SubmitRequest,
    dismissed: Cleared['dismissed'],
    signal: AbortSignal,
  ): Promise<Submitted | null> {
    const { api, ledger, clock } = this.#parts;
    // For what is told should the answer get lost, or the job fail.
    const before = await creditsLeft(api, clock, signal);
    const search = { intent: crypto.randomUUID(), request: body, label };
    let [noted, sent] = [false, false];
    const beforeSend = async () => {
      const written = await ledger.record({ type: 'intent', ...search, credits_left: before });
      noted = true;
      await this.#keepTurn(search, dismissed, allowDuplicate);
      await checkCeiling(this.#parts, body.limit, { key: search.intent, written });
      signal.throwIfAborted();
      sent = true;
    };
    const answer = await api.submit(body, signal, beforeSend).catch(async (error: unknown) => {
      if (noted) await ledger.record(outcomeOf(error, sent, search));
      if (error === OVERTAKEN) return null;
      if (before !== null && error instanceof OpenFunnelError && error.submitted === 'unknown')
        error.message += ` The balance right before it was ${counted(before, 'credit')}; how long billing can lag behind is unknown.`;
      throw error;
    });
    if (answer === null) return null;
    const { job_id, status, message } = answer;
    const recorded = await ledger.record({ type: 'submit', job_id, ...search, status });
    const submitted_at = new Date(clock.now()).toISOString();
    const job = { job_id, status, label, submitted_at, terminal: false, other_key: false };
    return { job, message, unrecorded: !recorded };
  }

  /** @throws `OVERTAKEN` where the file has another intent for the search before this one; an error where it is damaged. */
  async #keepTurn(
    { intent, request }: Search,
    dismissed: ReadonlySet<string>,
    allowDuplicate: boolean,
  ): Promise<void> {
    const { ledger, clock } = this.#parts;
    const { submissions, damage } = await ledger.view();
    const now = clock.now();
    if (damage && !allowDuplicate && mayBeRecent(damage, now)) throw ledgerDamaged(damage);
    const key = searchKey(request);
    for (const submission of submissions) {
      if (submission.key === intent) return;
      if (dismissed.has(submission.key) || submission.outcome === 'refused') continue;
      if (isRecent(submission.at, now) && searchKey(submission.request) === key) throw OVERTAKEN;
    }
  }
}

type Search = Pick<SubmitRequest, 'label'> & { intent: string; request: SubmitBody };

/** What became of a submit that brought no answer that can be used, as the ledger notes it. @param sent Whether it went out. */
function outcomeOf(error: unknown, sent: boolean, search: Search): LedgerNote {
  const failure = error instanceof OpenFunnelError ? error : null;
  if (!sent || failure?.submitted === 'no') {
    const code = error === OVERTAKEN ? 'overtaken' : (failure?.code ?? 'cancelled');
    return { type: 'refused', intent: search.intent, code };
  }
  const job_id = failure?.jobId ?? null;
  if (job_id === null) return { type: 'lost', ...search };
  return { type: 'submit', job_id, ...search, status: 'unknown', doubtful: true };
}
