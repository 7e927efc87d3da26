import type { Clock } from '../lib/clock.ts';
import { countryOf } from '../lib/countries.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { oneLine } from '../lib/text.ts';
import { OpenFunnelError } from '../openfunnel/errors.ts';
import type { LookupAnswer, LookupItem, LookupMatch } from '../openfunnel/wire.ts';
import { linkedinSlug, normalDomain } from './identity.ts';
import { nameKey } from './names.ts';

/** The look-up of the API (contract: "lookup-companies"). */
export interface Lookup {
  lookup(
    companies: readonly LookupItem[],
    signal?: AbortSignal,
    options?: { deadline?: Deadline; once?: boolean },
  ): Promise<LookupAnswer>;
}

export type LookupStatus = 'resolved' | 'ambiguous' | 'not_found';

export interface FoundMatch {
  name: string | null;
  domain: string | null;
  country: string | null;
  /** Such as "5000–10000". */
  employees: string | null;
  linkedin_url: string | null;
  /** How well a name fits, 0 to 1; null for exact matches. */
  match_score: number | null;
  matched_on: string | null;
}

export interface Found {
  input: string;
  status: LookupStatus;
  /** The domain to take as seed; null where none is certain. */
  use: string | null;
  matches: FoundMatch[];
}

/** Of several names, one is taken for the one that was meant when it fits this much better than the next. */
const CLEAR_LEAD = 0.1;
/** A name that fits worse is taken for no other's. */
const FAIR_SCORE = 0.6;
/** Time that looking the seeds up may take before a submit goes on without it. Milliseconds. */
const SEED_CHECK_MS = 3_000;
const MAX_TEXT = 200;

/** Looks companies up, each given as a name, a domain or URL, or the URL of a LinkedIn company page. */
export async function lookUp(api: Lookup, inputs: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const { results } = await api.lookup(inputs.map(toItem), signal);
  return inputs.map((input, index) => toFound(input, results[index]?.matches ?? []));
}

function toItem(input: string): LookupItem {
  const text = input.trim();
  if (linkedinSlug(text) !== null)
    return { linkedin_url: /^[a-z]+:\/\//i.test(text) ? text : `https://${text.replace(/^\/\//, '')}` };
  const domain = normalDomain(text);
  return domain === null ? { name: text } : { domain };
}

function toFound(input: string, matches: readonly LookupMatch[]): Found {
  const shown = matches.map(toMatch);
  const found: Found = { input, status: 'resolved', use: null, matches: shown };
  if (shown.length === 0) return { ...found, status: 'not_found' };
  const item = toItem(input);
  if (item.domain !== undefined) return { ...found, use: item.domain };
  if (item.linkedin_url !== undefined)
    return { ...found, use: shown.find(({ domain }) => domain !== null)?.domain ?? null };
  const use = chosen(input, shown);
  return use === null ? { ...found, status: 'ambiguous' } : { ...found, use };
}

/** The domain that a name surely means among candidates, or null. */
function chosen(input: string, matches: readonly FoundMatch[]): string | null {
  const best = new Map<string, { score: number | null; same: boolean }>();
  for (const { domain, name, match_score: score } of matches) {
    if (domain === null) continue;
    const same = nameKey(name) === nameKey(input);
    const known = best.get(domain);
    if (!known) best.set(domain, { score, same });
    else best.set(domain, { score: Math.max(known.score ?? 0, score ?? 0), same: known.same || same });
  }
  const candidates = [...best].sort(([, a], [, b]) => (b.score ?? 0) - (a.score ?? 0));
  const [first, second] = candidates;
  if (!first) return null;
  const same = candidates.filter((candidate) => candidate[1].same);
  if (same.length === 1) return same[0]?.[0] ?? null;
  if (same.length > 1) return null;
  if (first[1].score !== null && first[1].score < FAIR_SCORE) return null;
  if (!second) return first[0];
  return (first[1].score ?? 0) - (second[1].score ?? 0) >= CLEAR_LEAD ? first[0] : null;
}

function toMatch(match: LookupMatch): FoundMatch {
  const { employee_count_min: min, employee_count_max: max } = match;
  const country = match.location_country ?? match.location_country_code;
  const said = (text: string | null) => (text === null ? null : oneLine(text, MAX_TEXT) || null);
  return {
    name: said(match.name),
    domain: normalDomain(match.domain),
    country: country === null ? null : (countryOf(country)?.name ?? said(country)),
    employees:
      min !== null && max !== null && min !== max
        ? `${min}–${max}`
        : min !== null && max === null
          ? `${min}+`
          : max !== null
            ? `${min === null ? 'up to ' : ''}${max}`
            : null,
    linkedin_url: said(match.linkedin_url),
    match_score: match.score,
    matched_on: said(match.matched_on),
  };
}

/**
 * Looks the seeds of a submit up, before anything is asked of the user or sent (contract: "seeds not in the index
 * are skipped as long as one resolves"). Takes a few seconds at most, and a failed look-up stops nothing.
 *
 * @param seeds Domains in normal form.
 * @returns What the caller has to be told.
 * @throws {OpenFunnelError} `seeds_not_found` where none resolves, there is no query and `allowed` is false.
 * @throws the signal's reason when it aborts.
 */
export async function checkSeeds(
  api: Lookup,
  clock: Clock,
  seeds: readonly string[],
  { hasQuery, allowed, signal }: { hasQuery: boolean; allowed: boolean; signal: AbortSignal },
): Promise<string[]> {
  if (seeds.length === 0) return [];
  let results: LookupAnswer['results'];
  try {
    const items = seeds.map((domain) => ({ domain }));
    const answer = await api.lookup(items, signal, {
      deadline: deadlineIn(clock, SEED_CHECK_MS),
      once: true,
    });
    results = answer.results;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OpenFunnelError)) throw error;
    return [`The seeds could not be looked up before the submit (${error.code}); they are sent as given.`];
  }
  const unresolved = seeds.filter((_, index) => {
    const { status = null, matches = [] } = results[index] ?? {};
    return matches.length === 0 && status !== 'resolved';
  });
  if (unresolved.length === 0) return [];
  const named = unresolved.join(', ');
  if (unresolved.length === seeds.length && !hasQuery && !allowed) {
    throw new OpenFunnelError(
      'seeds_not_found',
      `OpenFunnel knows none of the seeds (${named}), so nothing was submitted and nothing is billed. Look the companies up by name with lookup_companies and use the domains that it gives, or add a query; allow_unresolved_seeds: true submits them all the same.`,
    );
  }
  const rest =
    unresolved.length < seeds.length
      ? `the search goes by the other ${seeds.length - unresolved.length}`
      : hasQuery
        ? 'the search goes by the query alone'
        : 'the job may fail or find nothing';
  return [`OpenFunnel does not know ${unresolved.length} of ${seeds.length} seeds (${named}): ${rest}.`];
}
