import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { quotesUpstream, statusWord } from '../../reading/words.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { CollectedLists } from '../collected.ts';
import { type CollectedList, NotEndedError } from '../collected-list.ts';
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

/** The lists that a question is about, and those that it should be about and that are not at hand. */
export async function listsFor(
  lists: CollectedLists,
  jobIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<{ hand: CollectedList[]; jobs: JobReport[] }> {
  const hand: CollectedList[] = [];
  const jobs: JobReport[] = [];
  const errors: OpenFunnelError[] = [];
  const leave = (job_id: string, companies: number | null, reason: string) =>
    jobs.push({ job_id, at_hand: false, companies, reason });
  const take = (list: CollectedList) => {
    hand.push(list);
    jobs.push({ job_id: list.about.job_id, at_hand: true, companies: list.about.companies, reason: null });
  };
  if (jobIds === undefined) {
    let companies = 0;
    for (const list of await lists.all(signal)) {
      companies += list.about.companies;
      if (companies <= MOST_AT_HAND || hand.length === 0) take(list);
      else leave(list.about.job_id, list.about.companies, 'left out to limit memory; name it in job_ids');
    }
    if (jobs.length === 0)
      throw new OpenFunnelError(
        'not_found',
        'No finished job is stored on this machine yet, so there are no companies to query. Name a finished job in job_ids and it is read first. list_bulk_jobs lists the jobs.',
      );
    return { hand, jobs };
  }
  for (const jobId of new Set(jobIds)) {
    try {
      const list = await lists.get(jobId, { signal });
      if (list.about.whole) take(list);
      else if (list.state.status === 'failed') leave(jobId, null, 'the job failed');
      else leave(jobId, null, `not all of it could be read: ${list.about.why}`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError)) throw error;
      if (!(error instanceof NotEndedError)) errors.push(error);
      leave(
        jobId,
        null,
        error instanceof NotEndedError
          ? `the job is not final yet (status ${statusWord(error.state.status)}); wait_and_collect waits for it`
          : `${error.code}: ${error.message}`,
      );
    }
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
  const sql = "SELECT EXISTS (SELECT 1 FROM companies WHERE also_in <> '[]')";
  const [answer] = await lists.ask(hand, [{ sql, maxRows: 1 }], { signal, ranks });
  const several = answer?.rows[0]?.[0] === 1 ? 'some companies are' : 'no company is';
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
