import type { Marks } from '../../disk/marks.ts';
import { OpenFunnelError, orFailure } from '../../lib/errors.ts';
import { counted } from '../../lib/text.ts';
import { statusWord } from '../../reading/job-words.ts';
import type { Ranks } from '../../sql/columns.ts';
import { QueryError } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import { type Call, type CollectedList, NotFinalError } from '../collected-list.ts';
import { ranksOf } from './ranks.ts';

/** A job that a question was to be about, and why its companies are not in the tables. */
interface MissingJob {
  job_id: string;
  companies: number | null;
  reason: string;
}

/** Companies at hand at the most where no jobs are named. */
const MOST_AT_HAND = 100_000;
/** Lists with the same companies that are named. */
const MAX_NAMED = 8;

/**
 * The kept lists, of which as many are at hand as have 100,000 companies together, and one at the least.
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

/** The lists that a question is about, and the jobs that it should be about and that are not at hand. */
export async function listsFor(
  lists: CollectedLists,
  jobIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<{ hand: CollectedList[]; missing: MissingJob[] }> {
  if (jobIds === undefined) {
    const { hand, left } = await storedLists(lists, null, signal);
    if (hand.length === 0)
      throw new OpenFunnelError(
        'not_found',
        'No finished job is stored on this machine yet, so there are no companies to query. Name a finished job in job_ids and it is read first. list_bulk_jobs lists the jobs.',
      );
    const reason = 'left out to limit memory; name it in job_ids';
    const missing = left.map(({ about: { job_id, companies } }) => ({ job_id, companies, reason }));
    return { hand, missing };
  }
  const hand: CollectedList[] = [];
  const missing: MissingJob[] = [];
  const errors: OpenFunnelError[] = [];
  let retryable = false;
  for (const job_id of new Set(jobIds)) {
    const list = await orFailure(lists.get(job_id, { signal }), signal);
    if ('about' in list && list.about.whole) hand.push(list);
    else missing.push({ job_id, companies: null, reason: whyMissing(list) });
    if (list instanceof OpenFunnelError && !(list instanceof NotFinalError)) errors.push(list);
    retryable ||= list instanceof OpenFunnelError ? list.retryable : list.state.status !== 'failed';
  }
  if (hand.length > 0) return { hand, missing };
  const [why] = errors;
  // What stands in the way of all of them is told as such.
  if (why && errors.length === missing.length && errors.every(({ code }) => code === why.code)) throw why;
  const said = missing.slice(0, 5).map(({ job_id, reason }) => `${job_id}: ${reason}`);
  throw new OpenFunnelError(
    'conflict',
    `There are no companies to query. ${said.join('; ')}${missing.length > 5 ? ' …' : ''}`,
    { retryable, quotesUpstream: said.some((each) => each.includes('"')) },
  );
}

/** Why the companies of a job are not at hand, in words. */
export function whyMissing(list: CollectedList | OpenFunnelError): string {
  if (list instanceof NotFinalError)
    return `the job is not final yet (status ${statusWord(list.state.status)}); wait_and_collect waits for it`;
  if (list instanceof OpenFunnelError) return `${list.code}: ${list.message}`;
  return list.state.status === 'failed' ? 'the job failed' : `not all of it could be read: ${list.about.why}`;
}

/** What a question was asked over that names no jobs, or not all of their rows, in words. */
export async function scopeOf(
  lists: CollectedLists,
  hand: readonly CollectedList[],
  { signal, ranks }: { signal: AbortSignal; ranks: Ranks | null },
): Promise<string> {
  const rows =
    ranks === null
      ? counted(
          hand.reduce((sum, { about }) => sum + about.companies, 0),
          'row',
        )
      : ranksOf(ranks, hand);
  if (hand.length === 1) return `Queried: 1 list, ${rows}.`;
  const shared = "SELECT 1 FROM companies WHERE also_in <> '[]' LIMIT 1";
  const found = await lists.rows(hand, shared, { signal, ranks });
  const several = found.length > 0 ? 'some companies are' : 'no company is';
  return `Queried: ${hand.length} lists, ${rows}; ${several} in several of them.`;
}

/** What the reader has to know of the lists that were asked, and of their marks. Never rejects. */
export async function aboutLists(hand: readonly CollectedList[], marks: Marks): Promise<string[]> {
  const told = hand.flatMap(({ about, state }) => [
    ...(state.status === 'cancelled'
      ? [`Job ${about.job_id} was CANCELLED: it has the companies delivered before that.`]
      : []),
    ...about.doubts.map((doubt) => `Job ${about.job_id}: ${doubt}`),
  ]);
  return [...told, ...(await unreadMarks(hand, marks))];
}

/** What can't be read of the marks on lists, a sentence each. Never rejects. */
export async function unreadMarks(lists: readonly CollectedList[], marks: Marks): Promise<string[]> {
  const told = lists.map(async ({ about: { job_id } }) => {
    const why = await marks.damageOf(job_id);
    return why === null
      ? []
      : `NOT ALL MARKS on job ${job_id} can be read (${why}): there were more verdicts than are known here.`;
  });
  return (await Promise.all(told)).flat();
}

export type Overlaps = Awaited<ReturnType<typeof overlapsOf>>;
export type ListMatches = Awaited<ReturnType<typeof matchesOf>>;

/** How many companies of a list each other kept list has, the most first. */
export async function overlapsOf(lists: CollectedLists, list: CollectedList, { signal }: Call) {
  const { hand, left } = await storedLists(lists, list, signal);
  const others = hand.length - 1;
  const none = { also_in: [], jobs_sharing: 0, jobs_compared: 0, jobs_not_compared: left.length };
  if (others === 0) return none;
  const rows = await unlessUnanswered(
    lists.rows(
      hand,
      `SELECT j.value, COUNT(DISTINCT c.company_key) FROM companies c, json_each(c.also_in) j
        WHERE c.job_id = ? AND c.also_in <> '[]' GROUP BY 1 ORDER BY 2 DESC, 1`,
      { signal, params: [list.about.job_id] },
    ),
    signal,
  );
  if (rows === null) return { ...none, jobs_not_compared: others + left.length };
  const labels = new Map(hand.map(({ about }) => [about.job_id, about.label]));
  const also_in = rows.slice(0, MAX_NAMED).map(([job, count]) => ({
    job_id: String(job),
    label: labels.get(String(job)) ?? null,
    companies: Number(count),
  }));
  return { ...none, also_in, jobs_sharing: rows.length, jobs_compared: others };
}

/** Matches of a known list in the stored jobs; null where they could not be counted in all of them. */
export async function matchesOf(lists: CollectedLists, known: string, signal: AbortSignal) {
  const count = async () => {
    const { hand, left } = await storedLists(lists, null, signal);
    if (left.length > 0) return null;
    const sql = `SELECT COUNT(DISTINCT COALESCE(company_key, job_id || ':' || "row")), COUNT(*), COUNT(DISTINCT job_id)
      FROM companies WHERE EXISTS (SELECT 1 FROM json_each(known_in) k WHERE k.value = ?)`;
    const [counts = []] = hand.length > 0 ? await lists.rows(hand, sql, { signal, params: [known] }) : [];
    const [companies = 0, rows = 0, jobs = 0] = counts.map(Number);
    return { companies, rows, jobs, of_jobs: hand.length };
  };
  return unlessUnanswered(count(), signal);
}

/** What `work` answers; null where lists can't be read or asked. */
async function unlessUnanswered<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return work.catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof QueryError || error instanceof OpenFunnelError)) throw error;
    return null;
  });
}
