import { expectedOf } from '../judging/expected.ts';
import type { Clock } from '../lib/clock.ts';
import { deadlineIn, unlessAborted, within } from '../lib/deadline.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import type { Ledger } from '../spending/ledger.ts';
import { differences } from '../spending/search-key.ts';
import type { Call } from './collected-list.ts';
import { fitOfList, type ListFit } from './list-fit.ts';
import type { MarkingParts } from './marking.ts';

export interface AdviceParts extends MarkingParts {
  ledger: Pick<Ledger, 'view'>;
  clock: Clock;
}

/** OpenFunnel may refuse a longer query, as the synchronous twin of the endpoint does (contract, "submit"). Characters. */
const SURE_QUERY = 200;
/** A dearer search is worth a pilot before it. Credits. */
const PILOT_ABOVE = 150;
const MAX_LOOKED_AT = 20;
/** A search waits for the look at earlier ones no longer than this. Milliseconds. */
const LOOK_MS = 4_000;

const SEEDS_ALONE = `This search has seeds alone: in recorded searches the same seeds with a query of at most ${SURE_QUERY} characters, which says what they do and for whom, raised the share of the first ten that fits from 53 % to 83 %.`;
const NO_PILOT =
  'No earlier search of these words or seeds is judged here. A pilot (limit 30) shows for 30 credits how many of such companies are right, before more is spent. get_review_batch and mark_companies judge it.';
const UNREAD =
  'An earlier search of these words or seeds may be judged here, but its companies are not stored, or could not be read just now: nothing is said of how many would fit.';

/**
 * What the user has to know before this search is paid for: how it might find more, and what earlier verdicts let
 * expect of it. Nothing is asked of upstream. What can't be read here, or not in time, is told and holds nothing up.
 * @throws the signal's reason.
 */
export async function adviceOn(parts: AdviceParts, body: SubmitBody, { signal }: Call): Promise<string[]> {
  const { query, limit } = body;
  const length = [...(query ?? '')].length;
  const alike = await searchesLike(parts.ledger, body);
  const bought = alike.find(({ differing, status }) => differing.length === 0 && status !== 'failed');
  const look = (ending: AbortSignal) => unlessAborted(ending, expectation(parts, alike, limit, ending));
  const late = () => new Error('the look at earlier searches took too long');
  const deadline = deadlineIn(parts.clock, LOOK_MS);
  const looked = await within(parts.clock, deadline, signal, late, look).catch(() => UNREAD);
  signal.throwIfAborted();
  const said = [
    length > SURE_QUERY &&
      `The query has ${length} characters, and OpenFunnel may refuse one of more than ${SURE_QUERY} (nothing is billed then): a shorter one is surer.`,
    query === undefined && SEEDS_ALONE,
    bought &&
      `Job ${bought.job_id} is the same search, with limit ${bought.limit}. Companies that it delivered are likely to be delivered and billed again. exclude: ["job:${bought.job_id}"] leaves them out of a file, not of the bill.`,
    looked ?? (limit > PILOT_ABOVE && NO_PILOT),
  ];
  return said.flatMap((each) => each || []);
}

type SearchLike = Awaited<ReturnType<typeof searchesLike>>[number];

/** The searches that have the words or the seeds of this one, the most like it first, the newest first of several. */
async function searchesLike(ledger: AdviceParts['ledger'], body: SubmitBody) {
  const found = (await ledger.view()).jobs.flatMap(({ job_id, status, request }) => {
    const differing = request && differences(body, request);
    return request && differing ? [{ job_id, status, limit: request.limit, differing }] : [];
  });
  return found.sort((a, b) => a.differing.length - b.differing.length);
}

/** What the judged search that is most like this one lets expect of it; null where there is none. */
async function expectation(
  { lists, marks }: AdviceParts,
  alike: readonly SearchLike[],
  limit: number,
  signal: AbortSignal,
): Promise<string | null> {
  let unread = false;
  for (const search of alike.slice(0, MAX_LOOKED_AT)) {
    try {
      const { job_id } = search;
      if ((await marks.of(job_id)).size === 0) continue;
      const damage = await marks.damageOf(job_id);
      const list = await lists.kept(job_id, signal);
      const listFit = list && (await fitOfList({ marks }, list, { signal }));
      const lost = damage === null ? '' : ` Not all of its marks can be read (${damage}).`;
      if (list && listFit?.fit) return expectedAs(search, list.about.companies, listFit, limit) + lost;
      unread ||= list === null;
    } catch {
      // Whatever is wrong there, it is no reason against the search that is to be submitted.
      signal.throwIfAborted();
      unread = true;
    }
  }
  return unread ? UNREAD : null;
}

function expectedAs(
  { job_id, differing }: SearchLike,
  companies: number,
  { fit, judged, open }: ListFit,
  limit: number,
): string {
  const basis = fit?.basis ?? '';
  const which = differing.length === 0 ? 'the same search' : `like this one but for ${differing.join(', ')}`;
  const expected = expectedOf({ companies, counting: judged.length + open.length, fit }, limit);
  if (expected === null)
    return `Job ${job_id}, ${which}, is judged in part, which tells nothing of this one: ${basis} get_review_batch with order "spread" gives a sample that does.`;
  const { fitting, low, high, credits_per_fit } = expected;
  const cost = credits_per_fit === null ? '' : `, ${credits_per_fit.toFixed(1)} credits a fitting company`;
  const deeper = limit > companies ? ' Lists get worse with rank: expect rather less.' : '';
  return `If this search is as right as job ${job_id} (${which}; ${basis.replace(/\.$/, '')}): of ${limit}, about ${Math.round(fitting)} (${Math.round(low)}–${Math.round(high)}) fit${cost}.${deeper}`;
}
