import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { QueryError } from '../../sql/thread.ts';
import type { CollectedLists } from '../collected.ts';
import { listsFor } from './question.ts';

/** Which companies of the stored jobs are surely on one of the user's own lists. */
export interface ListMatches {
  /** Companies, each once. */
  companies: number;
  rows: number;
  /** Stored jobs that have any of them. */
  jobs: number;
  /** Stored jobs, all of which were looked through. */
  of_jobs: number;
}

/** Matches of a known list in the stored jobs; null where they could not be counted in all of them. */
export async function matchesOf(
  lists: CollectedLists,
  known: string,
  signal: AbortSignal,
): Promise<ListMatches | null> {
  try {
    if ((await lists.all(signal)).length === 0) return { companies: 0, rows: 0, jobs: 0, of_jobs: 0 };
    const { hand, jobs } = await listsFor(lists, undefined, signal);
    if (hand.length < jobs.length) return null;
    const [answer] = await lists.ask(
      hand,
      [
        {
          sql: `SELECT COUNT(DISTINCT COALESCE(company_key, job_id || ':' || "row")), COUNT(*), COUNT(DISTINCT job_id)
            FROM companies WHERE EXISTS (SELECT 1 FROM json_each(known_in) k WHERE k.value = ?)`,
          params: [known],
          maxRows: 1,
        },
      ],
      { signal },
    );
    const [companies = 0, rows = 0, found = 0] = (answer?.rows[0] ?? []).map(Number);
    return { companies, rows, jobs: found, of_jobs: hand.length };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OpenFunnelError || error instanceof QueryError)) throw error;
    return null;
  }
}
