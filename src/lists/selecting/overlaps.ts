import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { QueryError } from '../../sql/thread.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';

/** How many companies of a list another kept list has, each once. */
export interface Overlap {
  job_id: string;
  label: string | null;
  companies: number;
}

/** How many companies of a list the other kept lists have. */
export interface Overlaps {
  /** Those that have any, the most first. */
  with: Overlap[];
  /** Kept lists compared with. */
  compared: number;
  /** Kept lists that were not, to bound time and memory, or because the question had no answer. */
  not_compared: number;
}

/** Companies at hand at the most. */
const MOST_COMPARED = 100_000;

/** How many companies of a list each other kept list has. */
export async function overlapsOf(
  lists: CollectedLists,
  list: CollectedList,
  { signal }: { signal: AbortSignal },
): Promise<Overlaps> {
  const id = list.about.job_id.toLowerCase();
  const others = (await lists.all(signal)).filter(({ about }) => about.job_id.toLowerCase() !== id);
  const compared: CollectedList[] = [];
  let companies = list.about.companies;
  for (const other of others) {
    companies += other.about.companies;
    if (companies <= MOST_COMPARED) compared.push(other);
  }
  const left = others.length - compared.length;
  if (compared.length === 0 || list.about.companies === 0)
    return { with: [], compared: compared.length, not_compared: left };
  try {
    const [answer] = await lists.ask(
      [list, ...compared],
      [
        {
          sql: `SELECT j.value, COUNT(DISTINCT c.company_key) FROM companies c, json_each(c.also_in) j
            WHERE c.job_id = ? AND c.also_in <> '[]' GROUP BY 1 ORDER BY 2 DESC, 1`,
          params: [list.about.job_id],
          maxRows: compared.length,
        },
      ],
      { signal },
    );
    const labels = new Map(compared.map(({ about }) => [about.job_id, about.label]));
    const found = (answer?.rows ?? []).map(([job, count]) => ({
      job_id: String(job),
      label: labels.get(String(job)) ?? null,
      companies: Number(count),
    }));
    return { with: found, compared: compared.length, not_compared: left };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof QueryError || error instanceof OpenFunnelError)) throw error;
    return { with: [], compared: 0, not_compared: others.length };
  }
}
