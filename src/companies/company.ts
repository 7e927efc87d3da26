import { type Row, toCount, toText } from '../openfunnel/wire.ts';
import { type Country, countryOf, englishCountryOf } from './countries.ts';
import { isSite } from './identity.ts';
import { keysOf } from './keys.ts';
import { isUsState } from './places.ts';
import { isInEu, regionOf } from './regions.ts';

/** What is made of a row: who it is about, and its facts in one form each. Null is what the row does not say. */
export type Company = ReturnType<typeof companyOf>;

/** Everything that is made of a row, as upstream sent it (contract, "Rows"). Pure; never throws. */
export function companyOf(row: Row) {
  const keys = keysOf(row);
  const domain = toText(row.domain);
  const headquarters = toText(row.headquarters);
  const place = placeOf(toText(row.hq_country), headquarters);
  const { country } = place;
  return {
    /** What it is told apart by: "acme.com", "facebook.com/acme", "linkedin:acme-inc" (see `groupsOf`). */
    keys,
    company_key: keys[0] ?? null,
    name: toText(row.name),
    /** In normal form, where it is a website of the company's own; else as it came. "N/A" and the like are none. */
    domain: keys.find(isSite) ?? (domain?.includes('.') ? domain : null),
    headquarters,
    city: toText(row.hq_city) ?? cityIn(headquarters),
    state: toText(row.hq_region),
    country: country?.name ?? toText(row.hq_country),
    /** ISO 3166-1 alpha-3. */
    country_code: country?.code ?? null,
    region: country ? regionOf(country.code) : null,
    in_eu: country ? Number(isInEu(country.code)) : null,
    /** The country at the end of `headquarters` where that is another one than `country`. */
    headquarters_country: place.other?.name ?? null,
    ...sizeOf(row.employee_count, row.company_size),
    funding_stage: toText(row.funding_stage),
    revenue_usd: toCount(row.revenue_usd),
    linkedin_url: toText(row.linkedin_url),
    linkedin_followers: toCount(row.linkedin_follower_count),
    industries: industriesOf(row.industries),
    match_reason: toText(row.match_reason),
    tagline: toText(row.tagline),
    description: toText(row.description),
  };
}

/** The first of `hq_country` and the end of `headquarters` that names a country, and what the second says if it differs. */
function placeOf(
  named: string | null,
  headquarters: string | null,
): { country: Country | null; other: Country | null } {
  const last = headquarters?.slice(0, 1_000).split(',').at(-1)?.trim() ?? '';
  // "Atlanta, GA" is no place in Gabon: two letters are a country only where they can't be a state of the USA.
  const inHeadquarters = isUsState(last.toLowerCase()) ? null : englishCountryOf(last);
  const said = named === null ? null : countryOf(named);
  if (said === null) return { country: inHeadquarters, other: null };
  const differs = inHeadquarters !== null && inHeadquarters !== said;
  // "Atlanta, Georgia" beside "United States" is no contradiction.
  const state = said.code === 'USA' && inHeadquarters?.code === 'GEO';
  return { country: said, other: differs && !state ? inHeadquarters : null };
}

function cityIn(headquarters: string | null): string | null {
  const comma = headquarters?.indexOf(',') ?? -1;
  return comma === -1 ? null : headquarters?.slice(0, comma).trim() || null;
}

type Size = ReturnType<typeof between>;

function sizeOf(count: unknown, size: unknown): Size {
  const exact = toCount(count);
  if (exact !== null) return between(exact, exact, exact);
  return rangeIn(toText(count)) ?? rangeIn(toText(size)) ?? between(null, null);
}

/** Both ends equal to the exact number, or those of the range that the row gives; an open one has no maximum. */
function between(min: number | null, max: number | null, exact: number | null = null) {
  return { employees: exact, employees_min: min, employees_max: max };
}

/** A range as upstream's older rows have it in words: "11-50", "10,001+", "51 to 200 employees", "1K-5K". */
function rangeIn(text: string | null): Size | null {
  if (text === null || text.length > 60) return null;
  const ends = [...text.matchAll(/(\d[\d,.' \u00a0\u202f]{0,14})(k|m)?(?![a-z])/gi)].map(
    ([, digits = '', unit = '']) => numberIn(digits, unit.toLowerCase()),
  );
  const [first, second] = ends;
  if (first === undefined || ends.length > 2 || ends.includes(Number.NaN)) return null;
  if (second !== undefined) return between(Math.min(first, second), Math.max(first, second));
  if (/\+|\bover\b|more than|>|≥|and up|or more/i.test(text)) return between(first, null);
  if (/<|≤|\bup to\b|less than|fewer than|\bunder\b/i.test(text)) return between(null, first);
  const plain = /^[\d,.' ]+k?$/i.test(text.trim().replace(/ ?(?:employees|people|staff)$/i, ''));
  return plain ? between(first, first, first) : null;
}

/** A number of people; NaN for what is none. */
function numberIn(digits: string, unit: string): number {
  const factor = unit === 'k' ? 1_000 : unit === 'm' ? 1_000_000 : 1;
  const plain = digits.trim();
  return Number(factor > 1 ? plain.replace(',', '.') : plain.replace(/[,.' \u00a0\u202f]/g, '')) * factor;
}

function industriesOf(value: unknown): readonly string[] | null {
  if (Array.isArray(value)) return value.flatMap((each) => toText(each) ?? []);
  const text = toText(value);
  // Other endpoints give them in one string (contract, "lookup-companies").
  if (text === null) return null;
  return text
    .split(',')
    .map((industry) => industry.trim())
    .filter((industry) => industry !== '');
}
