import * as z from 'zod';
import { isRecord } from '../lib/json.ts';
import { normalForm, oneLine, oneOf } from '../lib/text.ts';
import { JOB_ID, normalJobId } from './job-id.ts';

// What upstream sends, parsed at the edge. Objects are loose: fields that we don't know survive. What the
// product can't do without (a status, a job id) is required; the rest is taken liberally, since the contract
// lists much of it as open and `null` may stand anywhere.

/** Null also for what is missing, or of another kind. */
const orNull = <Each extends z.ZodType>(each: Each) =>
  z.preprocess((value) => value ?? null, each.nullable().catch(null));
const text = orNull(z.string());
const count = z.unknown().optional().transform(toCount);

/** A number that counts something, also where it comes as a string; null for anything else. */
export function toCount(value: unknown): number | null {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

/**
 * A field's text; null where it says nothing, and anything else as JSON, so that it is shown rather than lost. Composed
 * and decomposed letters are the same to whoever asks.
 */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : normalForm(value, 'NFC');
  if (value === null || value === undefined) return null;
  // The same form again where it is read back as text.
  return typeof value === 'object' ? normalForm(JSON.stringify(value), 'NFC') : String(value);
}

/** Whether it is a documented status of a job (contract, "status and one page"). */
export const isKnownStatus = oneOf('pending running cancelling completed failed cancelled');

/**
 * The rule this product exists for: completion is read from `status`, never from `next_cursor`
 * (contract, "status and one page"). A status that we don't know is no end.
 */
export function isTerminal(status: string): boolean {
  return status === 'failed' || isFinal(status);
}

/** Whether the rows that can be read are all there will ever be, unchanged. */
export function isFinal(status: string): boolean {
  return status === 'completed' || status === 'cancelled';
}

/** A documented status whatever its case and the blanks around it; any other as upstream words it, on one line. */
function toStatus(text: string): string {
  const said = oneLine(text, 60);
  return isKnownStatus(said.toLowerCase()) ? said.toLowerCase() : said;
}

const status = z.string().min(1).transform(toStatus);
const message = text.transform((said) => said && oneLine(said, 300));

/** Answer to a submit (contract: "POST … submit"). */
export const submitAnswer = z.looseObject({
  job_id: z.string().regex(JOB_ID).overwrite(normalJobId),
  status: status.catch('pending'),
  message,
});

/** One row. Only its being an object is checked: any field can be null, and new ones appear without notice. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * A cursor as it is sent back, whatever form it came in: the documented name of a page, a number, an address of the next
 * page that has the cursor in it, or something else that means nothing to us. Null for none.
 */
function toCursor(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  if (typeof value !== 'string' || value === '') return null;
  const query = /^(?:https?:\/\/[^/?#]+)?(?:\/[^?#]*)?\?/.test(value) ? value.slice(value.indexOf('?')) : '';
  return new URLSearchParams(query).get('cursor') || value;
}

/** The name of a job's first page, which an answer may leave out (contract: "status and one page"). */
export const FIRST_PAGE = 'page_0000';

/** Answer to the GET: the job's state and one page (contract: "status and one page"). */
export const jobPage = z
  .looseObject({
    job_id: text,
    status,
    manifest: orNull(z.custom<Record<string, unknown>>(isRecord)),
    error_message: text,
    rows: z.array(z.unknown()).nullish(),
    page: text,
    next_cursor: z.unknown().optional().transform(toCursor),
    count,
    processed: count,
    progress_message: text,
  })
  .refine(
    // "completed" and not a word about the result is no answer, and surely not a result without companies.
    ({ status, ...result }) =>
      status !== 'completed' ||
      [result.rows, result.next_cursor, result.manifest, result.count].some((said) => said != null),
    { error: 'it says "completed" and nothing about a result' },
  )
  .transform((page) => {
    const sent = page.rows ?? [];
    const rows = sent.filter(isRecord);
    // An entry that is no object carries nothing to show, but it is not passed over in silence.
    return { ...page, rows, malformed_rows: sent.length - rows.length };
  });
export type JobPage = z.infer<typeof jobPage>;

/** Answer to a cancel (contract: "cancel"). */
export const cancelAnswer = z.looseObject({
  job_id: text,
  status: orNull(status),
  message,
});

/** Credits of the account; fractions occur (contract: "credits/balance"). */
export const creditBalance = z.looseObject({
  total_credits: z.number(),
  credits_used: z.number(),
  credits_left: z.number(),
});

/** One company to look up; the first that is given of domain, LinkedIn page and name is used. */
export type LookupItem = Partial<Record<'name' | 'domain' | 'linkedin_url', string>>;

const lookupMatch = z.looseObject({
  name: text,
  domain: text,
  linkedin_url: text,
  employee_count_min: count,
  employee_count_max: count,
  location_city: text,
  location_country: text,
  location_country_code: text,
  matched_on: text,
});
export type LookupMatch = z.infer<typeof lookupMatch>;

/** Answer to a look-up: an entry for each company asked about, in that order (contract: "lookup-companies"). */
export const lookupAnswer = z.looseObject({
  results: z.array(
    z.looseObject({
      status: text,
      matches: z
        .array(z.unknown())
        .catch([])
        .transform((matches) => matches.flatMap((match) => lookupMatch.safeParse(match).data ?? [])),
    }),
  ),
});

/** Body of a submit, sent and kept. Field rules: contract, "submit". */
export const submitBody = z.looseObject({
  query: z.string().optional(),
  seed_domains: z.array(z.string()).optional(),
  limit: z.number(),
  min_employees: z.number().optional().catch(undefined),
  max_employees: z.number().optional().catch(undefined),
  funding_stages: z.array(z.string()).optional().catch(undefined),
  locations: z.array(z.string()).optional().catch(undefined),
  search_type: z.string().optional().catch(undefined),
});
export type SubmitBody = z.infer<z.ZodObject<(typeof submitBody)['shape']>>;

const detail = z.looseObject({
  loc: z.array(z.union([z.string(), z.number()])).catch([]),
  msg: z.string().catch(''),
  type: z.string().catch(''),
});
/** The upstream errors' bodies in all documented forms (contract: "Errors"). */
export const errorBody = z.looseObject({
  detail: orNull(z.union([z.string(), z.array(detail)])),
  error_code: text,
  message: text,
  details: orNull(z.looseObject({ retry_after_seconds: orNull(z.coerce.number().nonnegative()) })),
});
