import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';
import { oneLine } from '../lib/text.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import { shownStatus } from '../openfunnel/status.ts';
import type { SubmitAnswer, SubmitBody } from '../openfunnel/wire.ts';
import { creditsLeft } from './balances.ts';
import type { Ceiling } from './ceiling.ts';
import type { Ledger } from './ledger.ts';
import { alwaysOvertaken, formIsOpen, ledgerDamaged, withBalance } from './refusals.ts';
import { isRecent, mayBeRecent, SameSearch, type SameSearchParts, type Sight } from './same-search.ts';
import { searchKey } from './search-key.ts';

/** The job that a submit has started, or found. */
export interface Submitted {
  job_id: string;
  status: string;
  /** Upstream's word on it, cleaned; null for none, and for a job that was there before. */
  message: string | null;
  /** How the job is known where it was there before, and nothing was submitted; null for a new one. */
  earlier: Sight | null;
  /** When it was submitted; ISO 8601, UTC, and null where that is not known. */
  submitted_at: string | null;
  /** Whether it has ended; only an earlier one can have. */
  terminal: boolean;
  /** The label that the job has; null for none. */
  label: string | null;
  /** Whether the job was submitted with another API key, with which alone it may be readable. */
  other_key: boolean;
  /** Whether the ledger has the job; if not, only this process and the caller know of it. */
  recorded: boolean;
}

/** What is submitted, and how. */
export interface SubmitRequest {
  body: SubmitBody;
  /** The user's own word for the search; kept in the ledger, never sent. */
  label: string | null;
  /** Whether the user wants it sent even if the same search was, or may have been, sent before. */
  allowDuplicate: boolean;
}

export interface SubmitsParts extends SameSearchParts {
  api: Pick<OpenFunnelClient, 'getPage' | 'submit' | 'getBalance'>;
  ledger: Ledger;
  clock: Clock;
  ceiling: Ceiling;
}

/** A search's turn: the same one again has to wait for its end, but not for a person. */
interface Turn {
  /** Resolves when it ends, or when a person is asked. */
  over: Promise<void>;
  asking: boolean;
  wake: () => void;
}

/** Submissions of the same search that don't count; null where none is to count. */
interface Dismissed {
  dismissed: ReadonlySet<string> | null;
}

/** Thrown between the intent and the POST: another process was first. */
const OVERTAKEN = new Error('the same search was submitted elsewhere just before');
/** Rounds in which others are always first; each of them has then been refused. */
const MAX_ROUNDS = 8;

/**
 * Submits jobs in two steps, `prepare` and `send`, between which the user is asked where that is needed: so that none
 * is paid for twice by accident and none leaves without a trace. The ledger has the intent before the POST goes out,
 * and of two intents for one search the first in the file goes.
 */
