import type * as z from 'zod';
import { AppendLog } from '../disk/append-log.ts';
import { systemClock } from '../lib/clock.ts';
import { jsonIn } from '../lib/json.ts';
import { hash } from './companies.ts';
import { type JobBody, jobBody } from './job-body.ts';
import { type JobRecord, jobRecord, pageRows, viewJob } from './jobs.ts';
import { inventedLookup, lookupBody } from './lookup-answers.ts';

const BULK = '/api/v1/account/search-lookalikes-bulk';
const LOOKUP = '/api/v1/account/lookup-companies';
const CANCELLING_MS = 1_000;
/** Stored jobs are readable, and count against the credits, this long. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
const CREDITS_USED_BEFORE = 37.5;

export interface ApiOptions {
  /** The clock that jobs live by, in ms. */
  now: () => number;
  pageSize?: number;
  /** Milliseconds that a job for `limit` companies takes, before `speed`; default 9 s and 25 ms a company. */
  durationMs?: (limit: number) => number;
  speed?: number;
  totalCredits?: number;
  seed?: number;
  /** Folder that keeps jobs beyond the process; by default they live in memory alone. */
  directory?: string;
}

export interface Reply {
  status: number;
  body: unknown;
}

/** An error in FastAPI's form (contract, "Errors"). */
export function refusal(status: number, detail: unknown): Reply {
  return { status, body: { detail } };
}

function success(body: unknown): Reply {
  return { status: 200, body };
}

/** Answers one request, whose key has been checked. @param path With the query. */
export type Handler = (method: string, path: string, body: string) => Promise<Reply>;

export function sandboxApi(options: ApiOptions): Handler {
  const { now, pageSize = 100, durationMs = defaultDuration, speed = 1, totalCredits = 20_000 } = options;
  const { seed = 1, directory } = options;
  const jobs = new Map<string, JobRecord>();
  const fileName = 'upstream.jsonl';
  const log = directory && new AppendLog({ directory, fileName, clock: systemClock, schema: jobRecord });
  // A job that can't be kept lives as long as its process.
  const load = async () => {
    if (!log) return;
    await log.read().catch(() => {});
    for (const job of log.records) if (job.createdAt >= now() - KEPT_MS) jobs.set(job.id, job);
  };
  const keep = async (job: JobRecord) => {
    jobs.set(job.id, job);
    if (log) await log.append([job], false).catch(() => {});
  };
  const credits = () => {
    // Billed are the companies delivered of jobs that have completed or were cancelled.
    const billed = [...jobs.values()].map((job) => viewJob(job, now()).said.manifest?.count ?? 0);
    const used = billed.reduce((sum, count) => sum + count, CREDITS_USED_BEFORE);
    return { total_credits: totalCredits, credits_used: used, credits_left: totalCredits - used };
  };
  const submit = async (body: JobBody): Promise<Reply> => {
    if (body.limit > credits().credits_left) {
      const message = 'The limit is above the credits that are left';
      return { status: 402, body: { error_code: 'CREDITS_EXCEEDED', message, details: credits() } };
    }
    const id = crypto.randomUUID();
    await keep({
      id,
      body,
      createdAt: now(),
      cancelledAt: null,
      seed: seed + hash(JSON.stringify(body)),
      durationMs: Math.max(1, durationMs(body.limit) / speed),
      cancellingMs: CANCELLING_MS / speed,
      pageSize,
    });
    return success({ job_id: id, status: 'pending', message: 'Bulk lookalike search submitted' });
  };
  const cancel = async (job: JobRecord): Promise<Reply> => {
    const { ended, said } = viewJob(job, now());
    if (ended) return refusal(409, `Job has already ended: ${said.status}`);
    if (job.cancelledAt === null) await keep({ ...job, cancelledAt: now() });
    return success({ job_id: job.id, status: 'cancelling', message: 'Cancellation requested' });
  };
  const page = (job: JobRecord, query: URLSearchParams): Reply => {
    const limit = query.get('limit');
    // Checked, and then ignored: the page size was fixed when the pages were written.
    if (limit !== null && !/^([1-9]\d?|100)$/.test(limit))
      return refusal(422, [{ loc: ['query', 'limit'], msg: 'Input should be 1 to 100', type: 'int' }]);
    const view = viewJob(job, now());
    const cursor = query.get('cursor') ?? pageName(0);
    const number = Number(cursor.slice('page_'.length));
    const rows = pageName(number) === cursor ? pageRows(job, view, number) : null;
    if (rows === null) return refusal(404, 'Page not found');
    const more = (number + 1) * job.pageSize < view.readable;
    const next_cursor = more ? pageName(number + 1) : null;
    return success({ job_id: job.id, ...view.said, rows, page: cursor, next_cursor, count: rows.length });
  };
  const loaded = load();
  return async (method, path, body) => {
    await loaded;
    const [pathname = '', ...search] = path.split('?');
    const only = (allowed: string, answer: () => Reply | Promise<Reply>) =>
      method === allowed ? answer() : refusal(405, 'Method Not Allowed');
    if (pathname === '/api/v1/credits/balance') return only('GET', () => success(credits()));
    if (pathname === LOOKUP)
      return only('POST', () => taken(body, lookupBody, (asked) => success(inventedLookup(asked))));
    if (pathname === BULK) return only('POST', () => taken(body, jobBody, submit));
    const rest = pathname.startsWith(BULK) ? pathname.slice(BULK.length) : '';
    const [, id, cancelling] = /^\/([^/]+)(\/cancel)?$/.exec(rest) ?? [];
    if (id === undefined) return refusal(404, 'Not Found');
    return only(cancelling ? 'POST' : 'GET', async () => {
      // Another process with the same file may have made it.
      if (!jobs.has(id)) await load();
      const job = jobs.get(id);
      if (!job) return refusal(404, 'Job not found');
      return cancelling ? cancel(job) : page(job, new URLSearchParams(search.join('?')));
    });
  };
}

/** The answer to a body of JSON; what is wrong with it comes in FastAPI's form. */
function taken<T>(text: string, schema: z.ZodType<T>, answer: (body: T) => Reply | Promise<Reply>) {
  const input = jsonIn(text);
  if (input === undefined)
    return refusal(422, [{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }]);
  const { data, error } = schema.safeParse(input);
  if (!error) return answer(data);
  return refusal(
    422,
    error.issues.map(({ path, message, code }) => ({ loc: ['body', ...path], msg: message, type: code })),
  );
}

function defaultDuration(limit: number): number {
  return Math.min(120_000, 9_000 + limit * 25);
}

function pageName(number: number): string {
  return `page_${String(number).padStart(4, '0')}`;
}
