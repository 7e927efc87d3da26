import { oneLine } from '../../lib/text.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import { saidOf } from '../../results/answer.ts';
import { balanceSince } from '../../spending/balances.ts';
import type { Submission } from '../../spending/ledger.ts';

// Searches in words, and submits of them whose outcome nobody knows.

/** Longest query that is shown. Characters. */
export const MAX_QUERY = 160;
const MAX_SEEDS = 3;

/** What comes next where a submit may have started a job that nobody knows. */
export const UNSETTLED_STEP =
  'Do not submit again before the user has looked: tell them of the submit whose outcome is not known, and to look at the OpenFunnel dashboard.';

/** A submit whose outcome is not known. @param left Credits left now; null where that can't be read. @param now Milliseconds since the epoch. */
export function unsettledNotice(submission: Submission, left: number | null, now: number): string {
  const { at, request, outcome, other_key } = submission;
  const key = other_key ? ', another API key' : '';
  const happened =
    outcome === 'lost'
      ? 'was lost'
      : 'was never noted (the server that sent it ended before, or is still waiting for it)';
  return saidOf([
    `The answer to a submit of ${new Date(at).toISOString()} (${quotedSearch(submission)}, limit ${request.limit}${key}) ${happened}: a job MAY exist that is in no list.`,
    balanceSince(submission, left, now),
    'The user can look in the OpenFunnel dashboard; a job_id found there can be read with wait_and_collect.',
  ]).join(' ');
}

/** A search, short, with its label. */
export function quotedSearch({ label, request }: Pick<Submission, 'label' | 'request'>): string {
  const { query = '', seed_domains: seeds = [] } = request;
  const filters = filtersOf(request);
  const more = seeds.length > MAX_SEEDS ? ` and ${seeds.length - MAX_SEEDS} more` : '';
  const named = seeds.slice(0, MAX_SEEDS).join(', ') + more;
  return saidOf([label, named, oneLine(query, 80), filters && `(${filters})`]).join(': ');
}

/** What narrows a search, short; null where nothing does. */
export function filtersOf(request: SubmitBody): string | null {
  const { min_employees: min, max_employees: max, locations, funding_stages, search_type } = request;
  const filters = saidOf([
    oneLine(locations?.join(', ') ?? '', 60),
    (min ?? max) !== undefined && `${min ?? 0} to ${max ?? 'any number of'} employees`,
    funding_stages?.join(', '),
    search_type,
  ]);
  return oneLine(filters.join('; '), 240) || null;
}