export class Submits {
  readonly #parts: SubmitsParts;
  readonly #same: SameSearch;
  readonly #turns = new Map<string, Turn>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(parts: SubmitsParts) {
    this.#parts = parts;
    this.#same = new SameSearch(parts);
  }

  /** Resolves when no submit is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /**
   * Finds out whether a search is to be sent: answers with the job that stands for it, or takes its turn, which lasts
   * until `end` is called. Sends nothing.
   *
   * @throws {OpenFunnelError} `submit_outcome_unknown` where an earlier answer was lost, or what was submitted can't be
   * told; `conflict` where the user is being asked about the same search; `forbidden` where it would go over the ceiling.
   */
  async prepare(request: SubmitRequest, signal: AbortSignal): Promise<Submitted | PreparedSubmit> {
    const key = searchKey(request.body);
    for (let turn = this.#turns.get(key); turn; turn = this.#turns.get(key)) {
      if (turn.asking) throw formIsOpen();
      await unlessAborted(signal, turn.over);
    }
    const turn = newTurn();
    this.#turns.set(key, turn);
    const end = () => {
      this.#turns.delete(key);
      turn.wake();
    };
    try {
      const found = await this.#find(request, key, signal);
      if ('job_id' in found) {
        end();
        return found;
      }
      await this.#parts.ceiling.check(request.body.limit);
      return new PreparedSubmit(turn, end, (by) => this.#tracked(this.#send(request, key, found, by)));
    } catch (error) {
      end();
      throw error;
    }
  }

  /** The job that stands for the search, or the submissions of it that were found not to count. */
  async #find(
    { allowDuplicate }: SubmitRequest,
    key: string,
    signal: AbortSignal,
  ): Promise<Submitted | Dismissed> {
    if (allowDuplicate) return { dismissed: null };
    const found = await this.#same.find(key, signal);
    if (!('job' in found)) return found;
    const { job_id, status, terminal, label, other_key, submitted_at } = found.job;
    const known = { job_id, status, terminal, label, other_key, submitted_at, message: null, recorded: true };
    return { ...known, earlier: found.sight };
  }

  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #send(
    request: SubmitRequest,
    key: string,
    found: Dismissed,
    signal: AbortSignal,
  ): Promise<Submitted> {
    let { dismissed } = found;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      try {
        return await this.#post(request, key, dismissed, signal);
      } catch (error) {
        if (error !== OVERTAKEN) throw error;
      }
      signal.throwIfAborted();
      const again = await this.#find(request, key, signal);
      if ('job_id' in again) return again;
      ({ dismissed } = again);
    }
    throw alwaysOvertaken();
  }

  async #post(
    { body, label }: SubmitRequest,
    key: string,
    dismissed: Dismissed['dismissed'],
    signal: AbortSignal,
  ): Promise<Submitted> {
    const { api, ledger, clock } = this.#parts;
    // For what is told should the answer get lost, or the job fail.
    const before = await creditsLeft(api, clock, signal);
    let intent: { key: string; written: boolean } | undefined;
    let sent = false;
    const beforeSend = async () => {
      const own = crypto.randomUUID();
      const note = { type: 'intent', intent: own, request: body, label, credits_left: before } as const;
      intent = { key: own, written: await ledger.record(note) };
      if (dismissed) await this.#keepTurn(intent.key, key, dismissed);
      await this.#parts.ceiling.check(body.limit, intent);
      signal.throwIfAborted();
      sent = true;
    };
    let answer: SubmitAnswer;
    try {
      answer = await api.submit(body, signal, beforeSend);
    } catch (error) {
      if (intent && !sent) await ledger.record({ type: 'refused', intent: intent.key, code: codeOf(error) });
      else if (intent) await this.#note(intent.key, body, label, error);
      throw withBalance(error, before);
    }
    const status = shownStatus(answer.status);
    const recorded = await ledger.record({
      type: 'submit',
      job_id: answer.job_id,
      request: body,
      status,
      intent: intent?.key,
      label,
    });
    return {
      job_id: answer.job_id,
      status,
      message: answer.message === null ? null : oneLine(answer.message, 300),
      earlier: null,
      submitted_at: new Date(this.#parts.clock.now()).toISOString(),
      terminal: false,
      label,
      other_key: false,
      recorded,
    };
  }

  /** Notes what became of a submit that was sent and brought no answer that can be used. */
  async #note(intent: string, body: SubmitBody, label: string | null, error: unknown): Promise<void> {
    const { ledger } = this.#parts;
    const search = { intent, request: body, label };
    const job_id = error instanceof OpenFunnelError ? error.jobId : null;
    if (error instanceof OpenFunnelError && error.submitted === 'no')
      await ledger.record({ type: 'refused', intent, code: error.code });
    else if (job_id === null) await ledger.record({ type: 'lost', ...search });
    else await ledger.record({ type: 'submit', job_id, ...search, status: 'unknown', doubtful: true });
  }

  /**
   * @throws `OVERTAKEN` where the file has another intent for the same search before this one.
   * @throws {OpenFunnelError} where lines have turned out to be unreadable since the search was prepared.
   */
  async #keepTurn(own: string, key: string, dismissed: ReadonlySet<string>): Promise<void> {
    const { submissions, damage } = await this.#parts.ledger.view();
    const now = this.#parts.clock.now();
    if (damage && mayBeRecent(damage, now)) throw ledgerDamaged(damage);
    for (const submission of submissions) {
      if (submission.key === own) return;
      if (dismissed.has(submission.key) || submission.outcome === 'refused') continue;
      if (isRecent(submission.at, now) && searchKey(submission.request) === key) throw OVERTAKEN;
    }
  }
}

/** A submit that nothing stands against but, where it is needed, the user's yes to its cost. Its search's turn is taken. */
export class PreparedSubmit {
  readonly #turn: Turn;
  readonly #send: (signal: AbortSignal) => Promise<Submitted>;
  /** Gives the turn back; to be called in any case. */
  readonly end: () => void;

  constructor(turn: Turn, end: () => void, send: (signal: AbortSignal) => Promise<Submitted>) {
    this.#turn = turn;
    this.#send = send;
    this.end = end;
  }

  /** Tells that a person is being asked, which can take long: the same search does not wait for its turn any more. */
  asking(): void {
    this.#turn.asking = true;
    this.#turn.wake();
  }

  /**
   * Submits the search, or answers with the job that somebody else has started for it meanwhile, and records what
   * became of it.
   *
   * @param signal Heeded only as long as nothing is sent.
   * @throws {OpenFunnelError} as `Submits.prepare` and `OpenFunnelClient.submit` do.
   */
  send(signal: AbortSignal): Promise<Submitted> {
    return this.#send(signal);
  }
}

function newTurn(): Turn {
  let wake = () => {};
  const over = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return { over, asking: false, wake };
}

/** Why nothing was sent, as the ledger notes it. */
function codeOf(error: unknown): string {
  if (error === OVERTAKEN) return 'overtaken';
  return error instanceof OpenFunnelError ? error.code : 'cancelled';
}
