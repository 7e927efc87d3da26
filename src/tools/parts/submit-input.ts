import * as z from 'zod';
import { countryOf, nearCountries } from '../../companies/countries.ts';
import { normalDomain } from '../../companies/identity.ts';
import { linksIn } from '../../companies/keys.ts';
import { profileHost } from '../../companies/profile-hosts.ts';
import { countriesIn } from '../../companies/regions.ts';
import { DEFAULT_CONFIRM_ABOVE } from '../../config/values.ts';
import { oneLine } from '../../lib/text.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import { invalidInput } from '../../results/answer.ts';
import * as field from '../../results/schema.ts';
import type { Guards } from './liberal-input.ts';

const SERIES = [...'ABCDEFGH'].map((letter) => `Series ${letter}`);
/** Accepted by the filter (contract, "submit"); rows carry other values too, which no filter accepts. */
const FUNDING_STAGES = ['Pre-Seed', 'Seed', ...SERIES, 'Acquired', 'Private', 'Public'];

export const employees = z.int().min(0).max(100_000_000);

export const submitInput = z.strictObject({
  query: field.described(
    z.string().trim().min(1).max(2_000).optional(),
    'The companies wanted, in one short sentence (200 characters or fewer). Countries, sizes and funding go into the filters. Give query, seed_domains or both.',
  ),
  seed_domains: field.described(
    z.array(z.string().max(2_000)).min(1).max(10).optional(),
    'Websites of example companies, such as stripe.com. With query, results must match both, which finds the most right ones.',
  ),
  limit: field.described(
    z.int().min(1).max(10_000).default(100),
    'Most companies to find, and so the most credits to spend. Try a pilot of 30 before more than 150.',
  ),
  min_employees: employees.optional().describe('Fewest employees.'),
  max_employees: employees.optional().describe('Most employees.'),
  funding_stages: field.described(
    z.array(z.enum(FUNDING_STAGES)).min(1).max(50).optional(),
    'Latest round, or what became of the company.',
  ),
  locations: field.described(
    z.array(z.string().max(60)).min(1).max(250).optional(),
    'Headquarters countries, best as ISO alpha-3 (USA, GBR), or groups (EU, Europe, DACH, Nordics, LATAM, APAC). Cities and states go into query.',
  ),
  search_type: field.described(
    z.enum(['semantic', 'agentic']).optional(),
    'semantic (default) finds more, agentic only close matches.',
  ),
  confirm_credits: field.described(
    z.int().min(1).max(10_000).optional(),
    `Leave it out at first. If a call asks for it (above ${DEFAULT_CONFIRM_ABOVE} credits or the user's threshold), repeat the limit once the user agrees.`,
  ),
  allow_duplicate: field.described(
    z.boolean().default(false),
    'Submit and bill an identical search again, rather than return its job of the last 24 hours. Only if the user asks.',
  ),
  allow_unresolved_seeds: field.described(
    z.boolean().default(false),
    'Submit even if OpenFunnel knows none of the seeds. Only if the user asks.',
  ),
  label: z.string().max(200).optional().describe('A name for this search in list_bulk_jobs.'),
});

/**
 * What models ask for that would change the bill or the list. Words of what clients add of their own (tool, task, title,
 * reason …) are none of them.
 */
export const SUBMIT_GUARDS: Guards = {
  none: 'dry test testing estimate trial excludedomains excludecompanies minrevenue maxrevenue; exclude excludes excluded excluding exclusion exclusions excl not without except omit skip avoid blocklist blacklist denylist suppress suppression negative sample samples sampling revenue founded technologies technology',
  confirm_credits: 'confirm confirmed confirmcredit; confirm confirmed',
  locations:
    'geography hqcountries hqcountry; country countries region regions continent continents location geo hq headquarters',
  min_employees: 'minsize minimumsize sizemin minheadcount employeesmin',
  max_employees: 'maxsize maximumsize sizemax maxheadcount employeesmax',
  'min_employees or max_employees':
    'employeecount employeerange companysize; employee employees headcount staff',
  funding_stages: 'stages stage fundingrounds rounds; funding',
  'query, min_employees, max_employees, funding_stages or locations':
    '; filter filters filtering criteria criterion where',
  query:
    'prompt search searchquery q idealcustomerprofile; industry industries sector sectors vertical verticals keyword keywords icp city cities niche niches',
  seed_domains:
    'seedurls websites website urls url companydomains examples; seed seeds domain domains similar like lookalike lookalikes',
  limit:
    'maxresults maxresult numresults numberofresults resultcount n k num number count size topk maxcompanies numcompanies companycount max maximum amount quantity total howmany pagesize first take row cap ceiling; top rows companies results leads prospects accounts matches records limit credit credits budget spend spending cost price',
};

