import type { z } from 'zod';
import type { Clock, Random } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { SharedCalls } from '../lib/shared-calls.ts';
import { backoffMs } from './backoff.ts';
import { OpenFunnelError } from './errors.ts';
import { fromAnswer, fromTransport, invalidResponse, lostSubmit } from './failures.ts';
import { Gate, type Leave } from './gate.ts';
import type { Answer, Exchange, Send } from './http.ts';
import { TransportError } from './http.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { CancelAnswer, CreditBalance, JobPage, SubmitAnswer, SubmitBody } from './wire.ts';
import { cancelAnswer, creditBalance, errorBody, jobPage, submitAnswer } from './wire.ts';

const BULK_PATH = 'api/v1/account/search-lookalikes-bulk';

/** One attempt at a GET, and all attempts together, from the first byte sent on. Milliseconds. */
const ATTEMPT_MS = 10_000;
const GET_BUDGET_MS = 20_000;
/** Less time than this is left to no retry: it would only turn the failure that is known into a timeout. */
const SHORTEST_ATTEMPT_MS = 1_000;
const GET_ATTEMPTS = 8;
/** A submit or cancel is sent once, so it may take longer before it counts as lost. Milliseconds. */
const POST_MS = 25_000;
const DAY_SECONDS = 86_400;
/** Answers that say for certain that a submit was not taken. Any other leaves its outcome open. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 425, 429]);
/** A shorter word is no key, and could stand in anybody's text. Characters. */
const SHORTEST_KEY = 8;

export interface ClientOptions {
  baseUrl: URL;
  /** Undefined where none is set: every call then fails with `missing_api_key`. */
  apiKey: string | undefined;
  send: Send;
  clock: Clock;
  random: Random;
  userAgent: string;
}

/**
 * The HTTP client of the bulk-lookalike API (contract: all endpoints but sign-up). GETs are retried within
 * their own time, and calls for the same thing at the same time share one request; POSTs are sent once.
 */
