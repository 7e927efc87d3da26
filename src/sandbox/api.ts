import { delivered, type JobRecord, pageRows, viewJob } from './jobs.ts';
import { lookupCompanies } from './lookup.ts';
import type { SandboxOptions, SandboxRequest } from './options.ts';
import { hash } from './rightness.ts';
import { validateSubmit } from './validation.ts';

const BULK = '/api/v1/account/search-lookalikes-bulk';
const LOOKUP = '/api/v1/account/lookup-companies';
const CANCELLING_MS = 1_000;
/** Stored jobs are readable, and count against the credits, this long. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
const CREDITS_USED_BEFORE = 37.5;

export interface Reply {
  status: number;
  body: unknown;
}

/** The endpoints, without HTTP around them. */
export class Api {
  readonly #options: SandboxOptions;
  readonly #now: () => number;
  readonly #jobs = new Map<string, JobRecord>();

  constructor(options: SandboxOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#load();
  }

  /** Answers one request, whose key has been checked. */
  handle({ method, path }: SandboxRequest, body: string): Reply {
    const [pathname = '', ...search] = path.split('?');
    if (pathname === '/api/v1/credits/balance') return method === 'GET' ? this.#balance() : notAllowed();
    if (pathname === LOOKUP) return method === 'POST' ? lookup(body) : notAllowed();
    if (pathname === BULK) return method === 'POST' ? this.#submit(body) : notAllowed();
    const rest = pathname.startsWith(BULK) ? pathname.slice(BULK.length) : '';
    const [, id, cancel] = /^\/([^/]+)(\/cancel)?$/.exec(rest) ?? [];
    if (id === undefined) return { status: 404, body: { detail: 'Not Found' } };
    if (method !== (cancel ? 'POST' : 'GET')) return notAllowed();
    // Another process with the same store may have made it.
    if (!this.#jobs.has(id)) this.#load();
    const job = this.#jobs.get(id);
    if (!job) return { status: 404, body: { detail: 'Job not found' } };
    return cancel ? this.#cancel(job) : this.#page(job, new URLSearchParams(search.join('?')));
  }

  #submit(text: string): Reply {
    const input = parsed(text);
    if (input === undefined) return NOT_JSON;
    const checked = validateSubmit(input);
    if ('problems' in checked) return { status: 422, body: { detail: checked.problems } };
    const { body } = checked;
    if (body.limit > this.#credits().credits_left) {
      const message = 'The limit is above the credits that are left';
      return { status: 402, body: { error_code: 'CREDITS_EXCEEDED', message, details: this.#credits() } };
    }
    const { speed = 1, pageSize = 100, seed = 1, durationMs = defaultDuration } = this.#options;
    const id = crypto.randomUUID();
    this.#keep({
      id,
      body,
      createdAt: this.#now(),
      cancelledAt: null,
      seed: seed + hash(JSON.stringify(body)),
      durationMs: Math.max(1, durationMs(body.limit) / speed),
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
    const rows = pageName(number) !== cursor ? null : pageRows(job, view, number);
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
    if (job.cancelledAt === null) this.#keep({ ...job, cancelledAt: this.#now() });
    return { status: 200, body: { job_id: job.id, status: 'cancelling', message: 'Cancellation requested' } };
  }

  #keep(job: JobRecord): void {
    this.#jobs.set(job.id, job);
    this.#options.store?.save(job);
  }

  #load(): void {
    const since = this.#now() - KEPT_MS;
    for (const job of this.#options.store?.load() ?? [])
      if (job.createdAt >= since) this.#jobs.set(job.id, job);
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

function lookup(text: string): Reply {
  const input = parsed(text);
  if (input === undefined) return NOT_JSON;
  const found = lookupCompanies(input);
  return 'problems' in found
    ? { status: 422, body: { detail: found.problems } }
    : { status: 200, body: found };
}

const NOT_JSON: Reply = {
  status: 422,
  body: { detail: [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }] },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
