import * as z from 'zod';
import { normalDomain } from '../companies/identity.ts';
import { hash, type InventedCompany, inventCompany, randomOf } from './companies.ts';
import { countriesOf, type JobBody, jobBody } from './job-body.ts';

/** All that is kept of a job; everything else follows from it and the time. */
export const jobRecord = z.object({
  id: z.string(),
  body: jobBody,
  createdAt: z.number(),
  cancelledAt: z.number().nullable(),
  seed: z.number(),
  durationMs: z.number(),
  cancellingMs: z.number(),
  pageSize: z.number(),
});

export type JobRecord = z.output<typeof jobRecord>;

interface Said {
  status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelling' | 'cancelled';
  manifest: ReturnType<typeof manifestOf> | null;
  error_message: string | null;
  processed: number | null;
  progress_message: string | null;
}

export type JobView = ReturnType<typeof viewJob>;

// Shares of a job's length at which its stages begin.
const QUALIFYING = 0.15;
const RERANKING = 0.88;
const FAILS_AT = 0.5;
const STAGES = [
  [0.05, 'retrieving_companies'],
  [QUALIFYING, 'qualifying_companies'],
  [RERANKING, 'reranking_companies'],
] as const;

/** What a manifest says of the seeds; all null for a job without. */
function seedFacts({ seed_domains, query }: JobBody) {
  if (seed_domains === undefined)
    return { derived_query: null, resolved_seed_domains: null, unresolved_seed_domains: null };
  const seeds = seed_domains.map((seed) => normalDomain(seed) ?? seed);
  const isUnresolved = (seed: string) => /unknown|unresolved|\.invalid$/.test(seed) || !seed.includes('.');
  const resolved = seeds.filter((seed) => !isUnresolved(seed));
  const names = resolved.map((seed) => seed.split('.')[0]).join(', ');
  return {
    derived_query: `Companies similar to ${names}${query ? `: ${query}` : ''}`,
    resolved_seed_domains: resolved,
    unresolved_seed_domains: seeds.filter(isUnresolved),
  };
}

function manifestOf({ body, pageSize }: JobRecord, count: number, partial: boolean) {
  const pages = { count, pages: Math.ceil(count / pageSize), page_size: pageSize, credits_consumed: count };
  return { ...pages, ...seedFacts(body), rerank_degraded: false, partial };
}

/** The job at the time `now` (contract, "status and one page"; a sandbox job fails if its query has "[fail]"). */
export function viewJob(job: JobRecord, now: number) {
  const { body, cancelledAt, pageSize } = job;
  // An agentic search finds fewer.
  const total = body.search_type === 'agentic' ? Math.max(1, Math.floor(body.limit * 0.6)) : body.limit;
  const seedless = seedFacts(body).resolved_seed_domains?.length === 0;
  const failing = body.query?.includes('[fail]') ? FAILS_AT : Number.POSITIVE_INFINITY;
  const failsAt = seedless ? QUALIFYING : failing;
  const share = Math.min(failsAt, ((cancelledAt ?? now) - job.createdAt) / job.durationMs);
  const qualified = (share - QUALIFYING) / (RERANKING - QUALIFYING);
  const processed = Math.floor(total * Math.min(1, Math.max(0, qualified)));
  // Rows can be read by whole pages: one is written when it is full, the last one when reranking begins.
  const readable = processed >= total ? total : processed - (processed % pageSize);
  const stage = STAGES.findLast(([from]) => share >= from)?.[1] ?? null;
  const endedAs = (status: 'completed' | 'cancelled'): Partial<Said> => {
    const manifest = manifestOf(job, readable, status === 'cancelled');
    return { status, progress_message: status, processed: readable, manifest };
  };
  let ended: Partial<Said> | null = null;
  if (cancelledAt !== null) ended = now < cancelledAt + job.cancellingMs ? null : endedAs('cancelled');
  else if (share >= failsAt && seedless)
    ended = { status: 'failed', error_message: 'None of the seed domains could be resolved.' };
  else if (share >= failsAt)
    ended = { status: 'failed', error_message: 'The search failed while companies were being qualified.' };
  else if (share >= 1) ended = endedAs('completed');
  const said: Said = {
    status: cancelledAt !== null ? 'cancelling' : stage === null ? 'pending' : 'running',
    manifest: null,
    error_message: null,
    processed: processed || null,
    progress_message: stage,
    ...ended,
  };
  return { said, ended: ended !== null, readable };
}

/** The rows of page `number` (from 0), or null when that page does not exist now. */
export function pageRows(
  job: JobRecord,
  { said, readable }: JobView,
  number: number,
): InventedCompany[] | null {
  const start = number * job.pageSize;
  if (start >= readable && number > 0) return null;
  const { body, seed } = job;
  const brief = {
    ...body,
    countries: body.locations && countriesOf(body.locations),
    seed,
    topic: body.query ?? seedFacts(body).derived_query ?? '',
    isRight: (rank: number) => isRight(body, seed, rank),
  };
  const rows = Array.from({ length: Math.min(readable - start, job.pageSize) }, (_, index) =>
    inventCompany(brief, start + index),
  );
  if (said.status === 'completed') rerank(rows, seed);
  return rows;
}

/** Swaps the first two rows and some neighbours after them: a page read before the end was provisional. */
function rerank(rows: InventedCompany[], seed: number): void {
  for (let index = 0; index + 1 < rows.length; index += 2) {
    const [first, second] = [rows[index], rows[index + 1]];
    const swapped = index === 0 || ((seed >>> (index % 31)) & 1) === 1;
    if (swapped && first && second) [rows[index], rows[index + 1]] = [second, first];
  }
}

/** Of the companies behind the last good rank, about so many are right. */
const BEHIND = 0.2;

/**
 * Whether the company of a rank (from 0) is of the kind that is looked for. As in recorded searches, seeds with a query find
 * most, seeds alone fewest; lists get slowly worse, and from some rank on hardly anything in them is right.
 */
function isRight({ query, seed_domains, limit, search_type }: JobBody, seed: number, rank: number): boolean {
  const words = `${query?.toLowerCase() ?? ''} ${[...(seed_domains ?? [])].sort().join(' ')}`;
  const luck = randomOf(hash(words), 0, 7)();
  const least = query === undefined ? 0.35 : seed_domains === undefined ? 0.55 : 0.7;
  const tight = search_type === 'agentic' ? 0.05 : 0;
  const last = Math.max(120 + luck * 130, limit * 0.6);
  const share = rank < last ? least + 0.25 * luck + tight - (0.1 * rank) / last : BEHIND;
  return randomOf(seed, rank, 8)() < share;
}
