import { inventCompany, pick, randomOf } from './companies.ts';
import { COUNTRIES, NAME_HEADS } from './vocabulary.ts';

interface Problem {
  loc: Array<string | number>;
  msg: string;
  type: string;
}

const MAX_ITEMS = 100;
/** Domains and names with such a word in them are not found, so that this can be tried as well. */
const UNKNOWN = /unknown|unresolved|\.invalid$/i;

/** Answers a look-up as the contract has it ("lookup-companies"), with made-up facts. */
export function lookupCompanies(input: unknown): { results: unknown[] } | { problems: Problem[] } {
  const companies = (input as { companies?: unknown } | null)?.companies;
  if (!Array.isArray(companies) || companies.length < 1 || companies.length > MAX_ITEMS) {
    return {
      problems: [
        { loc: ['body', 'companies'], msg: `List should have 1 to ${MAX_ITEMS} items`, type: 'value_error' },
      ],
    };
  }
  const results: unknown[] = [];
  for (const [index, item] of companies.entries()) {
    const { name, domain, linkedin_url } = (item ?? {}) as Record<string, unknown>;
    const given = [domain, linkedin_url, name].find((value) => typeof value === 'string' && value !== '');
    if (typeof given !== 'string') {
      return {
        problems: [
          { loc: ['body', 'companies', index], msg: 'name, domain or linkedin_url', type: 'value_error' },
        ],
      };
    }
    const by = given === domain ? 'domain' : given === linkedin_url ? 'linkedin_url' : 'name';
    const matches = UNKNOWN.test(given) ? [] : matchesFor(given, by);
    results.push({
      input: { name: name ?? null, domain: domain ?? null, linkedin_url: linkedin_url ?? null },
      status: matches.length > 0 ? 'resolved' : 'not_found',
      matches,
    });
  }
  return { results };
}

function matchesFor(given: string, by: 'domain' | 'linkedin_url' | 'name'): unknown[] {
  if (by === 'domain') {
    const [host = ''] = given
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .replace(/^www\./, '')
      .split(/[/:?#]/, 1);
    const label = host.split('.')[0] ?? host;
    // A domain returns all records, tiny regional pages among them.
    return [
      match(capital(label), host, label, by, null),
      match(`${capital(label)} UK`, host, `${label}-uk`, by, null),
    ];
  }
  if (by === 'linkedin_url') {
    const slug = /\/(?:company|school)\/([^/?#]+)/.exec(given)?.[1] ?? 'company';
    return [match(capital(slug), `${plain(slug)}.example`, slug, by, null)];
  }
  const slug = plain(given);
  return slug === '' ? [] : candidatesFor(given, slug);
}

/** Endings of names that a fuzzy look-up brings as well. */
const NEAR = [
  'Labs',
  'Studio',
  'Group',
  'Media',
  'Consulting',
  'Global',
  'Systems',
  'Collective',
  'Logistics',
];
/** Websites of companies of one and the same name. */
const ELSEWHERE = ['example', 'com.example', 'nl.example', 'io.example'];

/**
 * Up to ten candidates for a name, as recorded look-ups have them: scores in the hundreds for those that are near
 * and about 15 for those that hardly are, which only order them; of common names several that are called so, with
 * the right one not first or missing altogether; countries as alpha-3 or not at all.
 */
function candidatesFor(name: string, slug: string): unknown[] {
  const random = randomOf(
    slug.length,
    [...slug].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7) | 0,
    5,
  );
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
    add(`${name} ${ending}`, `${slug}${plain(ending)}.example`, `${slug}-${plain(ending)}`);
  }
  score = 15 + random() * 4;
  for (let at = 0; at < 3; at += 1) {
    const other = `${pick(NAME_HEADS, random)}${slug.slice(0, 4)}`;
    add(other, `${plain(other)}.example`, plain(other));
  }
  return found;
}

/** Countries by name, as the matches of look-ups give them. */
const CODES = new Map(COUNTRIES.map(({ code, name }) => [name, code]));
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
  const size = typeof row.employee_count === 'number' ? row.employee_count : null;
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
    industries: Array.isArray(row.industries) ? row.industries.join(', ') : null,
    location_city: placed ? row.hq_city : null,
    location_country: placed ? row.hq_country : null,
    location_country_code: placed ? (CODES.get(String(row.hq_country)) ?? null) : null,
    matched_on: matchedOn,
    score,
  };
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 40);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
