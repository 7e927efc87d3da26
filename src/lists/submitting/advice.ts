import { type Earlier, expectedOf } from '../../judging/expected.ts';
import type { Clock } from '../../lib/clock.ts';
import { deadlineIn, unlessAborted, within } from '../../lib/deadline.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import type { LedgerJob } from '../../spending/ledger.ts';
import { differences } from '../../spending/search-key.ts';
import { fitOfList } from '../fit.ts';
import type { MarkingParts } from '../marking.ts';

/** What advice is made of. */
export interface AdviceParts extends MarkingParts {
  /** Jobs of this machine, newest first. Must not reject. */
  jobs: () => Promise<readonly LedgerJob[]>;
  clock: Clock;
}

/** OpenFunnel may refuse a longer query, as the synchronous twin of the endpoint does (contract, "submit"). Characters. */
export const SURE_QUERY = 200;
/** A dearer search is worth a pilot before it. Credits. */
const PILOT_ABOVE = 150;
/** Earlier searches that are looked at. */
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
  const earlier = await lookAtEarlier(parts, alike, call);
  return [
    ...(length > SURE_QUERY
      ? [
          `The query has ${length} characters, and OpenFunnel may refuse one of more than ${SURE_QUERY} (nothing is billed then): a shorter one is surer.`,
        ]
      : []),
    ...(query === undefined && seed_domains !== undefined ? [SEEDS_ALONE] : []),
    ...(bought === undefined ? [] : [boughtBefore(bought)]),
    ...(earlier.found === null ? [] : [expectation(earlier.found, limit)]),
    ...(earlier.found === null && earlier.unread ? [UNREAD] : []),
    ...(earlier.found === null && !earlier.unread && limit > PILOT_ABOVE ? [NO_PILOT] : []),
  ];
}

/** A judged list of a search that has the words or the seeds of another. */
interface EarlierSearch extends Earlier {
  job_id: string;
  /** In what the searches differ. */
  differing: string[];
  /** Records of its marks that can't be read. */
  damaged: number;
}

interface Looked {
  /** null where there is none. */
  found: EarlierSearch | null;
  /** Whether there is something of such a search that could not be read. */
  unread: boolean;
}

/** As `earlierSearch`, within a time, and whatever is wrong with what is stored. @throws the signal's reason. */
async function lookAtEarlier(
  parts: AdviceParts,
  alike: readonly SearchLike[],
  { signal }: { signal: AbortSignal },
): Promise<Looked> {
  const late = new Error('the look at earlier searches took too long');
  try {
    const deadline = deadlineIn(parts.clock, LOOK_MS);
    return await within(
      parts.clock,
      deadline,
      signal,
      () => late,
      (ending) => unlessAborted(ending, earlierSearch(parts, alike, ending)),
    );
  } catch {
    signal.throwIfAborted();
    return { found: null, unread: true };
  }
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

/** The judged search that is most like this one, the newest of several. */
async function earlierSearch(
  { lists, marks }: AdviceParts,
  alike: readonly SearchLike[],
  signal: AbortSignal,
): Promise<Looked> {
  let unread = false;
  for (const { job_id, differing } of alike.slice(0, MAX_LOOKED_AT)) {
    try {
      if ((await marks.of(job_id)).size === 0) continue;
      const { count: damaged } = await marks.damageOf(job_id);
      const list = await lists.kept(job_id, signal);
      if (list === null) {
        unread = true;
        continue;
      }
      const { fit, judged, open } = await fitOfList({ lists, marks }, list, { signal });
      if (fit === null) continue;
      const { companies } = list.about;
      const counting = judged.length + open.length;
      return { found: { job_id, differing, companies, counting, fit, damaged }, unread };
    } catch {
      // Whatever is wrong there, it is no reason against the search that is to be submitted.
      signal.throwIfAborted();
      unread = true;
    }
  }
  return { found: null, unread };
}

function expectation(earlier: EarlierSearch, limit: number): string {
  const { job_id, differing, companies, fit, damaged } = earlier;
  const lost =
    damaged === 0 ? '' : ` Not all of its marks can be read (${damaged} of their records are damaged).`;
  const basis = fit?.basis ?? '';
  const which = differing.length === 0 ? 'the same search' : `like this one but for ${differing.join(', ')}`;
  const expected = expectedOf(earlier, limit);
  if (expected === null)
    return `Job ${job_id}, ${which}, is judged in part, which tells nothing of this one: ${basis} get_review_batch with order "spread" gives a sample that does.${lost}`;
  const { fitting, low, high, credits_per_fit } = expected;
  const cost =
    credits_per_fit === null
      ? ''
      : `, ${(Math.round(credits_per_fit * 10) / 10).toFixed(1)} credits a fitting company`;
  const deeper = limit > companies ? ' Lists get worse with rank: expect rather less.' : '';
  return `If this search is as right as job ${job_id} (${which}; ${basis.replace(/\.$/, '')}): of ${limit}, about ${Math.round(fitting)} (${Math.round(low)}–${Math.round(high)}) fit${cost}.${deeper}${lost}`;
}
