import * as z from 'zod';
import { normalDomain } from '../companies/identity.ts';
import { capital, inventCompany, pick, plainLetters, randomOf } from './companies.ts';
import { INVENTED_PLACES, NAME_HEADS } from './vocabulary.ts';

const text = z.string().nullish().catch(null);
export const lookupBody = z.object({
  companies: z
    .array(
      z
        .object({ name: text, domain: text, linkedin_url: text })
        .refine((each) => each.domain || each.linkedin_url || each.name, 'name, domain or linkedin_url'),
    )
    .min(1)
    .max(100),
});
/** Domains and names with such a word in them are not found, so that this can be tried as well. */
const UNKNOWN = /unknown|unresolved|\.invalid$/i;

/** Answers a look-up as the contract has it ("lookup-companies"), with made-up facts. */
export function inventedLookup({ companies }: z.output<typeof lookupBody>) {
  const results = companies.map(({ name = null, domain = null, linkedin_url = null }) => {
    const found = domain ? byDomain(domain) : linkedin_url ? byPage(linkedin_url) : byName(name ?? '');
    const matches = UNKNOWN.test(domain || linkedin_url || name || '') ? [] : found;
    const status = matches.length > 0 ? 'resolved' : 'not_found';
    return { input: { name, domain, linkedin_url }, status, matches };
  });
  return { results };
}

/** A domain returns all records, tiny regional pages among them. */
function byDomain(domain: string): unknown[] {
  const host = normalDomain(domain) ?? domain;
  const label = host.split('.')[0] ?? host;
  return [
    match(capital(label), host, label, 'domain', null),
    match(`${capital(label)} UK`, host, `${label}-uk`, 'domain', null),
  ];
}

function byPage(url: string): unknown[] {
  const slug = /\/(?:company|school)\/([^/?#]+)/.exec(url)?.[1] ?? 'company';
  return [match(capital(slug), `${plainLetters(slug)}.example`, slug, 'linkedin_url', null)];
}

/** Endings of names that a fuzzy look-up brings as well. */
const NEAR = 'Labs Studio Group Media Consulting Global Systems Collective Logistics'.split(' ');
/** Websites of companies of one and the same name. */
const ELSEWHERE = ['example', 'com.example', 'nl.example', 'io.example'];

/**
 * Up to ten candidates for a name, as in recorded look-ups: scores in the hundreds for near ones and about 15 for others;
 * of common names several, with the right one not first or missing; countries as alpha-3 or not at all.
 */
function byName(name: string): unknown[] {
  const slug = plainLetters(name);
  if (slug === '') return [];
  const mixed = [...slug].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7) | 0;
  const random = randomOf(slug.length, mixed, 5);
  const common = NAME_HEADS.some((head) => head.toLowerCase() === name.trim().toLowerCase());
  const found: unknown[] = [];
  let score = 240 + random() * 210;
  const add = (called: string, domain: string, page: string) => {
    found.push(match(called, domain, page, 'name', Math.round(score * 1e5) / 1e5, random));
    score *= 1 - random() * 0.03;
  };
  const same = common ? 2 + Math.floor(random() * 2) : 1;
  // What was meant can be missing: then only companies of like names come.
  if (common || random() < 0.85)
    for (let at = 0; at < same; at += 1)
      add(name, `${slug}.${ELSEWHERE[at]}`, at === 0 ? slug : `${slug}-${at}`);
  const near = 2 + Math.floor(random() * 4);
  for (let at = 0; at < near; at += 1) {
    const ending = NEAR[(at + slug.length) % NEAR.length] ?? 'Labs';
    add(`${name} ${ending}`, `${slug}${plainLetters(ending)}.example`, `${slug}-${plainLetters(ending)}`);
  }
  score = 15 + random() * 4;
  for (let at = 0; at < 3; at += 1) {
    const other = `${pick(NAME_HEADS, random)}${slug.slice(0, 4)}`;
    add(other, `${plainLetters(other)}.example`, plainLetters(other));
  }
  return found;
}

/** Stages as look-ups write them; most matches have none. */
const STAGES = ['no_funding_yet', 'no_funding_yet', 'seed', 'series_unknown', 'series_b'];

function match(
  name: string,
  domain: string,
  slug: string,
  matchedOn: string,
  score: number | null,
  random = randomOf(slug.length, slug.charCodeAt(0), 6),
): unknown {
  const row = inventCompany({ seed: slug.length * 7 + slug.charCodeAt(0), topic: name }, 1);
  const { employee_count: size, hq_city, hq_country, industries } = row;
  const placed = random() < 0.85;
  return {
    company_id: `ww_${slug}`,
    name,
    domain,
    linkedin_url: `https://www.linkedin.com/company/${slug}`,
    linkedin_slug: slug,
    employee_count_min: size,
    employee_count_max: random() < 0.9 || size === null ? size : size * 5,
    stage: random() < 0.6 ? null : pick(STAGES, random),
    industries: industries.join(', '),
    location_city: placed ? hq_city : null,
    location_country: placed ? hq_country : null,
    location_country_code: (placed && INVENTED_PLACES.find(({ name }) => name === hq_country)?.code) || null,
    matched_on: matchedOn,
    score,
  };
}
