import type { Marks } from '../../disk/marks.ts';
import { type Earlier, expectedOf } from '../../judging/expected.ts';
import { fitOf } from '../../judging/fit.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import type { LedgerJob } from '../../spending/ledger.ts';
import { differences } from '../../spending/search-key.ts';
import { QueryError } from '../../sql/thread.ts';
import type { CollectedLists } from '../collected.ts';
import { NET_NEW } from '../enough.ts';

/** What advice is made of. */
export interface AdviceParts {
  lists: CollectedLists;
  marks: Marks;
  /** Jobs of this machine, newest first. Must not reject. */
  jobs: () => Promise<readonly LedgerJob[]>;
}

/** OpenFunnel may refuse a longer query, as the synchronous twin of the endpoint does (contract, "submit"). Characters. */
export const SURE_QUERY = 200;
/** A dearer search is worth a pilot before it. Credits. */
const PILOT_ABOVE = 150;
/** Earlier searches that are looked at. */
const MAX_LOOKED_AT = 20;

const SEEDS_ALONE = `This search has seeds alone: in recorded searches the same seeds with a query of at most ${SURE_QUERY} characters, which says what they do and for whom, raised the share of the first ten that fits from 53 % to 83 %.`;
const NO_PILOT =
  'No earlier search of these words or seeds is judged here. A pilot (limit 30) shows for 30 credits how many of such companies are right, before more is spent. get_review_batch and mark_companies judge it.';

/**
 * What the user has to know before this search is paid for: how it might find more, and what earlier verdicts let
 * expect of it. Nothing is asked of upstream, and what can't be read here is left out.
 */
export async function adviceOn(
  parts: AdviceParts,
  body: SubmitBody,
  call: { signal: AbortSignal },
): Promise<string[]> {
  const { query, seed_domains, limit } = body;
  const length = [...(query ?? '')].length;
  const alike = await searchesLike(parts, body);
  const bought = alike.find(({ differing, status }) => differing.length === 0 && status !== 'failed');
  const earlier = await earlierSearch(parts, alike, call);
  return [
    ...(length > SURE_QUERY
      ? [
          `The query has ${length} characters, and OpenFunnel may refuse one of more than ${SURE_QUERY} (nothing is billed then): a shorter one is surer.`,
        ]
      : []),
    ...(query === undefined && seed_domains !== undefined ? [SEEDS_ALONE] : []),
    ...(bought === undefined ? [] : [boughtBefore(bought)]),
    ...(earlier === null ? (limit > PILOT_ABOVE ? [NO_PILOT] : []) : [expectation(earlier, limit)]),
  ];
}

/** A judged list of a search that has the words or the seeds of another. */
interface EarlierSearch extends Earlier {
  job_id: string;
  /** In what the searches differ. */
  differing: string[];
}

/** A job whose search has the words or the seeds of another, its limit, and in what else the searches differ. */
interface SearchLike {
  job_id: string;
  status: string;
  limit: number;
  differing: string[];
}

/** The searches like this one, the most like it first, the newest first of several. */
async function searchesLike({ jobs }: AdviceParts, body: SubmitBody): Promise<SearchLike[]> {
  return (await jobs())
    .flatMap(({ job_id, status, request }) => {
      const differing = request === null ? null : differences(body, request);
      return request === null || differing === null
        ? []
        : [{ job_id, status, limit: request.limit, differing }];
    })
    .sort((a, b) => a.differing.length - b.differing.length);
}

function boughtBefore({ job_id, limit }: SearchLike): string {
  return `Job ${job_id} is the same search, with limit ${limit}. Companies that it delivered are likely to be delivered and billed again. exclude: ["job:${job_id}"] leaves them out of a file, not of the bill.`;
}

/** The judged search that is most like this one, the newest of several; null where there is none. */
async function earlierSearch(
  { lists, marks }: AdviceParts,
  alike: readonly SearchLike[],
  { signal }: { signal: AbortSignal },
): Promise<EarlierSearch | null> {
  for (const { job_id, differing } of alike.slice(0, MAX_LOOKED_AT)) {
    const verdicts = await marks.of(job_id).catch(() => new Map<number, never>());
    if (verdicts.size === 0) continue;
    try {
      const list = await lists.kept(job_id, signal);
      if (list === null) continue;
      const aside = await lists.rows(list, `SELECT "row" FROM companies WHERE NOT ${NET_NEW}`, [], {
        signal,
      });
      const { companies } = list.about;
      const fit = fitOf({
        companies,
        verdicts: new Map([...verdicts].map(([row, { verdict }]) => [row, verdict])),
        excluded: new Set(aside.map(([row]) => Number(row))),
        credits: null,
      });
      if (fit !== null) return { job_id, differing, companies, counting: companies - aside.length, fit };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OpenFunnelError || error instanceof QueryError)) throw error;
    }
  }
  return null;
}

function expectation(earlier: EarlierSearch, limit: number): string {
  const { job_id, differing, companies, fit } = earlier;
  const basis = fit?.basis ?? '';
  const which = differing.length === 0 ? 'the same search' : `like this one but for ${differing.join(', ')}`;
  const expected = expectedOf(earlier, limit);
  if (expected === null)
    return `Job ${job_id}, ${which}, is judged in part, which tells nothing of this one: ${basis} get_review_batch with order "spread" gives a sample that does.`;
  const { fitting, low, high, credits_per_fit } = expected;
  const cost =
    credits_per_fit === null
      ? ''
      : `, ${(Math.round(credits_per_fit * 10) / 10).toFixed(1)} credits a fitting company`;
  const deeper = limit > companies ? ' Lists get worse with rank: expect rather less.' : '';
  return `If this search is as right as job ${job_id} (${which}; ${basis.replace(/\.$/, '')}): of ${limit}, about ${Math.round(fitting)} (${Math.round(low)}–${Math.round(high)}) fit${cost}.${deeper}`;
}
