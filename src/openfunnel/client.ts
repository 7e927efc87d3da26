import { setMaxListeners } from 'node:events';
import type * as z from 'zod';
import { type Clock, nextTurn, type Random } from '../lib/clock.ts';
import { type Deadline, deadlineIn, within } from '../lib/deadline.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { jsonIn, parseShallow } from '../lib/json.ts';
import { Secret } from '../lib/secret.ts';
import { type SharedCall, sharedCalls } from '../lib/shared-calls.ts';
import { fromAnswer, invalidResponse, lostSubmit, missingApiKey, noLookup } from './failures.ts';
import { Gate } from './gate.ts';
import { type Exchange, type HttpAnswer, type Send, TransportError } from './http.ts';
import { askedMs, parseDate, parseRetryAfter, RETRY_MS, retryInMs, SHORTEST_ATTEMPT_MS } from './retry.ts';
import * as wire from './wire.ts';

const BULK_PATH = 'api/v1/account/search-lookalikes-bulk';

/** One attempt at a GET. Milliseconds. */
const ATTEMPT_MS = 10_000;
/** A read whose caller names no deadline: a client gives up on a call after 60 s. Milliseconds. */
const READ_MS = 50_000;
/** A submit or cancel is sent once, so it may take longer before it counts as lost. Milliseconds. */
export const POST_MS = 25_000;
/** Two clocks that differ by less than this agree. Milliseconds. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
const DAY_SECONDS = 86_400;
/** Answers that say for certain that a submit was not taken. Any other leaves its outcome open. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 425, 429]);

/** The documented form of a cursor, which is the name of its page as well. */
const PAGE_NAME = /^page_\d+$/;

export interface ClientOptions {
  baseUrl: URL;
  /** Undefined where none is set: every call then fails with `missing_api_key`. */
  apiKey: string | undefined;
  send: Send;
  clock: Clock;
  random: Random;
  userAgent: string;
}

/** Reads a job's state and one page; the first without a cursor. Callers at the same time share a request. */
export type PageSource = Pick<OpenFunnelClient, 'getPage'>;

/** A GET, or a POST with a body that has no effect. */
interface Read<T> {
  path: string;
  body?: string;
  parse: (answer: HttpAnswer) => T;
  once?: boolean;
}

/**
 * The HTTP client of the bulk-lookalike API (contract: all endpoints but sign-up). GETs are retried within
 * their own time, and calls for the same thing at the same time share one request; POSTs are sent once.
 */
export class OpenFunnelClient {
  readonly #options: ClientOptions;
  readonly #gate: Gate;
  readonly #shared: ReturnType<typeof sharedCalls>;
  readonly #ending = new AbortController();
  readonly #key: Secret;
  /** Upstream's time, by its last answer, when our monotonic clock was zero. Milliseconds since the epoch. */
  #upstreamZero = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#gate = new Gate(options.clock);
    this.#key = new Secret(options.apiKey);
    this.#shared = sharedCalls(options.clock);
    setMaxListeners(0, this.#ending.signal);
  }

  /**
   * Starts a bulk job (contract: "submit"). Sent at most once, and once sent not aborted by the caller: an answer on
   * its way carries the id of a job that will be billed. Where `beforeSend`, right before that, throws, nothing is sent.
   * @throws {OpenFunnelError} `submit_outcome_unknown` when the answer was lost; any other: no job was started.
   */
  async submit(body: wire.SubmitBody, signal?: AbortSignal, beforeSend?: () => Promise<void>) {
    const sending = this.#post(BULK_PATH, signal, JSON.stringify(body), beforeSend);
    const answer = await sending.catch((error: unknown) => {
      if (!(error instanceof TransportError) || error.neverSent) throw error;
      throw lostSubmit(null, error.partial, body.limit);
    });
    if (REFUSALS.has(answer.status)) throw this.#failure(answer, true);
    const taken = isSuccess(answer) && wire.submitAnswer.safeParse(jsonIn(answer.body, parseShallow)).data;
    if (taken) return taken;
    throw lostSubmit(answer.status, answer.body, body.limit);
  }

