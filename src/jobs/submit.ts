import type { Clock } from '../lib/clock.ts';
import { unlessAborted } from '../lib/deadline.ts';
import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { SubmitAnswer, SubmitBody } from '../openfunnel/wire.ts';
import type { BulkApi } from './bulk-api.ts';
import type { Ledger } from './ledger.ts';
import { isRecent, SameSearch, searchKey } from './same-search.ts';
import { shownStatus } from './state.ts';

export interface Submitted {
  job_id: string;
  status: string;
  message: string | null;
  /** Whether this is a job that was there before, and nothing was submitted. */
  existing: boolean;
  /** Whether it has ended; only an existing one can have. */
  terminal: boolean;
  /** The label that the job has; null for none. */
  label: string | null;
  /** Whether the job was submitted with another API key, with which alone it may be readable. */
  other_key: boolean;
  /** Whether the ledger has the job; if not, only this process and the caller know of it. */
  recorded: boolean;
}

export interface SubmitOptions {
  allowDuplicate: boolean;
  /** The user's own word for the search; kept in the ledger, never sent. */
  label?: string | null;
  /**
   * Asked for a yes before anything is submitted; throws when there is none.
   *
   * @param asking Called when a person is being asked, which can take long.
   */
  confirm: (asking: () => void) => Promise<void>;
  signal: AbortSignal;
}

/** A search's turn: the same one again has to wait for its end, but not for a person. */
interface Turn {
  /** Resolves when it ends, or when a person is asked. */
  wake: Promise<void>;
  asking: boolean;
}

/** Thrown between the intent and the POST: another process was first. */
const OVERTAKEN = new Error('the same search was submitted elsewhere just before');
/** Rounds in which others are always first; each of them has then been refused. */
const MAX_ROUNDS = 8;

/**
 * Submits jobs, so that none is paid for twice by accident and none leaves without a trace: the ledger has the
 * intent before the POST goes out, and of two intents for one search the first in the file goes.
 */
export class Submitter {
  readonly #api: BulkApi;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #same: SameSearch;
  readonly #dailyCredits: number | null;
  readonly #turns = new Map<string, Turn>();
  readonly #running = new Set<Promise<unknown>>();

  /** @param dailyCredits The limits of all submits within a day together stay within this; null for no ceiling. */
  constructor(api: BulkApi, ledger: Ledger, clock: Clock, dailyCredits: number | null = null) {
    this.#api = api;
    this.#ledger = ledger;
    this.#now = () => clock.now();
    this.#same = new SameSearch(api, ledger, clock);
    this.#dailyCredits = dailyCredits;
  }

