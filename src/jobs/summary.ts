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

const SIZES: ReadonlyArray<readonly [upTo: number, label: string]> = [
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
    const industries = new Set(Array.isArray(row.industries) ? row.industries.map(words) : []);
    industries.delete(UNKNOWN);
    if (industries.size === 0) this.#industries.add(UNKNOWN);
    for (const industry of industries) this.#industries.add(industry);
  }

  summary(): Summary {
    return {
      companies: this.#companies,
      unique_domains: this.#domains.size,
      duplicate_domains: this.#duplicates,
      without_domain: this.#withoutDomain,
      top_countries: this.#countries.top(TOP),
      employee_sizes: this.#sizes.top(SIZES.length + 1),
      funding_stages: this.#stages.top(TOP * 2),
      top_industries: this.#industries.top(TOP),
    };
  }
}

class Tally {
  readonly #counts = new Map<string, number>();

  add(value: string): void {
    const known = this.#counts.get(value);
    if (known === undefined && this.#counts.size >= MAX_VALUES) return;
    this.#counts.set(value, (known ?? 0) + 1);
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

function country(row: Row): string {
  const named = words(row.hq_country);
  if (named !== UNKNOWN) return named;
  // "Mumbai, India": where the country has no field of its own, it stands last.
  return typeof row.headquarters === 'string' ? words(row.headquarters.split(',').at(-1)) : UNKNOWN;
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
