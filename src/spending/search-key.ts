import { normalDomain } from '../companies/identity.ts';
import { countriesIn } from '../companies/regions.ts';
import { normalForm, withoutEnd } from '../lib/text.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';

/**
 * The same text for the same search. What nobody sees, or would call a difference, makes none: the order of fields and
 * lists, invisible characters, Unicode forms, the look of quotes, how a website is written, EU or its members. The case
 * of the query's letters counts: it can change what upstream finds.
 */
export function searchKey(body: SubmitBody): string {
  return JSON.stringify([...fieldsOf(body)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What OpenFunnel takes EU for (contract, "submit"). */
const EU_MEMBERS = countriesIn('EU') ?? [];

/** What a search is told by, field by field; nothing stands for what says nothing. */
function fieldsOf(body: SubmitBody): Map<string, unknown> {
  const { search_type = 'semantic', locations, ...rest } = body;
  const countries = locations?.flatMap((place) =>
    plain(place).toUpperCase() === 'EU' ? EU_MEMBERS : [place],
  );
  const entries = Object.entries({ search_type, locations: countries, ...rest }).map(
    ([field, value]) => [field, normal(field, value)] as const,
  );
  return new Map(entries.filter(([, value]) => value !== undefined));
}

/**
 * Fields but the limit in which two searches differ that have the words (whatever their letters' case) or the seeds in
 * common; null where they have neither.
 */
export function differences(a: SubmitBody, b: SubmitBody): string[] | null {
  const [one, other] = [a, b].map((body) => fieldsOf({ ...body, query: body.query?.toLowerCase() ?? '' }));
  const same = (field: string) => JSON.stringify(one?.get(field)) === JSON.stringify(other?.get(field));
  if (!['query', 'seed_domains'].some((field) => one?.get(field) !== undefined && same(field))) return null;
  const names = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...names].filter((field) => field !== 'limit' && !same(field));
}

function normal(field: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => normal(field, item)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : [...new Set(items)].sort();
  }
  if (typeof value !== 'string') return value ?? undefined;
  const text = plain(value);
  if (text === '') return undefined;
  if (field === 'query') return text;
  return field === 'seed_domains'
    ? (normalDomain(text) ?? text.toLowerCase())
    : text.toLowerCase().replace(/[\s_-]+/g, ' ');
}

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

function plain(text: string): string {
  const seen = normalForm(text.replace(UNSEEN, ''), 'NFKC')
    .replace(/\s/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(/[\u2018-\u201b\u2032\u00b4`]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/ {2,}/g, ' ')
    .trim();
  return withoutEnd(seen, /[. ]/);
}
