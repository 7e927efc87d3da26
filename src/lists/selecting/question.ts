import { OpenFunnelError, orFailure } from '../../openfunnel/errors.ts';
import { quotesUpstream, statusWord } from '../../reading/words.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { CollectedLists } from '../collected.ts';
import { type CollectedList, NotFinalError } from '../collected-list.ts';
import { ranksOf } from './ranks.ts';

/** A job that a question was to be about. */
export interface JobReport {
  job_id: string;
  /** Whether its companies are in the tables. */
  at_hand: boolean;
  companies: number | null;
  /** Why not, where they are not. */
  reason: string | null;
}

/** Companies at hand at the most where no jobs are named. */
const MOST_AT_HAND = 100_000;

/**
 * The kept lists, of which as many are at hand as have 100,000 companies together, and one at the least.
 *
 * @param first The list that the others are held against; it is the first at hand, kept or not.
 */
export async function storedLists(
  lists: CollectedLists,
  first: CollectedList | null,
  signal: AbortSignal,
): Promise<{ hand: CollectedList[]; left: CollectedList[] }> {
  const id = first?.about.job_id.toLowerCase();
  const hand = first ? [first] : [];
  const left: CollectedList[] = [];
  let companies = first?.about.companies ?? 0;
  for (const list of await lists.all(signal)) {
    if (list.about.job_id.toLowerCase() === id) continue;
    companies += list.about.companies;
    (companies <= MOST_AT_HAND || hand.length === 0 ? hand : left).push(list);
  }
  return { hand, left };
}

/** The lists that a question is about, and those that it should be about and that are not at hand. */
export async function listsFor(
  lists: CollectedLists,
  jobIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<{ hand: CollectedList[]; jobs: JobReport[] }> {
  const report = ({ about: { job_id, companies } }: CollectedList, reason: string | null = null) => ({
    job_id,
    at_hand: reason === null,
    companies,
    reason,
  });
  if (jobIds === undefined) {
    const { hand, left } = await storedLists(lists, null, signal);
    if (hand.length === 0)
      throw new OpenFunnelError(
        'not_found',
        'No finished job is stored on this machine yet, so there are no companies to query. Name a finished job in job_ids and it is read first. list_bulk_jobs lists the jobs.',
      );
    const why = 'left out to limit memory; name it in job_ids';
    return { hand, jobs: [...hand.map((list) => report(list)), ...left.map((list) => report(list, why))] };
  }
  const hand: CollectedList[] = [];
  const jobs: JobReport[] = [];
  const errors: OpenFunnelError[] = [];
  const leave = (job_id: string, reason: string) =>
    jobs.push({ job_id, at_hand: false, companies: null, reason });
  for (const jobId of new Set(jobIds)) {
    const list = await orFailure(lists.get(jobId, { signal }), signal);
    if (list instanceof NotFinalError) {
      const status = statusWord(list.state.status);
      leave(jobId, `the job is not final yet (status ${status}); wait_and_collect waits for it`);
    } else if (list instanceof OpenFunnelError) {
      errors.push(list);
      leave(jobId, `${list.code}: ${list.message}`);
    } else if (list.about.whole) {
      hand.push(list);
      jobs.push(report(list));
    } else if (list.state.status === 'failed') leave(jobId, 'the job failed');
    else leave(jobId, `not all of it could be read: ${list.about.why}`);
  }
  if (hand.length > 0) return { hand, jobs };
  const [why] = errors;
  // What stands in the way of all of them is told as such.
  if (why && errors.length === jobs.length && errors.every(({ code }) => code === why.code)) throw why;
  const said = jobs.slice(0, 5).map(({ job_id, reason }) => `${job_id}: ${reason}`);
  throw new OpenFunnelError(
    'conflict',
    `There are no companies to query. ${said.join('; ')}${jobs.length > 5 ? ' …' : ''}`,
    { retryable: true, quotesUpstream: quotesUpstream(said) },
  );
}

/** What a question was asked over that names no jobs, or not all of their rows, in words. */
export async function scopeOf(
  lists: CollectedLists,
  hand: readonly CollectedList[],
  { signal, ranks }: { signal: AbortSignal; ranks: Ranks | null },
): Promise<string> {
  const rows =
    ranks === null
      ? `${hand.reduce((sum, { about }) => sum + about.companies, 0)} rows`
      : ranksOf(ranks, hand);
  if (hand.length === 1) return `Queried: 1 list, ${rows}.`;
  const shared = "SELECT 1 FROM companies WHERE also_in <> '[]' LIMIT 1";
  const several =
    (await lists.rows(hand, shared, { signal, ranks })).length > 0 ? 'some companies are' : 'no company is';
  return `Queried: ${hand.length} lists, ${rows}; ${several} in several of them.`;
}

/** What the reader has to know of the lists that were asked. */
export function aboutLists(hand: readonly CollectedList[]): string[] {
  return hand.flatMap(({ about, state }) => [
    ...(state.status === 'cancelled'
      ? [`Job ${about.job_id} was CANCELLED: it has the companies delivered before that.`]
      : []),
    ...about.doubts.map((doubt) => `Job ${about.job_id}: ${doubt}`),
  ]);
}