  /** Resolves when no submit is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /**
   * Submits a search, or answers with the job that stands for it, and records what became of it.
   *
   * @throws {OpenFunnelError} `submit_outcome_unknown` where an answer was lost, now or before; `conflict` where
   * the user is being asked about the same search; `forbidden` where it would go over the ceiling; else as
   * `BulkApi.submit` does, and what `confirm` throws.
   */
  async submit(body: SubmitBody, options: SubmitOptions): Promise<Submitted> {
    const key = searchKey(body);
    for (let turn = this.#turns.get(key); turn; turn = this.#turns.get(key)) {
      if (turn.asking) throw formIsOpen();
      await unlessAborted(options.signal, turn.wake);
    }
    let wake = () => {};
    const turn: Turn = { wake: new Promise((resolve) => (wake = resolve)), asking: false };
    this.#turns.set(key, turn);
    const asking = () => {
      turn.asking = true;
      wake();
    };
    const work = this.#submit(body, key, options, asking);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
      this.#turns.delete(key);
      wake();
    }
  }

  async #submit(
    body: SubmitBody,
    key: string,
    options: SubmitOptions,
    asking: () => void,
  ): Promise<Submitted> {
    const { allowDuplicate, confirm, signal } = options;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      signal.throwIfAborted();
      const found = allowDuplicate ? null : await this.#same.find(key, signal);
      if (found && 'job' in found) return existing(found.job);
      if (round === 0) {
        await this.#keepToCeiling(body.limit);
        await confirm(asking);
        signal.throwIfAborted();
      }
      try {
        return await this.#send(body, key, options, found?.dismissed ?? null);
      } catch (error) {
        if (error !== OVERTAKEN) throw error;
      }
    }
    throw new OpenFunnelError(
      'conflict',
      'The same search is being submitted again and again from elsewhere at this moment. Nothing was submitted by this call.',
      { retryable: true },
    );
  }

  /** @param dismissed Submissions of the same search that don't count; null where none does. */
  async #send(
    body: SubmitBody,
    key: string,
    { label = null, signal }: SubmitOptions,
    dismissed: ReadonlySet<string> | null,
  ): Promise<Submitted> {
    let intent: { key: string; written: boolean } | undefined;
    const beforeSend = async () => {
      intent = await this.#ledger.intend(body, label);
      if (dismissed) await this.#keepTurn(intent.key, key, dismissed);
      await this.#keepToCeiling(body.limit, intent);
      signal.throwIfAborted();
    };
    let answer: SubmitAnswer;
    try {
      answer = await this.#api.submit(body, signal, beforeSend);
    } catch (error) {
      if (intent) await this.#note(intent.key, body, label, error, signal);
      throw error;
    }
    const status = shownStatus(answer.status);
    const more = { ...(intent && { intent: intent.key }), label };
    const recorded = await this.#ledger.accepted(answer.job_id, body, status, more);
    const message = answer.message === null ? null : oneLine(answer.message, 300);
    return {
      job_id: answer.job_id,
      status,
      message,
      existing: false,
      terminal: false,
      label,
      other_key: false,
      recorded,
    };
  }

  /** Notes what became of a submit that brought no answer that can be used. */
  async #note(
    intent: string,
    body: SubmitBody,
    label: string | null,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    if (error instanceof OpenFunnelError) {
      if (error.submitted === 'no') await this.#ledger.refused(intent, error.code);
      else if (error.jobId !== null) {
        await this.#ledger.accepted(error.jobId, body, 'unknown', { intent, label, doubtful: true });
      } else await this.#ledger.lost(intent, body);
    } else if (error === OVERTAKEN) await this.#ledger.refused(intent, 'overtaken');
    // The signal is heeded only as long as nothing is sent.
    else if (signal.aborted && error === signal.reason) await this.#ledger.refused(intent, 'cancelled');
    else await this.#ledger.lost(intent, body);
  }

  /** @throws `OVERTAKEN` where the file has another intent for the same search before this one. */
  async #keepTurn(own: string, key: string, dismissed: ReadonlySet<string>): Promise<void> {
    const { submissions } = await this.#ledger.view();
    for (const submission of submissions) {
      if (submission.key === own) return;
      if (dismissed.has(submission.key) || submission.outcome === 'refused') continue;
      if (isRecent(submission.at, this.#now()) && searchKey(submission.request) === key) throw OVERTAKEN;
    }
  }

  /**
   * Counts the limits of the last day's submits; of two intents at the same time, only the second counts both.
   *
   * @throws {OpenFunnelError} `forbidden` where `limit` does not fit under the ceiling any more.
   */
  async #keepToCeiling(limit: number, own?: { key: string; written: boolean }): Promise<void> {
    if (this.#dailyCredits === null) return;
    const { submissions, readable } = await this.#ledger.view();
    if (!readable || own?.written === false) throw ceilingUnknown();
    let spent = 0;
    for (const { key, outcome, at, request } of submissions) {
      if (key === own?.key) break;
      if (outcome !== 'refused' && isRecent(at, this.#now())) spent += request.limit;
    }
    if (spent + limit > this.#dailyCredits) throw overCeiling(this.#dailyCredits, spent, limit);
  }
}

function existing({ job_id, status, terminal, label, other_key, submitted_at }: SubmittedBefore): Submitted {
  const state = terminal ? 'has completed' : 'has not ended yet';
  const by = other_key ? ' with another API key' : '';
  const message = `The same search was submitted at ${submitted_at}${by} and ${state}: nothing was submitted or billed again.`;
  return { job_id, status, message, existing: true, terminal, label, other_key, recorded: true };
}
type SubmittedBefore = Omit<Submitted, 'message' | 'existing' | 'recorded'> & { submitted_at: string | null };

function formIsOpen(): OpenFunnelError {
  return new OpenFunnelError(
    'conflict',
    'The user is being asked about this very search, in a form that is open in the client: nothing was submitted by this call. Ask the user to answer it; the call that opened it then goes on.',
    { retryable: true },
  );
}

function overCeiling(ceiling: number, spent: number, limit: number): OpenFunnelError {
  const left = Math.max(0, ceiling - spent);
  return new OpenFunnelError(
    'forbidden',
    `The user's daily ceiling allows no search of ${limit} credits now: ${left} of ${ceiling} credits are left for the last 24 hours, in which searches for up to ${spent} were submitted. Nothing was submitted. ` +
      `${left > 0 ? `A limit of at most ${left} fits now; more` : 'More'} is allowed again as earlier submits turn 24 hours old. Only the user can change the ceiling, in this server's configuration (OPENFUNNEL_DAILY_CREDITS); no argument can.`,
  );
}

function ceilingUnknown(): OpenFunnelError {
  return new OpenFunnelError(
    'forbidden',
    "The user's daily ceiling (OPENFUNNEL_DAILY_CREDITS) can't be kept, because the ledger of submits can't be read or written. Nothing was submitted. Ask the user to check OPENFUNNEL_STATE_DIR.",
  );
}
