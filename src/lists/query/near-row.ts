import { countryOf, englishCountryOf } from '../../lib/countries.ts';
import { NEAR_FIELDS, type NearRow, readNear } from '../../store/kept-format.ts';
import { identity, linkedinSlug, normalDomain } from '../identity.ts';
import { readingFrom } from './kept-source.ts';
import type { JobAtHand } from './messages.ts';
import type { SqlValue } from './side-table.ts';

/**
 * The values of all rows of a job.
 *
 * @throws {DamagedFileError} and what the system throws where the file can't be read.
 */
export async function nearValues(job: JobAtHand): Promise<SqlValue[][]> {
  const nearRows = new NearRows();
  const values: SqlValue[][] = [];
  await readingFrom(job, async (read, { pages }) => {
    for (const page of pages) for (const near of await readNear(read, page)) values.push(nearRows.next(near));
  });
  return values;
}

type Field = (typeof NEAR_FIELDS)[number];
const AT = Object.fromEntries(NEAR_FIELDS.map((field, index) => [field, index + 1])) as Record<Field, number>;

/**
 * Turns a job's kept rows, in their order, into the values of `companies`, from `company_key` on to `industries`
 * (`NEAR_COLUMNS` without job, row and what side tables hold).
 */
export class NearRows {
  readonly #countries = new Map<string, { name: string; code: string } | null>();
  /** The next row's values. */
  next(near: NearRow): SqlValue[] {
    const field = (name: Field): unknown => near[AT[name]];
    const headquarters = textOf(field('headquarters'));
    const domain = normalDomain(field('domain'));
    const { key } = identity(domain, domain === null ? linkedinSlug(field('linkedin_url')) : null);
    const country = this.#country(textOf(field('hq_country')), headquarters);
    return [
      key,
      textOf(field('name')),
      domain ?? textOf(field('domain')),
      headquarters,
      country.name,
      country.code,
      textOf(field('hq_city')) ?? cityIn(headquarters),
      numberOf(field('employee_count')),
      textOf(field('funding_stage')),
      numberOf(field('revenue_usd')),
      textOf(field('linkedin_url')),
      numberOf(field('linkedin_follower_count')),
      industriesOf(field('industries')),
    ];
  }

  /** One country for each company: where `hq_country` is empty, or is none, what headquarters end with. */
  #country(named: string | null, headquarters: string | null): { name: string | null; code: string | null } {
    const place = headquarters?.split(',').at(-1)?.trim() || null;
    const found = this.#known(named, countryOf) ?? this.#known(place, englishCountryOf);
    return found ?? { name: named, code: null };
  }

  #known(text: string | null, find: typeof countryOf): { name: string; code: string } | null {
    if (text === null) return null;
    const known = this.#countries.get(text);
    if (known !== undefined) return known;
    const found = find(text);
    this.#countries.set(text, found);
    return found;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function numberOf(value: unknown): SqlValue {
  if (typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value)) return Number(value);
  // Anything else is shown as it came rather than lost.
  return typeof value === 'number' ? value : textOf(value);
}

function cityIn(headquarters: string | null): string | null {
  const parts = headquarters?.split(',') ?? [];
  return parts.length > 1 ? parts[0]?.trim() || null : null;
}

function industriesOf(value: unknown): string | null {
  if (Array.isArray(value)) return JSON.stringify(value);
  const text = textOf(value);
  // Other endpoints give them in one string (contract, "lookup-companies").
  return text === null ? null : JSON.stringify(text.split(',').map((industry) => industry.trim()));
}