/** The documented form of what the model sent. Throws `invalid_input`, naming the value that is wrong. */
export function toBody(args: z.output<typeof submitInput>): SubmitBody {
  const { query, seed_domains, limit, min_employees: min, max_employees: max, search_type } = args;
  if (query === undefined && seed_domains === undefined)
    throw invalidInput('Give a query, seed_domains, or both.');
  if (query !== undefined && oneLine(query, 10) === '')
    throw invalidInput('query has nothing that can be seen. Nothing was submitted.');
  checkSizes(min, max);
  return {
    query,
    seed_domains: seed_domains && [...new Set(seed_domains.map(hostname))],
    limit,
    min_employees: min,
    max_employees: max,
    funding_stages: args.funding_stages && [...new Set(args.funding_stages)],
    locations: args.locations && toLocations(args.locations),
    search_type,
  };
}

/** Throws `invalid_input` where no company can have such a size. */
export function checkSizes(min: number | undefined, max: number | undefined): void {
  if (min !== undefined && max !== undefined && min > max)
    throw invalidInput(`min_employees (${min}) is greater than max_employees (${max}).`);
}

function hostname(seed: string): string {
  const shown = `seed_domains: "${oneLine(seed, 100)}"`;
  const [link] = linksIn(seed);
  if (link === undefined || link.host !== normalDomain(seed))
    throw invalidInput(`${shown} is not the domain of a website, such as "stripe.com".`);
  const page = profileHost(link.host, link.path);
  if (page === null) return link.host;
  const itself = page.company ? ` For companies like ${page.site} itself, give its bare domain.` : '';
  throw invalidInput(
    `${shown} is a page on ${page.site}, and the search would be for companies like ${page.site}. Give the own website of the company that the page is about. lookup_companies finds it, free, by name or LinkedIn page.${itself}`,
  );
}

const EU = /^(?:E\.?U\.?|European Union|EU-?27)$/i;
/** Kosovo's code is in use, but not in ISO 3166-1: OpenFunnel may refuse the whole search for it. */
const NOT_ISO = 'XKX';

/** ISO alpha-3 codes of countries and groups of countries, and EU, each once. Throws `invalid_input`, naming what is none. */
export function toLocations(places: readonly string[]): string[] {
  const codes = whole(places).flatMap((place) => {
    const found = codesOf(place);
    if (found !== null) return found;
    const near = nearCountries(place);
    throw invalidInput(
      `locations: "${oneLine(place, 60)}" is not a country or a group of countries. ${
        near.length > 0
          ? `Near ones: ${near.join(', ')}.`
          : 'Give countries by name or ISO 3166-1 alpha-3 code (USA, GBR, DEU …), or groups such as EU, DACH or LATAM.'
      }`,
    );
  });
  return [...new Set(codes)];
}

/** The codes that are sent for a place; null for none. OpenFunnel knows one group itself, EU (contract, "submit"). */
function codesOf(place: string): readonly string[] | null {
  if (EU.test(place.trim())) return ['EU'];
  const country = countryOf(place);
  return country ? [country.code] : (countriesIn(place)?.filter((code) => code !== NOT_ISO) ?? null);
}

/** Names of countries that have a comma in them ("Korea, Republic of") may have been parted there. */
function whole(places: readonly string[]): string[] {
  const joined: string[] = [];
  for (const place of places) {
    const last = joined.at(-1);
    const both = `${last}, ${place}`;
    if (last !== undefined && codesOf(place) === null && countryOf(both)) joined[joined.length - 1] = both;
    else joined.push(place);
  }
  return joined;
}

/** The groups of countries among the locations, each with the codes that are sent for it, in words. */
export function groupsIn(locations: readonly string[] = []): string[] {
  return whole(locations).flatMap((place) => {
    const codes = codesOf(place) ?? [];
    if (codes.length < 2) return [];
    const left = countriesIn(place)?.includes(NOT_ISO)
      ? ' Kosovo is not among them, as it has no ISO code.'
      : '';
    return [`locations: "${oneLine(place, 60)}" is ${codes.length} countries: ${codes.join(', ')}.${left}`];
  });
}
