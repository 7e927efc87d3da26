import * as z from 'zod';
import { countryOf, nearCountries } from '../../companies/countries.ts';
import { profileHost } from '../../companies/profile-hosts.ts';
import { countriesIn } from '../../companies/regions.ts';
import { DEFAULT_CONFIRM_ABOVE } from '../../lib/defaults.ts';
import { oneLine } from '../../lib/text.ts';
import type { SubmitBody } from '../../openfunnel/wire.ts';
import { invalidInput } from '../../results/answer.ts';
import type { GuardedNames } from './liberal-input.ts';

/** Accepted by the filter (contract, "submit"); rows carry other values too, which no filter accepts. */
const FUNDING_STAGES = [
  'Pre-Seed',
  'Seed',
  ...['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((letter) => `Series ${letter}`),
  'Acquired',
  'Private',
  'Public',
];

export const employees = z.int().min(0).max(100_000_000);

/** What a submit takes. */
export const submitInput = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .optional()
    .describe(
      'The companies wanted, in one short sentence (200 characters or fewer). Countries, sizes and funding go into the filters. Give query, seed_domains or both.',
    ),
  seed_domains: z
    .array(z.string().max(2_000))
    .min(1)
    .max(10)
    .optional()
    .describe(
      'Websites of example companies, such as stripe.com. With query, results must match both, which finds the most right ones.',
    ),
  limit: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe(
      'Most companies to find, and so the most credits to spend. Try a pilot of 30 before more than 150.',
    ),
  min_employees: employees.optional().describe('Fewest employees.'),
  max_employees: employees.optional().describe('Most employees.'),
  funding_stages: z
    .array(z.string().max(60))
    .min(1)
    .max(50)
    .optional()
    .describe('Pre-Seed, Seed, Series A to Series H, Acquired, Private or Public.'),
  locations: z
    .array(z.string().max(60))
    .min(1)
    .max(250)
    .optional()
    .describe(
      'Headquarters countries, best as ISO alpha-3 (USA, GBR), or groups (EU, Europe, DACH, Nordics, LATAM, APAC). Cities and states go into query.',
    ),
  search_type: z
    .enum(['semantic', 'agentic'])
    .optional()
    .describe('semantic (default) finds more, agentic only close matches.'),
  confirm_credits: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      `Leave it out at first. If a call asks for it (above ${DEFAULT_CONFIRM_ABOVE} credits or the user's threshold), repeat the limit once the user agrees.`,
    ),
  allow_duplicate: z
    .boolean()
    .default(false)
    .describe(
      'Submit and bill an identical search again, rather than return its job of the last 24 hours. Only if the user asks.',
    ),
  allow_unresolved_seeds: z
    .boolean()
    .default(false)
    .describe('Submit even if OpenFunnel knows none of the seeds. Only if the user asks.'),
  label: z.string().max(200).optional().describe('A name for this search in list_bulk_jobs.'),
});

/** Names by which models ask for what would change the bill or the list. */
export const SUBMIT_GUARDS: GuardedNames = {
  ...names(
    'limit',
    'maxresults maxresult numresults numberofresults results resultcount n k num number count size topk',
  ),
  ...names(
    'limit',
    'maxcompanies numcompanies companies companycount max maximum amount quantity total howmany pagesize first take row',
  ),
  ...names(
    'seed_domains',
    'domains domain seeds seed seedurls websites website urls url companydomains examples lookalikes',
  ),
  ...names('query', 'prompt search searchquery keywords keyword industry industries q'),
  ...names('locations', 'countries country regions region geo geography headquarters hqcountries hqcountry'),
  ...names('min_employees', 'minsize minimumsize sizemin minheadcount employeesmin'),
  ...names('max_employees', 'maxsize maximumsize sizemax maxheadcount employeesmax'),
  ...names('min_employees or max_employees', 'employees employeecount employeerange companysize headcount'),
  ...names('funding_stages', 'funding stages stage fundingrounds rounds'),
  ...names('confirm_credits', 'confirm confirmed credits maxcredits budget'),
  ...Object.fromEntries(
    'dry test testing estimate trial exclude excludedomains excludecompanies excluded blacklist minrevenue maxrevenue revenue'
      .split(' ')
      .map((name) => [name, null]),
  ),
};

/**
 * The same as words of longer names, such as "exclude_these" and "target_countries"; the first one that a name has
 * tells what it means. Words of what clients add of their own (tool, task, title, reason …) are none of them.
 */
export const SUBMIT_WORDS: GuardedNames = {
  ...Object.fromEntries(
    'exclude excludes excluded excluding exclusion exclusions excl not without except omit skip avoid blocklist blacklist denylist suppress suppression negative sample samples sampling revenue founded technologies technology'
      .split(' ')
      .map((name) => [name, null]),
  ),
  ...names('confirm_credits', 'credit credits budget spend spending cost price'),
  ...names('locations', 'country countries region regions continent continents location geo hq headquarters'),
  ...names('min_employees or max_employees', 'employee employees headcount staff'),
  ...names('funding_stages', 'funding'),
  ...names(
    'query, min_employees, max_employees, funding_stages or locations',
    'filter filters filtering criteria criterion where',
  ),
  ...names('query', 'industry industries sector sectors vertical verticals keyword keywords'),
  ...names('seed_domains', 'seed seeds domain domains similar like lookalike lookalikes'),
  ...names('limit', 'top rows companies results leads prospects accounts matches records limit'),
};

