import { countryOf } from '../companies/countries.ts';
import { isFreemail } from '../companies/freemail.ts';
import { linkedinSlug, normalDomain } from '../companies/identity.ts';
import { keysOf, linksIn } from '../companies/keys.ts';
import { meantBy } from '../companies/meant.ts';
import { sharedHost } from '../companies/profile-hosts.ts';
import type { Clock } from '../lib/clock.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { OpenFunnelError, orFailure } from '../lib/errors.ts';
import { counted } from '../lib/text.ts';
import type { OpenFunnelClient } from '../openfunnel/client.ts';
import type { LookupItem, LookupMatch, SubmitBody } from '../openfunnel/wire.ts';

/** The look-up of the API (contract: "lookup-companies"). */
export type Lookup = Pick<OpenFunnelClient, 'lookup'>;

/** What was found of a company that was looked up: the domain to take as a seed, or why none is certain. */
export type Found = ReturnType<typeof toFound>;

/** What finds companies like one that OpenFunnel does not know (recorded: 50–100 % right, by a stranger of a like name 0 %). */
export const INSTEAD =
  'Replace such a company with a short query that says what it does and for whom. Another company with a similar name would find the wrong companies.';
/** Time that looking the seeds up may take before a submit goes on without it. Milliseconds. */
const SEED_CHECK_MS = 3_000;

/** What a text is taken for, and what it is looked up by. */
interface Asked {
  as: 'name' | 'domain' | 'linkedin_url' | 'page';
  text: string;
}

/** Looks companies up, each given as a name, a domain, URL or e-mail address, or the URL of a LinkedIn company page. */
export async function lookUp(api: Lookup, inputs: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const asked = inputs.map(toAsked);
  const sent = asked.filter(({ as }) => as !== 'page');
  const items = sent.map(({ as, text }): LookupItem => ({ [as]: text }));
  const { results } = items.length === 0 ? { results: [] } : await api.lookup(items, signal);
  return asked.map((each, at) => toFound(inputs[at] ?? '', each, results[sent.indexOf(each)]?.matches ?? []));
}

/** What a text is asked as; a page on a site of others is of nobody whom the site's domain would find. */
function toAsked(input: string): Asked {
  const text = input.trim();
  if (linkedinSlug(text) !== null)
    return {
      as: 'linkedin_url',
      text: /^[a-z]+:\/\//i.test(text) ? text : `https://${text.replace(/^\/\//, '')}`,
    };
  const [link, ...more] = linksIn(text);
  if (link?.mail && more.length === 0 && !isFreemail(link.host)) return { as: 'domain', text: link.host };
  const domain = normalDomain(text);
  if (domain === null) {
    // "Acme (acme.com)", "Acme <info@acme.com>": a name with its website behind it.
    const inside = /[(<]\s{0,9}([^()<>\s]{4,253})\s{0,9}[)>]$/.exec(text)?.[1];
    const asked = inside === undefined ? null : toAsked(inside);
    return asked === null || asked.as === 'name' ? { as: 'name', text } : asked;
  }
  const isPage = link !== undefined && sharedHost(link.host, link.path)?.part === 'page';
  return { as: isPage ? 'page' : 'domain', text: domain };
}

function toFound(input: string, { as, text }: Asked, matches: readonly LookupMatch[]) {
  const found = (status: 'resolved' | 'ambiguous' | 'not_found', use: string | null, why: string | null) => ({
    input,
    asked_as: as,
    status,
    use,
    why,
    matches: matches.map(toMatch),
  });
  if (as === 'page') return found('not_found', null, pageOn(text));
  const by = as === 'linkedin_url' ? 'LinkedIn page' : as;
  if (matches.length === 0) return found('not_found', null, `OpenFunnel knows no company by this ${by}`);
  if (as === 'domain') return found('resolved', text, null);
  if (as === 'linkedin_url') {
    const use = matches.map(ownSite).find((site) => site !== null) ?? null;
    return found('resolved', use, use === null ? 'OpenFunnel knows no website of its own' : null);
  }
  const { domain, why } = meantBy(input, matches);
  return found(domain === null ? 'ambiguous' : 'resolved', domain, why);
}

const pageOn = (site: string) =>
  `this is a page on ${site}, which does not tell whose it is: give the company's own website, its name, or its LinkedIn company page`;

/** The website that is the company's own, and no page on a site of others; null for none. */
function ownSite({ domain, name }: Pick<LookupMatch, 'domain' | 'name'>): string | null {
  const host = normalDomain(domain);
  return host !== null && keysOf({ domain, name }).includes(host) ? host : null;
}

/** A match as it came, but for its domain, its country's name, and employees such as "5000–10000". */
function toMatch(match: LookupMatch) {
  const country = match.location_country ?? match.location_country_code;
  return {
    name: match.name,
    domain: normalDomain(match.domain),
    city: match.location_city,
    country: country && (countryOf(country)?.name ?? country),
    employees: sizeOf(match.employee_count_min, match.employee_count_max),
    linkedin_url: match.linkedin_url,
    matched_on: match.matched_on,
  };
}

function sizeOf(min: number | null, max: number | null): string | null {
  if (max === null) return min === null ? null : `${min}+`;
  if (min === null) return `up to ${max}`;
  return min === max ? `${max}` : `${min}–${max}`;
}

/**
 * What the caller has to be told of the seeds of a submit, before anything is asked of the user or sent (contract: "seeds
 * not in the index are skipped as long as one resolves"). Takes a few seconds at most, and a failed look-up stops nothing.
 * @param allowed Whether seeds that are all unknown may be sent.
 * @throws {OpenFunnelError} `seeds_not_found` where none resolves, there is no query and they are not `allowed`.
 * @throws the signal's reason when it aborts.
 */
export async function checkSeeds(
  { api, clock }: { api: Lookup; clock: Clock },
  { query, seed_domains: seeds = [] }: SubmitBody,
  allowed: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  if (seeds.length === 0) return [];
  const items = seeds.map((domain) => ({ domain }));
  const answer = await orFailure(api.lookup(items, signal, deadlineIn(clock, SEED_CHECK_MS)), signal);
  if (answer instanceof OpenFunnelError)
    return [`The seeds could not be looked up before the submit (${answer.code}); they are sent as given.`];
  const unresolved = seeds.filter((_, index) => {
    const { status = null, matches = [] } = answer.results[index] ?? {};
    return matches.length === 0 && status !== 'resolved';
  });
  if (unresolved.length === 0) return [];
  const named = unresolved.join(', ');
  const others = seeds.length - unresolved.length;
  if (others === 0 && query === undefined && !allowed)
    throw new OpenFunnelError(
      'seeds_not_found',
      `OpenFunnel knows none of the seeds (${named}), so the search would find nothing. Nothing was submitted and nothing is billed. ${INSTEAD} allow_unresolved_seeds: true submits them anyway.`,
    );
  const alone = query === undefined ? 'alone they find nothing' : 'the search uses the query alone';
  const rest = others > 0 ? `they are skipped, and the search uses the other ${others}` : alone;
  return [
    `OpenFunnel does not know ${unresolved.length} of ${counted(seeds.length, 'seed')} (${named}): ${rest}. ${INSTEAD}`,
  ];
}