  /**
   * The job's state and one page of its rows (contract: "status and one page"); the first page without a cursor. The
   * deadline bounds retries and queueing too. An answer about another job or page counts as a fault.
   */
  async getPage(
    jobId: string,
    cursor?: string,
    signal?: AbortSignal,
    deadline?: Deadline,
  ): Promise<wire.JobPage> {
    const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor })}`;
    const parse = (answer: HttpAnswer) => {
      const page = parseBody(answer, wire.jobPage);
      if (page.job_id !== null && page.job_id.toLowerCase() !== jobId.toLowerCase())
        throw invalidResponse(answer.status, 'it answered about another job than the one asked for');
      // Of a cursor that is no page's name nothing can be told.
      if (page.page !== cursor && PAGE_NAME.test(page.page ?? '') && PAGE_NAME.test(cursor ?? ''))
        throw invalidResponse(answer.status, 'it answered with another page than the one asked for');
      return page;
    };
    return this.#read({ path: `${BULK_PATH}/${encodeURIComponent(jobId)}${query}`, parse }, signal, deadline);
  }

  /** Asks upstream, once, to stop a job (contract: "cancel"). @throws {OpenFunnelError} `conflict` when it has ended. */
  async cancel(jobId: string) {
    const answer = await this.#post(`${BULK_PATH}/${encodeURIComponent(jobId)}/cancel`, undefined);
    if (!isSuccess(answer)) throw this.#failure(answer);
    return parseBody(answer, wire.cancelAnswer);
  }

  /** Credits of the account (contract: "credits/balance"). @param once Whether a failure is reported without a retry. */
  async getBalance(signal?: AbortSignal, deadline?: Deadline, once = false) {
    const parse = (answer: HttpAnswer) => parseBody(answer, wire.creditBalance);
    return this.#read({ path: 'api/v1/credits/balance', parse, once }, signal, deadline);
  }

  /**
   * Looks 1 to 100 companies up (contract: "lookup-companies"). Free and without effect, so it is retried like a GET,
   * but where a deadline is given.
   * @throws {OpenFunnelError} `not_found` where upstream does not have the endpoint.
   */
  async lookup(companies: readonly wire.LookupItem[], signal?: AbortSignal, deadline?: Deadline) {
    const body = JSON.stringify({ companies });
    const parse = (answer: HttpAnswer) => {
      const parsed = parseBody(answer, wire.lookupAnswer);
      if (parsed.results.length === companies.length) return parsed;
      throw invalidResponse(answer.status, 'it answered about another number of companies than asked for');
    };
    const path = 'api/v1/account/lookup-companies';
    return this.#read({ path, body, parse, once: deadline !== undefined }, signal, deadline).catch(
      (error: unknown) => {
        throw noLookup(error);
      },
    );
  }

  /**
   * The time, milliseconds since the epoch: by this machine, or by upstream's last answer where that is much later. What is
   * dated by a clock that is behind would count as old as soon as the clock is right.
   */
  readonly now = (): number => {
    const { clock } = this.#options;
    const upstream = this.#upstreamZero + clock.monotonic();
    return upstream - clock.now() > CLOCKS_DIFFER_MS ? upstream : clock.now();
  };

  /** Whether `text` holds the API key, in any form (see `Secret`), which has no business in anything but our own header. */
  holdsKey(text: string): boolean {
    return this.#key.isIn(text);
  }

  /** Gives up the answers to submits and cancels that are under way: the process ends. */
  abandonPosts(): void {
    this.#ending.abort(new TransportError('broken', false));
  }

  #read<T>(
    read: Read<T>,
    signal: AbortSignal | undefined,
    deadline = deadlineIn(this.#options.clock, READ_MS),
  ): Promise<T> {
    const key = read.path + (read.body ?? '');
    return this.#shared(key, { signal, deadline }, (call) => this.#tryRead(read, call));
  }

  /** All attempts of a read. Their time is that of the callers; where it is up, each is told what is known by then. */
  async #tryRead<T>({ path, body, parse, once }: Read<T>, call: SharedCall): Promise<T> {
    const { clock, random } = this.#options;
    const { signal } = call;
    const request = { method: body === undefined ? 'GET' : 'POST', body, signal } as const;
    let release = await this.#gate.enter(signal);
    const triesEndAt = clock.monotonic() + RETRY_MS;
    const left = () => Math.min(call.deadline.at, triesEndAt) - clock.monotonic();
    for (let attempt = 1; ; attempt += 1) {
      let failure: OpenFunnelError;
      try {
        const timeoutMs = Math.max(1, Math.min(ATTEMPT_MS, left()));
        const answer = await this.#exchange(path, { ...request, timeoutMs }, () => release('ok'));
        if (!isSuccess(answer)) throw this.#failure(answer);
        return parse(answer);
      } catch (error) {
        if (!(error instanceof OpenFunnelError)) throw error;
        failure = error;
        if (failure.code === 'rate_limited') release('throttled');
      } finally {
        release('other');
      }
      call.failure = failure;
      const now = clock.monotonic();
      const gate = this.#gate;
      const pausedMs = gate.pausedUntil - now;
      const wait = retryInMs(failure, { attempt, leftMs: left(), pausedMs, random });
      if (wait === null || once) throw failure;
      if (failure.code === 'rate_limited')
        gate.pausedUntil = Math.max(gate.pausedUntil, now + (askedMs(failure) ?? wait));
      await clock.sleep(wait, signal);
      // Where others hold up the next attempt until it is too short to tell more, what is known already is told.
      const tooLate = { at: triesEndAt - SHORTEST_ATTEMPT_MS };
      const again = (bounded: AbortSignal) => gate.enter(bounded);
      release = await within(clock, tooLate, signal, () => failure, again);
    }
  }

  /** @param signal Heeded only as long as nothing is sent. */
  async #post(
    path: string,
    signal: AbortSignal | undefined,
    body?: string,
    beforeSend?: () => Promise<void>,
  ): Promise<HttpAnswer> {
    if (this.#options.apiKey === undefined) throw missingApiKey();
    const ending = this.#ending.signal;
    const release = await this.#gate.enter(signal ?? ending);
    try {
      signal?.throwIfAborted();
      await beforeSend?.();
      return await this.#exchange(path, { method: 'POST', body, signal: ending, timeoutMs: POST_MS });
    } finally {
      release('other');
    }
  }

  /**
   * One request, once. Should upstream (or a proxy's error page) echo the key, it stops here.
   * @param onSuccess Told of an answer before it is looked through: the next request goes out meanwhile.
   */
  async #exchange(
    path: string,
    exchange: Omit<Exchange, 'url' | 'headers'>,
    onSuccess?: () => void,
  ): Promise<HttpAnswer> {
    const { apiKey, baseUrl, clock, send, userAgent } = this.#options;
    if (apiKey === undefined) throw missingApiKey();
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'gzip, deflate',
      'user-agent': userAgent,
      'x-api-key': apiKey,
      ...(exchange.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const answer = await send({ ...exchange, url: new URL(path, baseUrl), headers });
      const date = parseDate(answer.date ?? '');
      if (date !== null) this.#upstreamZero = date - clock.monotonic();
      if (onSuccess && isSuccess(answer)) {
        onSuccess();
        await nextTurn();
      }
      return { ...answer, body: this.#key.mask(answer.body) };
    } catch (error) {
      if (error instanceof TransportError) error.partial = this.#key.mask(error.partial);
      throw error;
    }
  }

  #failure({ status, body, retryAfter, date }: HttpAnswer, submit = false): OpenFunnelError {
    if (status === 407) return new TransportError('proxy_password', true);
    const said = wire.errorBody.safeParse(jsonIn(body, parseShallow)).data;
    // Said in two places, the longer wait is the safe one; a day stands for all that is longer.
    const header = parseRetryAfter(retryAfter, date, this.#options.clock.now()) ?? 0;
    const asked = Math.max(header, said?.details?.retry_after_seconds ?? 0);
    // Zero asks for nothing, so our own backoff goes on: a server that is limiting us is not to be hammered.
    return fromAnswer(status, said, asked === 0 ? null : Math.min(asked, DAY_SECONDS), submit);
  }
}

/** Also 202: a job that is not done yet is answered with it by some. */
function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** A body of the documented form. @throws {OpenFunnelError} `upstream_invalid_response` where it is none. */
function parseBody<T>(answer: HttpAnswer, schema: z.ZodType<T>): T {
  if (answer.body.trim() === '') throw invalidResponse(answer.status, 'the body was empty');
  const json = jsonIn(answer.body, parseShallow);
  if (json === undefined) throw invalidResponse(answer.status, 'the body was not JSON');
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'custom' && issue.path.length === 0)
    throw invalidResponse(answer.status, issue.message);
  const field = issue?.path.join('.') || 'the body';
  throw invalidResponse(answer.status, `"${field}" did not have the documented form`);
}
