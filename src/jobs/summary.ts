import { countryOf } from '../lib/countries.ts';
import { oneLine } from '../lib/text.ts';
import type { Row } from '../openfunnel/wire.ts';

export interface ValueCount {
  value: string;
  count: number;
}

/** What a list of companies is like, without the companies. Counts are rows unless said otherwise. */
export interface Summary {
  companies: number;
  /** Domains, each counted once. */
  unique_domains: number;
  /** Rows whose domain an earlier row already had: companies = unique + duplicate + without. */
  duplicate_domains: number;
  without_domain: number;
  top_countries: ValueCount[];
  employee_sizes: ValueCount[];
  funding_stages: ValueCount[];
  top_industries: ValueCount[];
}

const UNKNOWN = 'unknown';
/** Values named in each list; a missing value counts as "unknown" and is always named. */
const TOP = 10;
/** Distinct values counted in each list; memory stays bounded whatever upstream invents. */
const MAX_VALUES = 5_000;

/** Sizes of companies by employees: up to how many, and how that is called. */
export const SIZES: ReadonlyArray<readonly [upTo: number, label: string]> = [
  [0, '0'],
  [10, '1-10'],
  [50, '11-50'],
  [200, '51-200'],
  [500, '201-500'],
  [1_000, '501-1000'],
  [5_000, '1001-5000'],
  [10_000, '5001-10000'],
  [Number.POSITIVE_INFINITY, '10001+'],
];

/** Sums rows up one by one, so that a page's rows can be let go as soon as they are counted. */
export class Summarizer {
  #companies = 0;
  #duplicates = 0;
  #withoutDomain = 0;
  readonly #domains = new Set<string>();
  readonly #countries = new Tally();
  readonly #sizes = new Tally();
  readonly #stages = new Tally();
  readonly #industries = new Tally();

  add(row: Row): void {
    this.#companies += 1;
    const domain = typeof row.domain === 'string' ? row.domain.trim().toLowerCase() : '';
    if (domain === '') this.#withoutDomain += 1;
    else if (this.#domains.has(domain)) this.#duplicates += 1;
    else this.#domains.add(domain);
    this.#countries.add(country(row));
    this.#sizes.add(employeeSize(row));
    this.#stages.add(words(row.funding_stage));
    for (const industry of industriesOf(row)) this.#industries.add(industry);
  }

  summary(): Summary {
    return {
      companies: this.#companies,
      unique_domains: this.#domains.size,
      duplicate_domains: this.#duplicates,
      without_domain: this.#withoutDomain,
      top_countries: this.#countries.top(TOP),
      employee_sizes: this.#sizes.inOrder([...SIZES.map(([, label]) => label), UNKNOWN]),
      funding_stages: this.#stages.top(TOP * 2),
      top_industries: this.#industries.top(TOP),
    };
  }
}

/** Counts values. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(value: string, times = 1): void {
    const known = this.#counts.get(value);
    if (known === undefined && this.#counts.size >= MAX_VALUES) return;
    this.#counts.set(value, (known ?? 0) + times);
  }

  /** Counts of the values in a given order, but for those that do not occur. */
  inOrder(values: readonly string[]): ValueCount[] {
    return values.flatMap((value) => {
      const count = this.#counts.get(value);
      return count === undefined ? [] : [{ value, count }];
    });
  }

  /** Adds what another one has counted. */
  addAll(other: Tally): void {
    for (const [value, count] of other.#counts) this.add(value, count);
  }

  /** The `limit` most frequent values, ties by name; "unknown" is among them wherever it occurs. */
  top(limit: number): ValueCount[] {
    const sorted = [...this.#counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const top = sorted.slice(0, limit);
    const unknown = sorted.find(({ value }) => value === UNKNOWN);
    if (unknown && !top.includes(unknown)) top[top.length - 1] = unknown;
    return top;
  }
}

function words(value: unknown): string {
  return typeof value === 'string' ? oneLine(value, 80) || UNKNOWN : UNKNOWN;
}

/** A row's industries, each once; "unknown" where it names none. */
function industriesOf(row: Row): Set<string> {
  const industries = new Set(Array.isArray(row.industries) ? row.industries.slice(0, 50).map(words) : []);
  industries.delete(UNKNOWN);
  if (industries.size === 0) industries.add(UNKNOWN);
  return industries;
}

/** The commonest industries of some pages. */
export class Industries {
  readonly #tally = new Tally();

  add(row: Row): void {
    for (const industry of industriesOf(row)) if (industry !== UNKNOWN) this.#tally.add(industry);
  }

  addAll(other: Industries): void {
    this.#tally.addAll(other.#tally);
  }

  /** Names of the commonest ones. */
  top(limit: number): string[] {
    return this.#tally.top(limit).map(({ value }) => value);
  }
}

/** Names that were looked up before. */
const COUNTRY_NAMES = new Map<string, string>();

/** One country a company, under one name: "United States of America" is the United States. */
function country(row: Row): string {
  const named = words(row.hq_country);
  // "Mumbai, India": where the country has no field of its own, it stands last.
  const said =
    named === UNKNOWN && typeof row.headquarters === 'string'
      ? words(row.headquarters.split(',').at(-1))
      : named;
  if (said === UNKNOWN) return UNKNOWN;
  const known = COUNTRY_NAMES.get(said);
  if (known !== undefined) return known;
  const name = countryOf(said)?.name ?? said;
  if (COUNTRY_NAMES.size < MAX_VALUES) COUNTRY_NAMES.set(said, name);
  return name;
}

function employeeSize(row: Row): string {
  let employees = row.employee_count;
  // Older rows have a range as a string instead, such as "51-200" (contract, "Rows").
  if (typeof employees !== 'number' && typeof row.company_size === 'string') {
    employees = Number.parseInt(row.company_size.replaceAll(',', ''), 10);
  }
  if (typeof employees !== 'number' || !(employees >= 0)) return UNKNOWN;
  return SIZES.find(([upTo]) => employees <= upTo)?.[1] ?? UNKNOWN;
}
