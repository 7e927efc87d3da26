import { isRecord } from '../lib/json.ts';
import { VERDICTS } from '../lib/verdicts.ts';

// What the server's tools for the view take and answer: one set of types for both sides, and the readers by which the
// view takes answers. Names are those on the wire. The server imports the types alone. A reader takes what came over the
// wire or out of a store with suspicion: a part that is missing or of another kind becomes its empty value, so that
// nothing can break the page. Types are inferred from the readers (zod would weigh too much here).

/** Makes a value of its type of whatever it is given. */
export type Reader<T> = (value: unknown) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;

export const asText: Reader<string> = (value) => (typeof value === 'string' ? value : '');
export const textOrNull: Reader<string | null> = (value) => asText(value) || null;
export const asNumber: Reader<number | null> = (value) => (typeof value === 'number' ? value : null);
export const count: Reader<number> = (value) => asNumber(value) ?? 0;
/** SQLite tells yes as 1. */
export const asFlag: Reader<boolean> = (value) => value === true || value === 1;

/** One of these texts, else the other value. */
export function asOneOf<const T extends string, const Other>(among: readonly T[], other: Other) {
  return (value: unknown): T | Other => among.find((each) => each === value) ?? other;
}

/** A list of such items; empty for anything else. */
export function listOf<T>(item: Reader<T>) {
  return (value: unknown): readonly T[] => (Array.isArray(value) ? value.map(item) : []);
}

export const asTexts: Reader<readonly string[]> = (value) =>
  listOf(asText)(value).filter((each) => each !== '');

/** The value where it is an object, else an empty one. */
export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** An object with these parts and no others. */
export function objectOf<Shape extends Record<string, Reader<unknown>>>(shape: Shape) {
  type Parts = { [Name in keyof Shape]: Read<Shape[Name]> };
  const parts = Object.entries(shape);
  return (value: unknown): Parts =>
    Object.fromEntries(parts.map(([name, read]) => [name, read(record(value)[name])])) as Parts;
}

export function all<Name extends string, T>(read: Reader<T>, ...names: Name[]) {
  return Object.fromEntries(names.map((name) => [name, read])) as Record<Name, Reader<T>>;
}

/** The same, or null where there is no object. */
export function orNull<T>(read: Reader<T>) {
  return (value: unknown): T | null => (isRecord(value) ? read(value) : null);
}

/** Orders of the list. `spread` mixes the ranks: whatever its first companies are, they come from all of the list. */
export const readOrder = objectOf({
  sort: asOneOf(['name', 'domain', 'country', 'employees', 'funding', 'reason', 'verdict', 'spread'], 'row'),
  descending: asFlag,
});
export type TableOrder = Read<typeof readOrder>;
export type Sort = TableOrder['sort'];

/** What of a job's companies is shown; a part that is empty leaves nothing out. */
export const readSelection = objectOf({
  search: asText,
  ...all(asTexts, 'countries', 'sizes', 'stages'),
  verdicts: listOf(asOneOf(VERDICTS, 'open')),
  known: asOneOf(['new', 'known', 'maybe'], ''),
  /** Such as "1-180"; empty for all. */
  ranks: asText,
  /** `model`: only what the model judged and the user has not confirmed. */
  by: asOneOf(['model'], ''),
  /** Also companies that an earlier row is about. */
  duplicates: asFlag,
});
export type ShownSelection = Read<typeof readSelection>;

const bucket = objectOf({ value: asText, label: asText, count });
export type Bucket = Read<typeof bucket>;

const counts = objectOf(
  all(count, 'companies', ...VERDICTS, 'open', 'duplicates', 'known', 'known_maybe', 'by_model'),
);
/** How many companies a job has of each kind, duplicates too; `by_model` waits for the user's yes. */
export type Counts = Read<typeof counts>;

const facets = objectOf({
  verdicts: objectOf(all(count, ...VERDICTS, 'open')),
  ...all(listOf(bucket), 'countries', 'sizes', 'stages'),
});
/** Companies by value, each list counted under the other filters of a selection and not under its own. */
export type Facets = Read<typeof facets>;