export class OpenFunnelClient {
  readonly #options: ClientOptions;
  readonly #gate: Gate;
  readonly #shared = new SharedCalls();
  readonly #leaving = new AbortController();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#gate = new Gate(options.clock);
  }

  /**
   * Starts a bulk job (contract: "submit"). Sent at most once, and once sent not aborted by the caller: an
   * answer on its way carries the id of a job that will be billed.
   *
   * @throws {OpenFunnelError} `submit_outcome_unknown` when the answer was lost; any other code means that
   * no job was started.
   */
  async submit(body: SubmitBody, signal?: AbortSignal): Promise<SubmitAnswer> {
    const answer = await this.#post(BULK_PATH, signal, JSON.stringify(body)).catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      throw error.neverSent ? fromTransport(error) : lostSubmit(null, error);
    });
    if (answer.status >= 200 && answer.status < 300) {
      try {
        return parseBody(answer, submitAnswer);
      } catch (error) {
        throw lostSubmit(answer.status, error);
      }
    }
    throw REFUSALS.has(answer.status) ? this.#failure(answer) : lostSubmit(answer.status, undefined);
  }

  /**
   * The job's state and one page of its rows (contract: "status and one page"); the first page without a
   * cursor. `budgetMs` bounds its time, retries and queueing included. An answer about another job or page than
   * the one asked for counts as a fault.
   *
   * @throws {OpenFunnelError} any code but `submit_outcome_unknown` and `job_failed`.
   */
  async getPage(jobId: string, cursor?: string, signal?: AbortSignal, budgetMs?: number): Promise<JobPage> {
    const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor })}`;
    return this.#get(
      `${BULK_PATH}/${encodeURIComponent(jobId)}${query}`,
      signal,
      (answer) => {
        const page = parseBody(answer, jobPage);
        if (page.job_id !== null && page.job_id.toLowerCase() !== jobId.toLowerCase()) {
          throw invalidResponse(answer.status, 'it answered about another job than the one asked for');
        }
        if (cursor !== undefined && page.page !== null && page.page !== cursor) {
          throw invalidResponse(answer.status, 'it answered with another page than the one asked for');
        }
        return page;
      },
      budgetMs,
    );
  }

  /**
   * Asks upstream to stop a job (contract: "cancel"). Sent once.
   *
   * @throws {OpenFunnelError} `conflict` when the job has already ended.
   */
  async cancel(jobId: string): Promise<CancelAnswer> {
    const answer = await this.#post(`${BULK_PATH}/${encodeURIComponent(jobId)}/cancel`, undefined).catch(
      (error: unknown) => {
        throw error instanceof TransportError ? fromTransport(error) : error;
      },
    );
    if (answer.status < 200 || answer.status >= 300) throw this.#failure(answer);
    return parseBody(answer, cancelAnswer);
  }

  /** Credits of the account (contract: "credits/balance"). */
  async getBalance(signal?: AbortSignal): Promise<CreditBalance> {
    return this.#get('api/v1/credits/balance', signal, (answer) => parseBody(answer, creditBalance));
  }

  #get<T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (answer: Answer) => T,
    budgetMs = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    return this.#shared.call(path, signal, (flight) => this.#getWithRetries(path, flight, read, budgetMs));
  }

  async #getWithRetries<T>(
    path: string,
    signal: AbortSignal,
    read: (answer: Answer) => T,
    budgetMs: number,
  ): Promise<T> {
    const { clock, random } = this.#options;
    const callEndsAt = clock.now() + budgetMs;
    let endsAt: number | undefined;
    let failure: OpenFunnelError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      // Where others hold up another try until it is too short to tell more, what is known already is told.
      const leave: Leave =
        failure === undefined || endsAt === undefined
          ? await this.#gate.enter(signal)
          : await withDeadline(clock, endsAt - clock.now() - SHORTEST_ATTEMPT_MS, signal, failure, (either) =>
              this.#gate.enter(either),
            );
      endsAt ??= Math.min(callEndsAt, clock.now() + GET_BUDGET_MS);
      try {
        const timeoutMs = Math.max(1, Math.min(ATTEMPT_MS, endsAt - clock.now()));
        const answer = await this.#exchange({
          method: 'GET',
          path,
          signal,
          timeoutMs,
        });
        if (answer.status !== 200) throw this.#failure(answer);
        const value = read(answer);
        leave('ok');
        return value;
      } catch (error) {
        failure = toFailure(error);
        if (failure.code === 'rate_limited') leave('throttled');
      } finally {
        leave('other');
      }
      const now = clock.now();
      const asked =
        failure.retryAfterSeconds === null ? backoffMs(attempt, random) : failure.retryAfterSeconds * 1000;
      const wait = Math.max(asked, this.#gate.pausedUntil - now);
      const tooLate = now + wait + SHORTEST_ATTEMPT_MS > endsAt;
      if (!failure.retryable || attempt >= GET_ATTEMPTS || tooLate) throw failure;
      if (failure.code === 'rate_limited') this.#gate.pauseUntil(now + asked);
      await clock.sleep(wait, signal);
    }
  }

  /** Whether `text` holds the API key, which has no business in anything but our own header. */
  holdsKey(text: string): boolean {
    const { apiKey = '' } = this.#options;
    return apiKey.length >= SHORTEST_KEY && text.includes(apiKey);
  }

  /** Gives up the answers to submits and cancels that are under way: the process ends. */
  leave(): void {
    this.#leaving.abort(new TransportError('broken', false));
  }

  /** @param signal Heeded only as long as nothing is sent. */
  async #post(path: string, signal: AbortSignal | undefined, body?: string): Promise<Answer> {
    const leave = await this.#gate.enter(signal ?? this.#leaving.signal);
    try {
      signal?.throwIfAborted();
      return await this.#exchange({
        method: 'POST',
        path,
        signal: this.#leaving.signal,
        timeoutMs: POST_MS,
        ...(body === undefined ? {} : { body }),
      });
    } finally {
      leave('other');
    }
  }

  async #exchange(exchange: Omit<Exchange, 'url' | 'headers'> & { path: string }): Promise<Answer> {
    const { apiKey, baseUrl, send, userAgent } = this.#options;
    if (apiKey === undefined) throw missingApiKey();
    const { path, ...rest } = exchange;
    const answer = await send({
      ...rest,
      url: new URL(path, baseUrl),
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate',
        'user-agent': userAgent,
        'x-api-key': apiKey,
        ...(exchange.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    // Should upstream (or a proxy's error page) echo the key, it stops here.
    return this.holdsKey(answer.body)
      ? { ...answer, body: answer.body.replaceAll(apiKey, '[api key]') }
      : answer;
  }

  #failure(answer: Answer): OpenFunnelError {
    const parsed = errorBody.safeParse(parseJson(answer.body));
    const body = parsed.success ? parsed.data : undefined;
    // Said in two places, the longer wait is the safe one; a day stands for all that is longer.
    const asked = Math.max(
      parseRetryAfter(answer.retryAfter, this.#options.clock.now()) ?? 0,
      body?.details?.retry_after_seconds ?? 0,
    );
    // Zero asks for nothing, so our own backoff goes on: a server that is limiting us is not to be hammered.
    return fromAnswer(answer.status, body, asked === 0 ? null : Math.min(asked, DAY_SECONDS));
  }
}

function toFailure(error: unknown): OpenFunnelError {
  if (error instanceof OpenFunnelError) return error;
  if (error instanceof TransportError) return fromTransport(error);
  throw error;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function parseBody<S extends z.ZodType>(answer: Answer, schema: S): z.output<S> {
  if (answer.body.trim() === '') throw invalidResponse(answer.status, 'the body was empty');
  const json = parseJson(answer.body);
  if (json === undefined) throw invalidResponse(answer.status, 'the body was not JSON');
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'the body';
  throw invalidResponse(answer.status, `"${field}" did not have the documented form`);
}

function missingApiKey(): OpenFunnelError {
  return new OpenFunnelError(
    'missing_api_key',
    'No API key is set, so nothing was sent. Tell the user: get a key from OpenFunnel (POST {"email"} to ' +
      'https://api.openfunnel.dev/api/v1/agent/sign-up, then {"email", "otp_code"} with the code from the e-mail to ' +
      '/api/v1/agent/verify; it starts with "of_" and is shown once), put it into OPENFUNNEL_API_KEY in this MCP server\'s "env" block of the client\'s ' +
      'configuration, and restart the client. To try everything with made-up companies and no key, set ' +
      'OPENFUNNEL_SANDBOX=1 instead.',
  );
}
