import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';

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

export interface Answer {
  status: number;
  retryAfter: string | undefined;
  /** Decompressed body as text; at most `MAX_BODY_BYTES` of it are ever held. */
  body: string;
}

/** Why an exchange brought no usable answer. */
export type TransportFault =
  | 'refused'
  | 'dns'
  | 'connect_timeout'
  | 'tls'
  | 'proxy'
  | 'timeout'
  | 'broken'
  | 'too_large'
  | 'encoding';

/** An exchange that brought no answer. `neverSent` only where the request surely did not leave. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly fault: TransportFault;
  readonly neverSent: boolean;

  constructor(fault: TransportFault, neverSent: boolean, cause?: unknown) {
    super(fault, { cause });
    this.fault = fault;
    this.neverSent = neverSent;
  }
}

export type Send = (exchange: Exchange) => Promise<Answer>;

/** The largest real page seen is 221 kB (contract, "Rows"); this leaves room for pages many times that. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Sockets toward upstream, for reads; a submit or cancel opens one of its own. */
const MAX_SOCKETS = 8;
const CONNECT_TIMEOUT_MS = 8_000;

/** HTTP over undici, which is loaded at the first request: a client that only lists tools never pays for it. */
export class HttpTransport {
  readonly #clock: Clock;
  readonly #proxies: ProxySettings;
  #dispatchers:
    | Promise<{
        reads: Dispatcher;
        writes: Dispatcher;
        request: typeof import('undici').request;
      }>
    | undefined;

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
    signal.throwIfAborted();
    const { reads, writes, request } = await this.#open();
    const late = new TransportError('timeout', false);
    return withDeadline(this.#clock, timeoutMs, signal, late, async (bounded) => {
      try {
        const answer = await request(url, {
          method,
          headers,
          body: body ?? null,
          dispatcher: method === 'GET' ? reads : writes,
          signal: bounded,
          headersTimeout: timeoutMs + 1_000,
          bodyTimeout: timeoutMs + 1_000,
        });
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
          body: await readBody(answer.body, answer.headers['content-encoding']),
        };
      } catch (error) {
        throw toTransportError(error);
      }
    });
  };

  /** Closes every socket at once. */
  async close(): Promise<void> {
    const open = await this.#dispatchers;
    await Promise.all([open?.reads.destroy(), open?.writes.destroy()]);
  }

  #open() {
    this.#dispatchers ??= import('undici').then(({ Agent, EnvHttpProxyAgent, request }) => {
      const { httpProxy = '', httpsProxy = '', noProxy = '' } = this.#proxies;
      const make = (options: { connections?: number; pipelining: number }): Dispatcher => {
        const all = {
          ...options,
          connect: { timeout: CONNECT_TIMEOUT_MS },
          maxResponseSize: MAX_BODY_BYTES,
        };
        if (httpProxy === '' && httpsProxy === '') return new Agent(all);
        return new EnvHttpProxyAgent({
          ...all,
          httpProxy,
          httpsProxy,
          noProxy,
          proxyTunnel: false,
        });
      };
      // A write never goes out on a kept-alive socket, which upstream might be closing just then: that would
      // leave us not knowing whether a submit arrived.
      return {
        reads: make({ connections: MAX_SOCKETS, pipelining: 1 }),
        writes: make({ pipelining: 0 }),
        request,
      };
    });
    return this.#dispatchers;
  }
}

async function readBody(raw: Readable, encodingHeader: string | string[] | undefined): Promise<string> {
  const encoding = String(encodingHeader ?? 'identity')
    .trim()
    .toLowerCase();
  if (encoding === 'identity' || encoding === '') return collect(raw);
  const zlib = await import('node:zlib');
  const { pipeline } = await import('node:stream/promises');
  const unpack =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? zlib.createGunzip()
      : encoding === 'deflate'
        ? zlib.createInflate()
        : encoding === 'br'
          ? zlib.createBrotliDecompress()
          : undefined;
  if (!unpack) {
    raw.on('error', () => {});
    raw.destroy();
    throw new TransportError('encoding', false);
  }
  let text = '';
  let tooLarge: unknown;
  try {
    await pipeline(raw, unpack, async (source) => {
      text = await collect(source).catch((error: unknown) => {
        tooLarge = error instanceof TransportError ? error : undefined;
        throw error;
      });
    });
  } catch (error) {
    // Stopping the source fails too, and may be what the pipeline tells.
    if (tooLarge) throw tooLarge;
    const code = codeOf(error);
    if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_'))
      throw new TransportError('encoding', false, error);
    throw error;
  }
  return text;
}

async function collect(source: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    // Leaving the loop destroys the stream, and with it the socket: the rest is never read.
    if (size > MAX_BODY_BYTES) throw new TransportError('too_large', false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return new TransportError('refused', true, error);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
      return new TransportError('dns', true, error);
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new TransportError('connect_timeout', true, error);
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return new TransportError('timeout', false, error);
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return new TransportError('too_large', false, error);
  }
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_|EPROTO/.test(code))
    return new TransportError('tls', true, error);
  if (/Proxy response/.test(message)) return new TransportError('proxy', true, error);
  return new TransportError('broken', false, error);
}
