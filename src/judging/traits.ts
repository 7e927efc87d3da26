import { oneLine } from '../lib/text.ts';
import { wordsOf } from './words.ts';

/** A judged company, with what is compared of it. */
export interface Compared {
  row: number;
  verdict: 'keep' | 'maybe' | 'drop';
  industries: readonly string[];
  /** ISO 3166-1 alpha-3. */
  country_code: string | null;
  country: string | null;
  employees: number | null;
  /** What the company says of itself; untrusted, as the rest is. */
  text: string | null;
}

/** Something that a company has or has not. */
export interface Trait {
  fact: 'industry' | 'country' | 'employees' | 'word';
  /** An industry, a country, `up to 200`, or a word: one cleaned line. */
  value: string;
  /** The companies that have it. */
  having: Set<Compared>;
  /** For a filter: the country's code, or the number of employees. */
  code: string | null;
}

/** Numbers of employees that are tried as a border. */
const SIZES = [10, 50, 200, 500, 1_000, 5_000, 10_000] as const;
const MAX_VALUE = 60;

/** Whether anything is known of a company there: one without a text does not lack a word. */
export const KNOWN: Record<Trait['fact'], (company: Compared) => boolean> = {
  industry: ({ industries }) => industries.length > 0,
  country: ({ country, country_code }) => (country_code ?? country) !== null,
  employees: ({ employees }) => employees !== null,
  word: ({ text }) => text !== null && text.trim() !== '',
};

/** All that some of these companies have, in the order industry, country, size, words. */
export function traitsOf(companies: readonly Compared[]): Trait[] {
  const traits = new Map<string, Trait>();
  const note = (company: Compared, fact: Trait['fact'], name: string, code: string | null = null) => {
    const value = oneLine(name, MAX_VALUE);
    const key = `${fact} ${code ?? value.toLowerCase()}`;
    const trait = traits.get(key) ?? { fact, value, having: new Set(), code };
    traits.set(key, trait);
    trait.having.add(company);
  };
  for (const company of companies)
    for (const industry of company.industries) note(company, 'industry', industry);
  for (const company of companies) {
    const name = company.country ?? company.country_code;
    if (name !== null) note(company, 'country', name, company.country_code);
  }
  for (const company of companies)
    for (const size of SIZES)
      if (company.employees !== null && company.employees <= size)
        note(company, 'employees', `up to ${size}`, String(size));
  for (const company of companies)
    for (const word of wordsOf(company.text ?? '')) note(company, 'word', word);
  return [...traits.values()];
}
