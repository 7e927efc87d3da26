import { type Earlier, expectedOf } from '../../judging/expected.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import type { LedgerJob } from '../../spending/ledger.ts';
import { differences } from '../../spending/search-key.ts';
import { QueryError } from '../../sql/thread.ts';
import { fitOfList } from '../fit.ts';
import { type MarkingParts, readMarks } from '../marking.ts';

/** What advice is made of. */
export interface AdviceParts extends MarkingParts {
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
  const earlier = await earlierSearch(parts, body, call);
  return [
    ...(length > SURE_QUERY
      ? [
          `The query has ${length} characters, and OpenFunnel may refuse one of more than ${SURE_QUERY} (nothing is billed then): a shorter one is surer.`,
        ]
      : []),
    ...(query === undefined && seed_domains !== undefined ? [SEEDS_ALONE] : []),
    ...(earlier === null ? (limit > PILOT_ABOVE ? [NO_PILOT] : []) : [expectation(earlier, limit)]),
  ];
}

/** A judged list of a search that has the words or the seeds of another. */
interface EarlierSearch extends Earlier {
  job_id: string;
  /** In what the searches differ. */
  differing: string[];
}

/** The judged search that is most like this one, the newest of several; null where there is none. */
async function earlierSearch(
  { lists, marks, jobs }: AdviceParts,
  body: SubmitBody,
  call: { signal: AbortSignal },
): Promise<EarlierSearch | null> {
  const alike = (await jobs())
    .flatMap(({ job_id, request }) => {
      const differing = request === null ? null : differences(body, request);
      return differing === null ? [] : [{ job_id, differing }];
    })
    .sort((a, b) => a.differing.length - b.differing.length);
  for (const { job_id, differing } of alike.slice(0, MAX_LOOKED_AT)) {
    try {
      if ((await readMarks(marks, job_id)).size === 0) continue;
      const list = await lists.kept(job_id, call.signal);
      if (list === null) continue;
      const { fit, judged, open } = await fitOfList({ lists, marks }, list, call);
      const { companies } = list.about;
      if (fit !== null) return { job_id, differing, companies, counting: judged.length + open.length, fit };
    } catch (error) {
      call.signal.throwIfAborted();
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
