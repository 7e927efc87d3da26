import { OpenFunnelError } from '../../lib/errors.ts';
import { QueryError } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { Call, CollectedList } from '../collected-list.ts';
import { storedLists } from './question.ts';

export type Overlaps = Awaited<ReturnType<typeof overlapsOf>>;
export type ListMatches = Awaited<ReturnType<typeof matchesOf>>;

const MAX_NAMED = 8;

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
  const stored = await unlessUnanswered(storedLists(lists, null, signal), signal);
  if (stored === null || stored.left.length > 0) return null;
  const of_jobs = stored.hand.length;
  if (of_jobs === 0) return { companies: 0, rows: 0, jobs: 0, of_jobs };
  const found = await unlessUnanswered(
    lists.rows(
      stored.hand,
      `SELECT COUNT(DISTINCT COALESCE(company_key, job_id || ':' || "row")), COUNT(*), COUNT(DISTINCT job_id)
        FROM companies WHERE EXISTS (SELECT 1 FROM json_each(known_in) k WHERE k.value = ?)`,
      { signal, params: [known] },
    ),
    signal,
  );
  const [companies = 0, rows = 0, jobs = 0] = (found?.[0] ?? []).map(Number);
  return found && { companies, rows, jobs, of_jobs };
}

/** What `work` answers; null where lists can't be read or asked. */
async function unlessUnanswered<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return work.catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof QueryError || error instanceof OpenFunnelError)) throw error;
    return null;
  });
}
