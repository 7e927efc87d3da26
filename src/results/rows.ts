import { cleanRecord } from '../lib/text.ts';
import type { Row } from '../openfunnel/wire.ts';
import { gistOf } from './gist.ts';

/** The fields that an agent needs to choose companies by; `description` and the like cost 20 times that. */
export const DEFAULT_FIELDS = [
  'name',
  'domain',
  'headquarters',
  'employee_count',
  'funding_stage',
  'match_reason',
] as const;

/** Longest text of one field in a result. Characters. */
const MAX_FIELD = 4_000;

/** A row as a result carries it: cleaned, with the chosen fields in the chosen order. */
export type ShownRow = Record<string, unknown>;

/** The choice of fields: undefined is the default, and `all` anywhere gives every field there is. */
export type FieldChoice = readonly string[] | undefined;

/** Picks and cleans a row's fields. A field that the row does not have is null. */
export function showRow(row: Row, fields: FieldChoice, maxField = MAX_FIELD): ShownRow {
  if (fields?.includes('all')) return cleanRecord(row, maxField);
  const picked: Record<string, unknown> = {};
  for (const field of fields ?? DEFAULT_FIELDS) picked[field] = Object.hasOwn(row, field) ? row[field] : null;
  const shown = cleanRecord(picked, maxField);
  if (!fields && typeof shown.match_reason === 'string') shown.match_reason = gistOf(shown.match_reason);
  return shown;
}