/** `view_status`: where a job stands, and what its companies are like. */
export const readStatus = objectOf({
  ...all(asText, 'job_id', 'title', 'status'),
  /** Whether no job was asked for, and this is the one submitted last. */
  newest: asFlag,
  /** The search in the user's words; empty where only seeds were given. */
  query: asText,
  terminal: asFlag,
  /** Whether its companies are all there, with their ranks, and can be judged, filtered and exported. */
  final: asFlag,
  ...all(textOrNull, 'submitted_at', 'stage', 'error_message'),
  ...all(asNumber, 'processed', 'requested', 'readable', 'credits_at_least'),
  revision: asText,
  counts: orNull(counts),
  facets: orNull(facets),
  /** How much of the list is right by the verdicts so far, in words; empty before there are any. */
  fit: asText,
  /** What `view_session` kept for this job, where it was asked for. */
  session: textOrNull,
  notices: asTexts,
});
export type StatusAnswer = Read<typeof readStatus>;

const readCompany = objectOf({
  row: count,
  name: (value) => asText(value) || 'unnamed company',
  ...all(asText, 'domain', 'country', 'funding_stage', 'match_reason'),
  employees: asNumber,
  /** What the company says of itself; only where long texts were asked for. */
  says: asText,
  verdict: asOneOf(VERDICTS, null),
  /** Who judged it: the model's verdicts wait for the user's yes. */
  by: asOneOf(['user', 'model'], null),
  reason: asText,
  is_seed: asFlag,
  same_as: asNumber,
  known_in: asTexts,
  /** Entries of other lists that it may be: list, entry and why. */
  known_like: asTexts,
  /** What tells it apart while its rank may change; empty where nothing does, and where ranks stay. */
  key: asText,
});
export type ShownCompany = Read<typeof readCompany>;

/** `view_rows`: a page of companies, each a list of cells, which are named by `columns` as in `Company`. */
const rowsAnswer = objectOf({
  job_id: asText,
  columns: asTexts,
  rows: listOf(listOf((cell) => cell)),
  /** Companies that the selection leaves, on all pages. */
  matching: count,
  /** Of those, how many stand before the first of these. */
  offset: count,
  hidden_duplicates: count,
});
export type RowsAnswer = Read<typeof rowsAnswer>;

/** The same with the companies by column, whatever columns there are: all that is known of one, where one is asked for. */
export function readFacts(value: unknown) {
  const { columns, rows, ...facts } = rowsAnswer(value);
  const cellsOf = (cells: readonly unknown[]) => columns.map((column, at) => [column, cells[at]]);
  return { ...facts, rows: rows.map((cells) => record(Object.fromEntries(cellsOf(cells)))) };
}

export function readRows(value: unknown) {
  const { rows, ...facts } = readFacts(value);
  return { ...facts, rows: rows.map(readCompany) };
}
export type RowsRead = ReturnType<typeof readRows>;

/**
 * `view_rows`: where a page begins. At most one of these; the first page without any. A row named here need not be
 * one that the selection leaves, so that a list that shrinks while it is worked on skips nobody.
 */
export interface PagePlace {
  offset?: number | undefined;
  /** The companies behind this row. */
  after?: number | undefined;
  /** The page that ends before this row. */
  before?: number | undefined;
  /** The page that begins with this row, or the next that fits. */
  from?: number | undefined;
  rows?: readonly number[] | undefined;
}

/** `view_mark`: `marked` rows were marked, or have their marks as before. */
export const readMarked = objectOf({ ...all(asText, 'job_id', 'fit', 'revision'), marked: count, counts });
export type MarkAnswer = Read<typeof readMarked>;

/** `view_export`: the file on the server's machine. */
export const readExport = objectOf({
  job_id: asText,
  export: objectOf({ path: asText, uri: asText, rows: count }),
  notices: asTexts,
});
export type ExportAnswer = Read<typeof readExport>;

/** `view_domains`: a part of the domains of a selection, each once; the next one begins at `next_offset`. */
export const readDomains = objectOf({ job_id: asText, domains: asTexts, next_offset: asNumber });
export type DomainsAnswer = Read<typeof readDomains>;
