import type { Dispatcher } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { unlessAborted, withDeadline } from '../lib/deadline.ts';
import { later, ProgramReplaced } from '../lib/later.ts';
import { MAX_BODY_BYTES, readBody } from './read-body.ts';
import { codeOf, TransportError, type TransportFault } from './transport-error.ts';

export { MAX_BODY_BYTES } from './read-body.ts';
export { TransportError, type TransportFault } from './transport-error.ts';

/** Proxies as the usual environment variables name them; empty or absent means none. */
export interface ProxySettings {
  httpProxy?: string;
  httpsProxy?: string;
  noProxy?: string;
}

/** One HTTP request, once: no retry, no redirect. */
export interface Exchange {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** For the whole exchange, last body byte included. Milliseconds. */
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  /** When upstream sent it, by its own clock. */
  date?: string | undefined;
  /** Decompressed body as text; at most `MAX_BODY_BYTES` of it are ever held. */
  body: string;
}

export type Send = (exchange: Exchange) => Promise<HttpAnswer>;

/** Sockets toward upstream, for reads; a submit or cancel opens one of its own. */
const MAX_SOCKETS = 8;
const CONNECT_TIMEOUT_MS = 8_000;
/** Kept of a body that broke off. Bytes. */
const MAX_PARTIAL = 64 * 1024;

const undici = later(() => import('undici'));

/** HTTP over undici, which no start waits for: a client that only lists tools never pays for it. */
export class HttpTransport {
  readonly #clock: Clock;
  readonly #proxies: ProxySettings;
  #dispatchers: Promise<Dispatchers> | undefined;

  constructor(clock: Clock, proxies: ProxySettings = {}) {
    this.#clock = clock;
    this.#proxies = proxies;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status.
   *
   * @throws {TransportError} when there is no answer, or one that is too large, cut short or can't be unpacked.
   * @throws the signal's reason when it aborts.
   */
  readonly send: Send = async ({ method, url, headers, body, signal, timeoutMs }) => {
    // Set as soon as there is a connection on which the request goes out: from then on nothing is certain.
    let started = false;
    const late = new TransportError('timeout', false);
    let partial = Buffer.alloc(0);
    try {
      signal.throwIfAborted();
      const { request, ...agents } = await this.#open();
      const { reads, writes } = isLoopback(url) ? agents.direct : agents.usual;
      const dispatcher = whenStarted(method === 'GET' ? reads : writes, () => {
        started = true;
      });
      return await withDeadline(this.#clock, timeoutMs, signal, late, async (bounded) => {
        const asked = request(url, {
          method,
          headers,
          body: body ?? null,
          dispatcher,
          signal: bounded,
          // Only our own deadline applies, which takes into account what has arrived.
          headersTimeout: 0,
          bodyTimeout: 0,
        });
        // While connecting, undici ignores the signal; once connected, it sends nothing.
        const answer = await unlessAborted(bounded, asked);
        const header = (name: string) => [answer.headers[name]].flat()[0];
        return {
          status: answer.statusCode,
          retryAfter: header('retry-after'),
          date: header('date'),
          body: await readBody(answer.body, answer.headers['content-encoding'], (chunk) => {
            if (partial.length < MAX_PARTIAL) partial = Buffer.concat([partial, chunk]);
          }),
        };
      });
    } catch (error) {
      // Given up by the caller, whose reason it is; but where our own end gives a request up, its phase counts.
      if (signal.aborted && !(error instanceof TransportError)) throw error;
      if (error instanceof ProgramReplaced) throw new TransportError('program', true, error);
      throw toTransportError(error, started, partial.toString('utf8'));
    }
  };

  /** Closes every socket at once. */
  async close(): Promise<void> {
    const open = await this.#dispatchers;
    if (!open) return;
    const all = [open.direct, open.usual].flatMap(({ reads, writes }) => [reads, writes]);
    await Promise.all([...new Set(all)].map((each) => each.destroy()));
  }

  #open(): Promise<Dispatchers> {
    this.#dispatchers ??= undici().then(({ Agent, EnvHttpProxyAgent, request }) => {
      const { httpProxy = '', httpsProxy = '', noProxy = '' } = this.#proxies;
      const all = { connect: { timeout: CONNECT_TIMEOUT_MS }, maxResponseSize: MAX_BODY_BYTES };
      const pair = (make: (options: { connections?: number; pipelining: number }) => Dispatcher): Pair => ({
        reads: make({ connections: MAX_SOCKETS, pipelining: 1 }),
        // A write never goes out on a kept-alive socket, which upstream might be closing just then: that would
        // leave us not knowing whether a submit arrived.
        writes: make({ pipelining: 0 }),
      });
      const direct = pair((options) => new Agent({ ...all, ...options }));
      const usual =
        httpProxy === '' && httpsProxy === ''
          ? direct
          : pair((options) => new EnvHttpProxyAgent({ ...all, ...options, httpProxy, httpsProxy, noProxy }));
      return { direct, usual, request };
    });
    return this.#dispatchers;
  }
}

/** Sockets for reads, and for what is sent once. */
interface Pair {
  reads: Dispatcher;
  writes: Dispatcher;
}
interface Dispatchers {
  /** Past any proxy. */
  direct: Pair;
  usual: Pair;
  request: typeof import('undici').request;
}

/** A proxy for this machine's own addresses would be on another machine, and would be sent the key. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The same dispatcher, telling when a request is about to be written to a connection that has been made. */
function whenStarted(dispatcher: Dispatcher, onStart: () => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const telling: Dispatcher.DispatchHandler = {
      onRequestStart(controller, context) {
        onStart();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    };
    return dispatch(options, telling);
  });
}

/**
 * @param started Whether there was a connection that the request was written to: the same errno can then mean
 * that upstream has it.
 */
function toTransportError(error: unknown, started: boolean, partial: string): TransportError {
  if (error instanceof TransportError) {
    const { fault, neverSent } = error;
    if (started) return new TransportError(fault, neverSent, error, partial);
    return new TransportError(fault === 'timeout' ? 'connect_timeout' : fault, true, error);
  }
  const code = codeOf(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new TransportError('too_large', false, error, partial);
  if (started) {
    return new TransportError('broken', false, error, partial);
  }
  return new TransportError(connectFault(error, code), true, error);
}

/** What OpenSSL says of a chain that ends in an authority it does not know, such as a company's own. */
const AUTHORITY =
  /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_UNTRUSTED)$/;

function connectFault(error: unknown, code: string): TransportFault {
  const message = error instanceof Error ? error.message : '';
  if (/Proxy response \(407\)/.test(message)) return 'proxy_password';
  if (/Proxy response/.test(message)) return 'proxy';
  if (/^(ENOTFOUND|EAI_)/.test(code)) return 'dns';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connect_timeout';
  if (AUTHORITY.test(code)) return 'authority';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_|EPROTO|SecureProxyConnection|PRX_TLS/.test(code))
    return 'tls';
  return 'refused';
}