function names(right: string, wrong: string): GuardedNames {
  return Object.fromEntries(wrong.split(' ').map((name) => [name, right]));
}

/** The documented form of what the model sent. Throws `invalid_input`, naming the value that is wrong. */
export function toBody(args: z.output<typeof submitInput>): SubmitBody {
  const { query, limit, min_employees: min, max_employees: max, search_type } = args;
  const seeds = args.seed_domains && [...new Set(args.seed_domains.map(hostname))];
  if (query === undefined && seeds === undefined) throw invalidInput('Give a query, seed_domains, or both.');
  checkSizes(min, max);
  return {
    ...(query === undefined ? {} : { query }),
    ...(seeds === undefined ? {} : { seed_domains: seeds }),
    limit,
    ...(min === undefined ? {} : { min_employees: min }),
    ...(max === undefined ? {} : { max_employees: max }),
    ...(args.funding_stages ? { funding_stages: [...new Set(args.funding_stages.map(fundingStage))] } : {}),
    ...(args.locations ? { locations: toLocations(args.locations) } : {}),
    ...(search_type === undefined ? {} : { search_type }),
  };
}

/** Throws `invalid_input` where no company can have such a size. */
export function checkSizes(min: number | undefined, max: number | undefined): void {
  if (min !== undefined && max !== undefined && min > max)
    throw invalidInput(`min_employees (${min}) is greater than max_employees (${max}).`);
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

function hostname(seed: string): string {
  const shown = `seed_domains: "${oneLine(seed, 100)}"`;
  const refused = () => invalidInput(`${shown} is not the domain of a website, such as "stripe.com".`);
  const text = seed.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text.replace(/^\/\//, '')}`);
  } catch {
    throw refused();
  }
  // URL turns international names into their ASCII form, and "1.2" into an address, which is no company.
  const host = url.hostname.replace(/\.$/, '').replace(/^www\.(?=.*\.)/, '');
  const labels = host.split('.');
  const usable =
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    host.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  if (!usable) throw refused();
  const page = profileHost(url);
  if (page !== null) {
    const itself = page.company ? ` For companies like ${page.site} itself, give its bare domain.` : '';
    throw invalidInput(
      `${shown} is a page on ${page.site}, and the search would be for companies like ${page.site}. Give the own website of the company that the page is about. lookup_companies finds it, free, by name or LinkedIn page.${itself}`,
    );
  }
  return host;
}

function fundingStage(stage: string): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const known = FUNDING_STAGES.find((candidate) => plain(candidate) === plain(stage));
  if (known === undefined) {
    throw invalidInput(`funding_stages: "${oneLine(stage, 60)}" is not one of ${FUNDING_STAGES.join(', ')}.`);
  }
  return known;
}

/** ISO alpha-3 codes of countries and groups of countries, and EU, each once. Throws `invalid_input`, naming what is none. */
export function toLocations(places: readonly string[]): string[] {
  return [...new Set(whole(places).flatMap(location))];
}

/** Names of countries that have a comma in them ("Korea, Republic of") may have been parted there. */
function whole(places: readonly string[]): string[] {
  const joined: string[] = [];
  for (const place of places) {
    const last = joined.at(-1);
    const both = `${last}, ${place}`;
    if (last !== undefined && !isPlace(place) && countryOf(both)) joined[joined.length - 1] = both;
    else joined.push(place);
  }
  return joined;
}

function isPlace(text: string): boolean {
  return EU.test(text.trim()) || countryOf(text) !== null || countriesIn(text) !== null;
}

/** The groups of countries among the locations, each with the codes that are sent for it, in words. */
export function groupsIn(locations: readonly string[] = []): string[] {
  return whole(locations).flatMap((place) => {
    const group = EU.test(place.trim()) || countryOf(place) ? null : countriesIn(place);
    if (group === null) return [];
    const codes = sent(group);
    const left = codes.length < group.length ? ' Kosovo is not among them, as it has no ISO code.' : '';
    return [`locations: "${oneLine(place, 60)}" is ${codes.length} countries: ${codes.join(', ')}.${left}`];
  });
}

/** Kosovo's code is in use, but not in ISO 3166-1: OpenFunnel may refuse the whole search for it. */
const NOT_ISO = 'XKX';

/** The codes that are sent for a group of countries. */
function sent(group: readonly string[]): readonly string[] {
  return group.filter((code) => code !== NOT_ISO);
}

const EU = /^(?:E\.?U\.?|European Union|EU-?27)$/i;

function location(place: string): readonly string[] {
  // OpenFunnel knows this one group itself (contract, "submit").
  if (EU.test(place.trim())) return ['EU'];
  const country = countryOf(place);
  if (country) return [country.code];
  const group = countriesIn(place);
  if (group) return sent(group);
  const near = nearCountries(place);
  throw invalidInput(
    `locations: "${oneLine(place, 60)}" is not a country or a group of countries. ${
      near.length > 0
        ? `Near ones: ${near.join(', ')}.`
        : 'Give countries by name or ISO 3166-1 alpha-3 code (USA, GBR, DEU …), or groups such as EU, DACH or LATAM.'
    }`,
  );
}
