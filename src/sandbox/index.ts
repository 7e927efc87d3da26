import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { companiesFound, delivered, type JobRecord, pageRows, viewJob } from './jobs.ts';
import { validateSubmit } from './validation.ts';

export interface SandboxRequest {
  method: string;
  /** Path with query. */
  path: string;
  /** Milliseconds since the epoch, by the sandbox's clock. */
  at: number;
}

export interface SandboxOptions {
  /** The clock that jobs live by, in ms; default `Date.now`. */
  now?: () => number;
  /** Default 0: any free port. */
  port?: number;
  /** The key it accepts; default "of_sandbox". */
  apiKey?: string;
  /** Rows a page; default 100. */
  pageSize?: number;
  /** Milliseconds that a job for `limit` companies takes, before `speed`; default 9 s and 25 ms a company. */
  durationMs?: (limit: number) => number;
  /** How many times faster; default 1. */
  speed?: number;
  /** Default 20,000. */
  totalCredits?: number;
  /** Seed of the invented companies; default 1. */
  seed?: number;
  /** Called before each request is handled; by default it just calls `respond`. The seam for faults. */
  intercept?: (
    request: SandboxRequest,
    respond: () => void,
    raw: { req: IncomingMessage; res: ServerResponse },
  ) => void;
}

export interface Sandbox {
  /** Base URL, without a slash at its end. */
  url: string;
  apiKey: string;
  /** What was asked of it, oldest first; the latest 10,000. */
  requests: readonly SandboxRequest[];
  /** Stops it and closes every connection. */
  close(): Promise<void>;
}

const BULK = '/api/v1/account/search-lookalikes-bulk';
const MAX_BODY = 1024 * 1024;
const MAX_REQUESTS_KEPT = 10_000;
const CANCELLING_MS = 1_000;
const CREDITS_USED_BEFORE = 37.5;

interface Reply {
  status: number;
  body: unknown;
}

/** Starts a simulator of the API on 127.0.0.1, faithful to the contract; its companies are made up. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { now = Date.now, apiKey = 'of_sandbox', intercept = (_request, respond) => respond() } = options;
  const requests: SandboxRequest[] = [];
  const api = new Api(options, now);
  const server = createServer((req, res) => {
    const request = { method: req.method ?? 'GET', path: req.url ?? '/', at: now() };
    if (requests.length >= MAX_REQUESTS_KEPT) requests.shift();
    requests.push(request);
    const respond = () => {
      if (req.headers['x-api-key'] !== apiKey) {
        send(res, { status: 401, body: { detail: 'Invalid or missing API key' } });
        return;
      }
      readBody(req).then(
        (body) =>
          send(
            res,
            body === null
              ? { status: 413, body: { detail: 'Request body too large' } }
              : api.handle(request, body),
          ),
        () => res.destroy(),
      );
    };
    intercept(request, respond, { req, res });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The endpoints, without HTTP around them. */
class Api {
  readonly #options: SandboxOptions;
  readonly #now: () => number;
  readonly #jobs = new Map<string, JobRecord>();

  constructor(options: SandboxOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  handle({ method, path }: SandboxRequest, body: string): Reply {
    const url = new URL(path, 'http://sandbox.invalid');
    if (url.pathname === '/api/v1/credits/balance') return method === 'GET' ? this.#balance() : notAllowed();
    if (url.pathname === BULK) return method === 'POST' ? this.#submit(body) : notAllowed();
    const [, id, cancel] =
      /^\/([^/]+)(\/cancel)?$/.exec(url.pathname.startsWith(BULK) ? url.pathname.slice(BULK.length) : '') ??
      [];
    if (id === undefined) return { status: 404, body: { detail: 'Not Found' } };
    if (method !== (cancel ? 'POST' : 'GET')) return notAllowed();
    const job = this.#jobs.get(decodeURIComponent(id));
    if (!job) return { status: 404, body: { detail: 'Job not found' } };
    return cancel ? this.#cancel(job) : this.#page(job, url.searchParams);
  }

  #submit(text: string): Reply {
    let input: unknown;
    try {
      input = JSON.parse(text);
    } catch {
      return {
        status: 422,
        body: { detail: [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }] },
      };
    }
    const checked = validateSubmit(input);
    if ('problems' in checked) return { status: 422, body: { detail: checked.problems } };
    const { body } = checked;
    if (body.limit > this.#credits().credits_left) {
      const message = 'The limit is above the credits that are left';
      return { status: 402, body: { error_code: 'CREDITS_EXCEEDED', message, details: this.#credits() } };
    }
    const { speed = 1, pageSize = 100, seed = 1, durationMs = defaultDuration } = this.#options;
    const id = randomUUID();
    this.#jobs.set(id, {
      id,
      body,
      createdAt: this.#now(),
      cancelledAt: null,
      seed: seed + hash(JSON.stringify(body)),
      durationMs: durationMs(companiesFound(body)) / speed,
      cancellingMs: CANCELLING_MS / speed,
      pageSize,
    });
    return {
      status: 200,
      body: { job_id: id, status: 'pending', message: 'Bulk lookalike search submitted' },
    };
  }

  #page(job: JobRecord, query: URLSearchParams): Reply {
    const limit = query.get('limit');
    // Checked, and then ignored: the page size was fixed when the pages were written.
    if (limit !== null && !(Number.isInteger(Number(limit)) && Number(limit) >= 1 && Number(limit) <= 100)) {
      return {
        status: 422,
        body: { detail: [{ loc: ['query', 'limit'], msg: 'Input should be 1 to 100', type: 'value_error' }] },
      };
    }
    const view = viewJob(job, this.#now());
    const cursor = query.get('cursor') ?? 'page_0000';
    const number = /^page_\d{4,}$/.test(cursor) ? Number(cursor.slice('page_'.length)) : -1;
    const rows = number < 0 ? null : pageRows(job, view, number);
    if (rows === null) return { status: 404, body: { detail: 'Page not found' } };
    const more = (number + 1) * job.pageSize < view.readable;
    return {
      status: 200,
      body: {
        job_id: job.id,
        status: view.status,
        manifest: view.manifest,
        error_message: view.error,
        rows,
        page: pageName(number),
        next_cursor: more ? pageName(number + 1) : null,
        count: rows.length,
        processed: view.processed,
        progress_message: view.stage,
      },
    };
  }

  #cancel(job: JobRecord): Reply {
    const { status } = viewJob(job, this.#now());
    if (status === 'completed' || status === 'failed' || status === 'cancelled') {
      return { status: 409, body: { detail: `Job has already ended: ${status}` } };
    }
    job.cancelledAt ??= this.#now();
    return { status: 200, body: { job_id: job.id, status: 'cancelling', message: 'Cancellation requested' } };
  }

  #credits() {
    const total = this.#options.totalCredits ?? 20_000;
    let used = CREDITS_USED_BEFORE;
    for (const job of this.#jobs.values()) used += delivered(job, this.#now());
    return { total_credits: total, credits_used: used, credits_left: total - used };
  }

  #balance(): Reply {
    return { status: 200, body: this.#credits() };
  }
}

function defaultDuration(limit: number): number {
  return Math.min(120_000, 9_000 + limit * 25);
}

function pageName(number: number): string {
  return `page_${String(number).padStart(4, '0')}`;
}

function notAllowed(): Reply {
  return { status: 405, body: { detail: 'Method Not Allowed' } };
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value | 0;
}

/** The body as text, or null when it is too large. */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? null : Buffer.concat(chunks).toString('utf8');
}

function send(res: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
}
