import * as z from 'zod';
import { englishCountryOf } from '../companies/countries.ts';
import { countriesIn } from '../companies/regions.ts';
import { FUNDING_STAGES, INVENTED_PLACES, type InventedCountry } from './vocabulary.ts';

const isLocation = (place: string) => place === 'EU' || englishCountryOf(place)?.code === place;
/** What is null is absent. */
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
/** A list of which an empty one filters nothing. */
const filter = (allows: (value: string) => boolean) =>
  optional(
    z.array(z.string()).refine((values) => values.every(allows), 'Input should be documented values'),
  ).transform((values) => (values?.length ? values : undefined));

/** A submit's JSON as the documented rules have it (contract, "submit"), defaults filled in. */
export const jobBody = z
  .object({
    query: optional(z.string()).transform((text) => (text?.trim() ? text : undefined)),
    seed_domains: optional(z.array(z.string()).min(1).max(10)),
    limit: optional(z.int().min(1).max(10_000)).transform((limit) => limit ?? 100),
    min_employees: optional(z.int().min(0)),
    max_employees: optional(z.int().min(0)),
    funding_stages: filter((stage) => FUNDING_STAGES.includes(stage)),
    locations: filter(isLocation),
    search_type: optional(z.enum(['semantic', 'agentic'])).transform((type) => type ?? 'semantic'),
  })
  .refine(({ query, seed_domains }) => query !== undefined || seed_domains !== undefined, {
    path: ['query'],
    message: 'At least one of query and seed_domains is required',
  })
  .refine(({ min_employees = 0, max_employees = min_employees }) => min_employees <= max_employees, {
    path: ['max_employees'],
    message: 'max_employees is less than min_employees',
  });

export type JobBody = z.output<typeof jobBody>;

/** The countries that these locations stand for, each once; "EU" stands for its 27 members. */
export function countriesOf(locations: readonly string[]): InventedCountry[] {
  const codes = new Set(locations.flatMap((place) => (place === 'EU' ? (countriesIn('EU') ?? []) : [place])));
  return [...codes].map(
    (code) =>
      INVENTED_PLACES.find((country) => country.code === code) ?? {
        code,
        name: englishCountryOf(code)?.name ?? code,
        places: [[null, null]],
      },
  );
}
