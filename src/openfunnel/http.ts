import { promisify } from 'node:util';
import type { Dispatcher } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { deadlineIn, unlessAborted, within } from '../lib/deadline.ts';
import { later } from '../lib/later.ts';
import { TransportError, type TransportFault } from './transport-error.ts';

export { TransportError, type TransportFault } from './transport-error.ts';

/** Proxies as the usual environment variables name them; empty or absent means none. */
export interface ProxySettings {
  httpProxy?: string;
  httpsProxy?: string;
  noProxy?: string;
}

export interface Exchange {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string | undefined;
  signal: AbortSignal;
  /** For the whole exchange, last body byte included. Milliseconds. */
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  date?: string | undefined;
  /** Decompressed body as text; at most 8 MB of it are ever held. */
  body: string;
}

export type Send = (exchange: Exchange) => Promise<HttpAnswer>;

/** Sockets toward upstream, for reads; a submit or cancel opens one of its own. */
const MAX_SOCKETS = 8;
const CONNECT_TIMEOUT_MS = 8_000;
/** The largest real page seen is 221 kB (contract, "Rows"); this leaves room for pages many times that. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Kept of a body that broke off. Characters. */
const MAX_PARTIAL = 64 * 1024;

const undici = later(() => import('undici'));
type Undici = Awaited<ReturnType<typeof undici>>;

/** HTTP over undici, which no start waits for: a client that only lists tools never pays for it. */
export class HttpTransport {
  readonly #clock: Clock;
  readonly #proxies: ProxySettings;
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(clock: Clock, proxies: ProxySettings = {}) {
    this.#clock = clock;
    this.#proxies = proxies;
  }

  /**
   * Sends one request, once, and reads the whole answer, whatever its status.
   * @throws {TransportError} when there is none, or none that can be read whole; the signal's reason; what `undici` throws.
   */
  readonly send: Send = async ({ method, url, headers, body, signal, timeoutMs }) => {
    // Set as soon as there is a connection on which the request goes out: from then on nothing is certain.
    let started = false;
    const late = new TransportError('timeout', false);
    const chunks: Buffer[] = [];
    let encoding = 'identity';
    signal.throwIfAborted();
    const library = await undici();
    try {
      const dispatcher = whenStarted(this.#dispatcher(library, isLoopback(url), method === 'GET'), () => {
        started = true;
      });
      const exchange = async (bounded: AbortSignal): Promise<HttpAnswer> => {
        // Only our own deadline applies, which takes into account what has arrived.
        const untimed = { headersTimeout: 0, bodyTimeout: 0 };
        const options = { method, headers, body: body ?? null, dispatcher, signal: bounded, ...untimed };
        // While connecting, undici ignores the signal; once connected, it sends nothing.
        const answer = await unlessAborted(bounded, library.request(url, options));
        const header = (name: string) => [answer.headers[name]].flat()[0];
        encoding = (header('content-encoding') ?? encoding).trim().toLowerCase();
        for await (const chunk of answer.body) chunks.push(chunk);
        return {
          status: answer.statusCode,
          retryAfter: header('retry-after'),
          date: header('date'),
          body: await unpacked(chunks, encoding, true),
        };
      };
      const deadline = deadlineIn(this.#clock, timeoutMs);
      return await within(this.#clock, deadline, signal, () => late, exchange);
    } catch (error) {
      // Given up by the caller, whose reason it is; but where our own end gives a request up, its phase counts.
      if (signal.aborted && !(error instanceof TransportError)) throw error;
      const partial = await unpacked(chunks, encoding, false).catch(() => '');
      throw new TransportError(faultOf(error, started), !started, partial.slice(0, MAX_PARTIAL));
    }
  };

  /** Closes every socket at once. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((each) => each.destroy()));
  }

  /** @param direct Past any proxy. @param again Whether what is sent may be sent again. */
  #dispatcher({ Agent, EnvHttpProxyAgent }: Undici, direct: boolean, again: boolean): Dispatcher {
    const { httpProxy = '', httpsProxy = '', noProxy = '' } = this.#proxies;
    const proxied = !direct && httpProxy + httpsProxy !== '';
    const name = `${proxied} ${again}`;
    const known = this.#dispatchers.get(name);
    if (known) return known;
    // What is sent once never goes out on a kept-alive socket, which upstream might be closing just then: that would
    // leave us not knowing whether a submit arrived.
    const sockets = again ? { connections: MAX_SOCKETS, pipelining: 1 } : { pipelining: 0 };
    const bounds = { connect: { timeout: CONNECT_TIMEOUT_MS }, maxResponseSize: MAX_BODY_BYTES, ...sockets };
    const made = proxied
      ? new EnvHttpProxyAgent({ ...bounds, httpProxy, httpsProxy, noProxy })
      : new Agent(bounds);
    this.#dispatchers.set(name, made);
    return made;
  }
}

/** A proxy for this machine's own addresses would be on another machine, and would be sent the key. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The same dispatcher, telling when a request is about to be written to a connection that has been made. */
function whenStarted(dispatcher: Dispatcher, onStart: () => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (...args) => {
      onStart();
      start?.(...args);
    };
    return dispatch(options, handler);
  });
}

/** A body as text, unpacked; of one that is not `whole`, what can be read. */
async function unpacked(chunks: readonly Buffer[], encoding: string, whole: boolean): Promise<string> {
  const bytes = Buffer.concat(chunks);
  // A byte order mark is no part of JSON (RFC 8259 §8.1), and some servers send one.
  if (encoding === 'identity' || encoding === '') return bytes.toString('utf8').replace(/^\ufeff/, '');
  if (!/^(?:x-)?gzip$|^deflate$/.test(encoding)) throw new TransportError('encoding', false);
  const { constants, unzip } = await import('node:zlib');
  const finishFlush = whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const text = await promisify(unzip)(bytes, { maxOutputLength: MAX_BODY_BYTES, finishFlush });
  return unpacked([text], 'identity', whole);
}

/** What OpenSSL says of a chain that ends in an authority it does not know, such as a company's own. */
const AUTHORITY =
  /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_UNTRUSTED)$/;

/** @param started Whether the request was written to a connection, so that upstream can have it. */
function faultOf(error: unknown, started: boolean): TransportFault {
  if (error instanceof TransportError)
    return error.fault === 'timeout' && !started ? 'connect_timeout' : error.fault;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (/^(ERR_BUFFER_TOO_LARGE|UND_ERR_RES_EXCEEDED_MAX_SIZE)$/.test(code)) return 'too_large';
  if (code.startsWith('Z_')) return 'encoding';
  if (started) return 'broken';
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
