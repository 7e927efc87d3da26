import { setOf } from '../lib/text.ts';

/** A column with its declared type, as `sqlite3` shows it. */
export interface Column {
  name: string;
  /** BLOB for what is kept as it came, be it a number or a text: any other would make the one of the other. */
  type: string;
}

/** Columns by their names, with a type behind a colon where that is not TEXT. */
function columns(...lines: string[]): Column[] {
  return lines.flatMap((line) =>
    line.split(' ').map((each) => {
      const [name = '', type = 'TEXT'] = each.split(':');
      return { name, type };
    }),
  );
}

export const columnNames = (columns: ReadonlyArray<{ name: string }>): string[] =>
  columns.map(({ name }) => name);

/** Fields of a row that upstream is known to send (contract, "Rows"); others are kept in `extra`. */
export const UPSTREAM_COLUMNS = columns(
  'name domain linkedin_url headquarters hq_city hq_region hq_country employee_count:BLOB funding_stage',
  'revenue_usd:BLOB linkedin_follower_count:BLOB industries match_reason tagline description',
);

/** Columns by the names that upstream's rows have for the same (contract, "Rows"). */
export const UPSTREAM_NAMES: ReadonlyMap<string, string> = new Map([
  ['employee_count', 'employees'],
  ['linkedin_follower_count', 'linkedin_followers'],
  ['hq_city', 'city'],
  ['hq_region', 'state'],
  ['hq_country', 'country'],
]);

/** Columns that hold text for people, which is compared and ordered as people do. */
export const TEXT_COLUMNS = setOf(
  'name city state headquarters country region label domain tagline description match_reason role reason',
);

/** Fields of a row that have a column of their own. */
export const NAMED: ReadonlySet<string> = new Set(columnNames(UPSTREAM_COLUMNS));

/** What stands in the views as it was derived, in this order. */
const COMPANY = columns(
  'company_key name domain headquarters city state country country_code region in_eu:INTEGER',
  'headquarters_country employees:INTEGER employees_min:INTEGER employees_max:INTEGER funding_stage',
  'revenue_usd:REAL linkedin_url linkedin_followers:INTEGER',
);

/** What `companyOf`, the other rows of the list and the seeds of its search make of a row. */
export const DERIVED_COLUMNS = [
  ...COMPANY,
  ...columns('is_seed:INTEGER same_as:INTEGER industries identity_keys'),
];

/** The columns of the view `companies` in a list's file. */
export const FILE_COLUMNS = [
  ...columns('row:INTEGER'),
  ...COMPANY,
  ...columns('industries match_reason tagline description is_seed:INTEGER same_as:INTEGER extra'),
];

/** Of these, long texts: looked up where a question uses them, since the others are read a few times as fast without. */
export const LONG_COLUMNS = setOf('match_reason tagline description extra');

export const KNOWN_COLUMNS = columns('known_in known_maybe known_like');

/** Columns of the other lists at hand that have a company. */
export const SHARED_COLUMNS = columns('also_in also_in_labels');

export const MARK_COLUMNS = columns('verdict role score:REAL reason marked_at');

const LIST_COLUMNS = columnNames([...SHARED_COLUMNS, ...KNOWN_COLUMNS]);
/** Columns that hold JSON arrays. */
export const ARRAY_COLUMNS: ReadonlySet<string> = new Set(['industries', ...LIST_COLUMNS]);
export const MARK_NAMES = columnNames(MARK_COLUMNS);

/** Columns of `companies` as questions see it, in their order. */
export const COMPANY_COLUMNS: readonly string[] = [
  'job_id',
  'label',
  ...columnNames(FILE_COLUMNS).filter((name) => name !== 'extra'),
  ...LIST_COLUMNS,
  ...MARK_NAMES,
  'extra',
];

/** Columns of the table `about`. */
export const ABOUT_COLUMNS = columns(
  'rules:INTEGER job_id label submitted_at query seed_domains requested_limit:INTEGER request status manifest',
  'processed:INTEGER progress_message error_message companies:INTEGER credits:REAL whole:INTEGER why doubts',
  'addressing_assistant kept_at',
);

/** What of it is for programs alone. */
const INSIDE = setOf(
  'rules request manifest processed progress_message error_message why addressing_assistant kept_at',
);

/** Columns of `jobs`. */
export const JOB_COLUMNS = ABOUT_COLUMNS.filter(({ name }) => !INSIDE.has(name));

/** Columns that `distinct_companies` has of the best row of each company. */
export const DISTINCT_COLUMNS = COMPANY_COLUMNS.filter(
  (name) => !['row', 'same_as', ...columnNames(SHARED_COLUMNS)].includes(name),
);

export const TABLES = [
  { name: 'companies', columns: COMPANY_COLUMNS },
  { name: 'distinct_companies', columns: ['lists', 'best_row', ...DISTINCT_COLUMNS] },
  { name: 'jobs', columns: columnNames(JOB_COLUMNS) },
];

/** Columns that hold numbers. */
export const NUMBER_COLUMNS: ReadonlySet<string> = new Set(
  columnNames([...FILE_COLUMNS, ...MARK_COLUMNS, ...ABOUT_COLUMNS].filter(({ type }) => type !== 'TEXT')),
);

export const ALL_COLUMNS: ReadonlySet<string> = new Set(TABLES.flatMap(({ columns }) => columns));

/** Columns of a CREATE TABLE. */
export function declared(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
}

/** A text, or none, as a statement has it. */
export function sqlLiteral(value: string | null): string {
  return value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}

/** Rows of a list by rank, both ends included; in order and apart from each other. */
export type Ranks = ReadonlyArray<{ from: number; to: number }>;

/** The condition that a row is among these, as a statement has it. @param column The rank. */
export function isAmong(ranks: Ranks, column: string): string {
  return `(${ranks.map(({ from, to }) => `${column} BETWEEN ${from} AND ${to}`).join(' OR ')})`;
}
