import { type CompanyRow, hasCountry, inventCompany } from './companies.ts';
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
  reranked: boolean;
  manifest: Record<string, unknown> | null;
}

// Shares of a job's length at which its stages begin.
const RETRIEVING = 0.05;
const QUALIFYING = 0.15;
const RERANKING = 0.88;
const FAILS_AT = 0.5;

/** Companies that the job will deliver if it is let run: an agentic search finds fewer. */
export function companiesFound({ limit, search_type, locations }: JobBody): number {
  if (!hasCountry(locations)) return 0;
  return search_type === 'agentic' ? Math.max(1, Math.floor(limit * 0.6)) : limit;
}

/** A seed as upstream reads it: no protocol, `www.`, path; lower case. */
function normalizeSeed(seed: string): string {
  return seed
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/^www\./, '')
    .replace(/[/?#].*$/, '');
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
  const share = (now - job.createdAt) / job.durationMs;
  const endShare = Math.min(1, failsAt);

  if (job.cancelledAt !== null) {
    const readable = streamed(job, total, (job.cancelledAt - job.createdAt) / job.durationMs);
    const cancelled = now >= job.cancelledAt + job.cancellingMs;
    return {
      status: cancelled ? 'cancelled' : 'cancelling',
      stage: cancelled ? 'cancelled' : 'qualifying_companies',
      processed: readable,
      error: null,
      readable,
      reranked: false,
      manifest: cancelled ? manifest(job, readable, true) : null,
    };
  }
  if (share >= endShare) {
    if (failsAt <= 1) {
      const error = seedless
        ? 'None of the seed domains could be resolved.'
        : 'The search failed while companies were being qualified.';
      return {
        status: 'failed',
        stage: 'qualifying_companies',
        processed: qualified(total, failsAt),
        error,
        readable: streamed(job, total, failsAt),
        reranked: false,
        manifest: null,
      };
    }
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
  const running = {
    error: null,
    readable: streamed(job, total, share),
    reranked: share >= RERANKING,
    manifest: null,
  };
  if (share < RETRIEVING) return { ...running, status: 'pending', stage: null, processed: null };
  if (share < QUALIFYING)
    return { ...running, status: 'running', stage: 'retrieving_companies', processed: null };
  const stage = share < RERANKING ? 'qualifying_companies' : 'reranking_companies';
  return { ...running, status: 'running', stage, processed: qualified(total, share) };
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
  const rows: CompanyRow[] = [];
  for (let index = start; index < end; index += 1) rows.push(inventCompany({ ...body, seed, topic }, index));
  // Reranking moves rows about within their page: what was read before the end was provisional.
  return view.reranked ? [...rows.slice(3), ...rows.slice(0, 3)] : rows;
}
