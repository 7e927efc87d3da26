import { countriesIn } from '../companies/regions.ts';
import { normalForm, withoutEnd } from '../lib/text.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';

/**
 * The same text for the same search. What nobody sees, or would call a difference, makes none: the order of fields and
 * lists, EU or its members, and in the query invisible characters, Unicode forms and the look of quotes. The case of its
 * letters counts: it can change what upstream finds.
 */
export function searchKey(body: SubmitBody): string {
  return JSON.stringify([...fieldsOf(body)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What OpenFunnel takes EU for (contract, "submit"). */
const EU_MEMBERS = countriesIn('EU') ?? [];

/** What a search is told by, field by field, as JSON; nothing stands for what says nothing. */
function fieldsOf({ query = '', search_type = 'semantic', locations, ...rest }: SubmitBody) {
  const countries = locations?.flatMap((code) => (code === 'EU' ? EU_MEMBERS : [code]));
  const fields = { ...rest, search_type, locations: countries, query: plain(query) || undefined };
  return new Map(
    Object.entries(fields).flatMap(([field, value]) => {
      if (value === undefined) return [];
      return [[field, JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value)]];
    }),
  );
}

/**
 * Fields but the limit in which two searches differ that have the words (whatever their letters' case) or the seeds in
 * common; null where they have neither.
 */
export function differences(a: SubmitBody, b: SubmitBody): string[] | null {
  const [one, other] = [a, b].map((body) => fieldsOf({ ...body, query: body.query?.toLowerCase() }));
  const same = (field: string) => one?.get(field) === other?.get(field);
  if (!['query', 'seed_domains'].some((field) => one?.has(field) && same(field))) return null;
  const names = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
  return [...names].filter((field) => field !== 'limit' && !same(field));
}

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** A query without what nobody sees, or would call a difference. */
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
