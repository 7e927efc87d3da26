import { inventCompany } from './companies.ts';
import { NAME_HEADS } from './vocabulary.ts';

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
    const host = given
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .replace(/^www\./, '')
      .replace(/[/:?#].*$/, '');
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
  if (slug === '') return [];
  const found = [
    match(given, `${slug}.example`, slug, by, 0.97),
    match(`${given} Labs`, `${slug}labs.example`, `${slug}labs`, by, 0.71),
  ];
  // A name that many have is like many of them.
  const common = NAME_HEADS.some((head) => head.toLowerCase() === given.trim().toLowerCase());
  return common
    ? [
        match(`${given} Group`, `${slug}group.example`, `${slug}group`, by, 0.95),
        match(`${given} Systems`, `${slug}systems.example`, `${slug}systems`, by, 0.94),
      ]
    : found;
}

function match(name: string, domain: string, slug: string, matchedOn: string, score: number | null): unknown {
  const row = inventCompany({ seed: slug.length * 7 + slug.charCodeAt(0), topic: name }, 1);
  const size = typeof row.employee_count === 'number' ? row.employee_count : null;
  return {
    company_id: `ww_${slug}`,
    name,
    domain,
    linkedin_url: `https://www.linkedin.com/company/${slug}`,
    linkedin_slug: slug,
    employee_count_min: size,
    employee_count_max: size === null ? null : size * 2,
    stage: row.funding_stage,
    industries: Array.isArray(row.industries) ? row.industries.join(', ') : null,
    location_city: row.hq_city,
    location_country: row.hq_country,
    location_country_code: null,
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
