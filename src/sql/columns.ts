/** A column with its declared type, as `sqlite3` shows it. */
export interface Column {
  name: string;
  /** None for what is kept as it came, be it a number or a text: a type would make the one of the other. */
  type: 'TEXT' | 'INTEGER' | 'REAL' | '';
}

const text = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'TEXT' }));
const integer = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'INTEGER' }));

/** Fields of a row that upstream is known to send (contract, "Rows"); others are kept in `extra`. */
export const UPSTREAM_COLUMNS: readonly Column[] = [
  ...text('name', 'domain', 'linkedin_url', 'headquarters', 'hq_city', 'hq_region', 'hq_country'),
  { name: 'employee_count', type: '' },
  ...text('funding_stage'),
  { name: 'revenue_usd', type: '' },
  { name: 'linkedin_follower_count', type: '' },
  ...text('industries', 'match_reason', 'tagline', 'description'),
];

/** Columns that hold text for people, which is compared and ordered as people do. */
export const TEXT_COLUMNS: ReadonlySet<string> = new Set(
  'name city state headquarters country region label domain tagline description match_reason role reason'.split(
    ' ',
  ),
);

/** Fields of a row that have a column of their own. */
export const NAMED: ReadonlySet<string> = new Set(UPSTREAM_COLUMNS.map(({ name }) => name));

/** What stands in the views as it was derived, in this order. */
const COMPANY: readonly Column[] = [
  ...text(
    'company_key',
    'name',
    'domain',
    'headquarters',
    'city',
    'state',
    'country',
    'country_code',
    'region',
  ),
  ...integer('in_eu'),
  ...text('headquarters_country'),
  ...integer('employees', 'employees_min', 'employees_max'),
  ...text('funding_stage'),
  { name: 'revenue_usd', type: 'REAL' },
  ...text('linkedin_url'),
  ...integer('linkedin_followers'),
];

/** What `companyOf`, the other rows of the list and the seeds of its search make of a row. */
export const DERIVED_COLUMNS: readonly Column[] = [
  ...COMPANY,
  ...integer('is_seed', 'same_as'),
  ...text('industries', 'identity_keys'),
];

/**
 * The columns of the view `companies` in a list's file. Long texts are looked up where a question uses them: the others
 * are read a few times as fast without.
 */
export const FILE_COLUMNS: ReadonlyArray<Column & { long?: true }> = [
  ...integer('row'),
  ...COMPANY,
  ...text('industries'),
  { name: 'match_reason', type: 'TEXT', long: true },
  { name: 'tagline', type: 'TEXT', long: true },
  { name: 'description', type: 'TEXT', long: true },
  ...integer('is_seed', 'same_as'),
  { name: 'extra', type: 'TEXT', long: true },
];

/** Columns of the user's own lists. */
export const KNOWN_COLUMNS: readonly Column[] = text('known_in', 'known_maybe', 'known_like');

/** Columns of the other lists at hand that have a company. */
export const SHARED_COLUMNS: readonly Column[] = text('also_in', 'also_in_labels');

/** Columns that marks of this machine bring. */
export const MARK_COLUMNS: readonly Column[] = [
  ...text('verdict', 'role'),
  { name: 'score', type: 'REAL' },
  ...text('reason', 'marked_at'),
];

const namesOf = (columns: readonly Column[]) => columns.map(({ name }) => name);

/** Columns that say which lists have a company, as JSON arrays. */
export const LIST_COLUMNS: readonly string[] = namesOf([...SHARED_COLUMNS, ...KNOWN_COLUMNS]);
export const MARK_NAMES: readonly string[] = namesOf(MARK_COLUMNS);

/** Columns of `companies` as questions see it, in their order. */
export const COMPANY_COLUMNS: readonly string[] = [
  'job_id',
  'label',
  ...namesOf(FILE_COLUMNS).filter((name) => name !== 'extra'),
  ...LIST_COLUMNS,
  ...MARK_NAMES,
  'extra',
];

/** Columns of the table `about`. */
export const ABOUT_COLUMNS: readonly Column[] = [
  ...integer('rules'),
  ...text('job_id', 'label', 'submitted_at', 'query', 'seed_domains'),
  ...integer('requested_limit'),
  ...text('request', 'status', 'manifest'),
  ...integer('processed'),
  ...text('progress_message', 'error_message'),
  ...integer('companies'),
  { name: 'credits', type: 'REAL' },
  ...integer('whole'),
  ...text('why', 'doubts', 'addressing_assistant', 'kept_at'),
];

/** What of it is for programs alone. */
const INSIDE = new Set(
  'rules request manifest processed progress_message error_message why addressing_assistant kept_at'.split(
    ' ',
  ),
);

/** Columns of `jobs`. */
export const JOB_COLUMNS: readonly Column[] = ABOUT_COLUMNS.filter(({ name }) => !INSIDE.has(name));

/** Columns of a CREATE TABLE. */
export function declared(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `"${name}" ${type}`.trimEnd()).join(', ');
}

/** A text, or none, as a statement has it. */
export function sqlLiteral(value: string | null): string {
  return value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}

/** Rows of a list by rank, both ends included; in order and apart from each other. */
export type Ranks = ReadonlyArray<{ from: number; to: number }>;

/** Whether a row is one of these ranks: `isAmong` outside of SQL. */
export function hasRank(ranks: Ranks, row: number): boolean {
  return ranks.some(({ from, to }) => row >= from && row <= to);
}

/** The condition that a row is among these, as a statement has it. @param column The rank. */
export function isAmong(ranks: Ranks, column: string): string {
  return `(${ranks.map(({ from, to }) => `${column} BETWEEN ${from} AND ${to}`).join(' OR ')})`;
}
