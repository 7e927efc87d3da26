import { type CompanyRow, inventCompany } from './companies.ts';
import { countriesOf } from './countries.ts';
import { isRight } from './rightness.ts';
import type { JobBody } from './validation.ts';

/** All that is kept of a job; everything else follows from it and the time. */
export interface JobRecord {
  id: string;
  body: JobBody;
  /** Milliseconds since the epoch. */
  createdAt: number;
  cancelledAt: number | null;
  /** Seed of the invented companies. */
  seed: number;
  durationMs: number;
  cancellingMs: number;
  pageSize: number;
}

type Status = 'pending' | 'running' | 'completed' | 'failed' | 'cancelling' | 'cancelled';

export interface JobView {
  status: Status;
  stage: string | null;
  processed: number | null;
  error: string | null;
  /** Rows that can be read now: whole pages while the job runs, all of them once it has ended. */
  readable: number;
  /** Rows are in their final order. */
  reranked: boolean;
  manifest: Record<string, unknown> | null;
}

// Shares of a job's length at which its stages begin.
const RETRIEVING = 0.05;
const QUALIFYING = 0.15;
const RERANKING = 0.88;
const FAILS_AT = 0.5;

/** Companies that the job will deliver if it is let run: an agentic search finds fewer. */
function companiesFound({ limit, search_type }: JobBody): number {
  return search_type === 'agentic' ? Math.max(1, Math.floor(limit * 0.6)) : limit;
}

/** A seed as upstream reads it: no protocol, `www.`, path; lower case. */
function normalizeSeed(seed: string): string {
  const [host = ''] = seed
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/^www\./, '')
    .split(/[/?#]/, 1);
  return host;
}

function splitSeeds(body: JobBody): { resolved: string[]; unresolved: string[] } {
  const seeds = (body.seed_domains ?? []).map(normalizeSeed);
  const isUnresolved = (seed: string) => /unknown|unresolved|\.invalid$/.test(seed) || !seed.includes('.');
  return { resolved: seeds.filter((seed) => !isUnresolved(seed)), unresolved: seeds.filter(isUnresolved) };
}

function derivedQuery(body: JobBody): string | null {
  const { resolved } = splitSeeds(body);
  if (body.seed_domains === undefined) return null;
  const names = resolved.map((seed) => seed.split('.')[0]).join(', ');
  return `Companies similar to ${names}${body.query ? `: ${body.query}` : ''}`;
}

/** The job at the time `now` (contract, "status and one page"; a sandbox job fails if its query has "[fail]"). */
export function viewJob(job: JobRecord, now: number): JobView {
  const total = companiesFound(job.body);
  const seedless = job.body.seed_domains !== undefined && splitSeeds(job.body).resolved.length === 0;
  const failsAt = seedless
    ? QUALIFYING
    : job.body.query?.includes('[fail]')
      ? FAILS_AT
      : Number.POSITIVE_INFINITY;
  const shareAt = (time: number) => (time - job.createdAt) / job.durationMs;

  if (job.cancelledAt !== null) {
    const view = runningView(job, total, shareAt(job.cancelledAt));
    if (now < job.cancelledAt + job.cancellingMs) return { ...view, status: 'cancelling' };
    return {
      ...view,
      status: 'cancelled',
      stage: 'cancelled',
      processed: view.readable,
      manifest: manifest(job, view.readable, true),
    };
  }
  const share = shareAt(now);
  if (share >= failsAt) {
    const error = seedless
      ? 'None of the seed domains could be resolved.'
      : 'The search failed while companies were being qualified.';
    return { ...runningView(job, total, failsAt), status: 'failed', error };
  }
  if (share < 1) return runningView(job, total, share);
  return {
    status: 'completed',
    stage: 'completed',
    processed: total,
    error: null,
    readable: total,
    reranked: true,
    manifest: manifest(job, total, false),
  };
}

/** The job after this share of its length, if nothing has ended it. */
function runningView(job: JobRecord, total: number, share: number): JobView {
  const stage =
    share < RETRIEVING
      ? null
      : share < QUALIFYING
        ? 'retrieving_companies'
        : share < RERANKING
          ? 'qualifying_companies'
          : 'reranking_companies';
  return {
    status: stage === null ? 'pending' : 'running',
    stage,
    processed: qualified(total, share) || null,
    error: null,
    readable: streamed(job, total, share),
    reranked: false,
    manifest: null,
  };
}

function qualified(total: number, share: number): number {
  const part = Math.min(1, Math.max(0, (share - QUALIFYING) / (RERANKING - QUALIFYING)));
  return Math.floor(total * part);
}

/** Rows on pages that are written: a page is written when it is full, the last one when reranking begins. */
function streamed(job: JobRecord, total: number, share: number): number {
  const done = qualified(total, share);
  return done >= total ? total : done - (done % job.pageSize);
}

function manifest(job: JobRecord, count: number, partial: boolean): Record<string, unknown> {
  const seeds = splitSeeds(job.body);
  const seeded = job.body.seed_domains !== undefined;
  return {
    count,
    pages: Math.ceil(count / job.pageSize),
    page_size: job.pageSize,
    credits_consumed: count,
    derived_query: derivedQuery(job.body),
    resolved_seed_domains: seeded ? seeds.resolved : null,
    unresolved_seed_domains: seeded ? seeds.unresolved : null,
    rerank_degraded: false,
    partial,
  };
}

/** Companies delivered, and billed, by now: those of a job that has completed or was cancelled. */
export function delivered(job: JobRecord, now: number): number {
  const { status, readable } = viewJob(job, now);
  return status === 'completed' || status === 'cancelled' ? readable : 0;
}

/** The rows of page `number` (from 0), or null when that page does not exist now. */
export function pageRows(job: JobRecord, view: JobView, number: number): CompanyRow[] | null {
  const start = number * job.pageSize;
  if (start >= view.readable && number > 0) return null;
  const end = Math.min(view.readable, start + job.pageSize);
  const { body, seed } = job;
  const topic = body.query ?? derivedQuery(body) ?? '';
  const countries = body.locations && countriesOf(body.locations);
  const rows: CompanyRow[] = [];
  for (let index = start; index < end; index += 1) {
    rows.push(
      inventCompany({ ...body, countries, seed, topic, isRight: (rank) => isRight(body, seed, rank) }, index),
    );
  }
  if (view.reranked) rerank(rows, seed);
  return rows;
}

/** Swaps the first two rows and some neighbours after them: a page read before the end was provisional. */
function rerank(rows: CompanyRow[], seed: number): void {
  for (let index = 0; index + 1 < rows.length; index += 2) {
    const [first, second] = [rows[index], rows[index + 1]];
    const swapped = index === 0 || ((seed >>> (index % 31)) & 1) === 1;
    if (swapped && first && second) [rows[index], rows[index + 1]] = [second, first];
  }
}
