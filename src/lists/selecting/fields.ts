import { companyOf } from '../../companies/company.ts';
import { jsonIn } from '../../lib/json.ts';
import type { Row } from '../../openfunnel/wire.ts';
import { ARRAY_COLUMNS, COMPANY_COLUMNS, FILE_COLUMNS, NAMED, UPSTREAM_NAMES } from '../../sql/columns.ts';
import type { SqlValue } from '../../sql/messages.ts';
import type { Call, CollectedList } from '../collected-list.ts';

// A company's fields have one name each, the column's of `companies`, wherever they are shown or written.

/** The fields of a company that have a column, in order. */
export const COMPANY_FIELDS: readonly string[] = FILE_COLUMNS.map(({ name }) => name).filter(
  (name) => name !== 'row' && name !== 'extra',
);

/** Fields that say how a company is told apart, or the same in another form: in files only where they are asked for. */
export const ASKED_FOR: ReadonlySet<string> = new Set(
  'company_key in_eu headquarters_country employees_min employees_max is_seed same_as'.split(' '),
);

export const FILE_FIELDS: readonly string[] = COMPANY_FIELDS.filter((name) => !ASKED_FOR.has(name));

/** A field by the name that it has here, whatever name the caller gave it. */
export function fieldName(name: string): string {
  return UPSTREAM_NAMES.get(name) ?? name;
}

/** The name under which a field that has no column stands beside those that have: never theirs. */
export function extraName(name: string): string {
  return COMPANY_COLUMNS.includes(name) || name === 'company' ? `upstream_${name}` : name;
}

/** A company with its fields by name; those that no column is for stand behind the others. */
export type CompanyRow = Readonly<Record<string, unknown>>;

/** A company with its number in the whole list, from 1. */
export interface NumberedCompany {
  row: number;
  company: CompanyRow;
}

/** The fields of a row that was read page by page, by the names that they have in a list. */
export function fieldsOf(row: Row): CompanyRow {
  const fields: Record<string, unknown> = Object.create(null);
  const known = new Map(Object.entries(companyOf(row)));
  for (const name of COMPANY_FIELDS) if (known.has(name)) fields[name] = known.get(name) ?? null;
  for (const [name, value] of Object.entries(row)) if (!NAMED.has(name)) fields[extraName(name)] = value;
  return fields;
}

/** Nothing of a value is cut here: JSON that is cut is none. Characters. */
export const MAX_VALUE = 1_000_000;

/** Rows of a list by their numbers, with all their fields; numbers that it does not have are passed over. */
export async function rowsOfList(
  list: CollectedList,
  numbers: readonly number[],
  call: Call,
): Promise<NumberedCompany[]> {
  if (numbers.length === 0) return [];
  const names = [...COMPANY_FIELDS, 'extra'];
  const sql = `SELECT ${names.map((name) => `"${name}"`).join(', ')}, "row" FROM companies
    WHERE "row" IN (${numbers.map(Number).join(', ')})`;
  const rows = await list.rows(sql, { ...call, maxText: MAX_VALUE });
  const found = new Map(rows.map((values) => [Number(values.at(-1)), companyFrom(names, values)]));
  return numbers.flatMap((row) => {
    const company = found.get(row);
    return company === undefined ? [] : [{ row, company }];
  });
}

/** A row of a statement as a company: lists as lists, and fields without a column behind the others. */
export function companyFrom(names: readonly string[], values: readonly SqlValue[]): CompanyRow {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [at, name] of names.entries()) {
    const value = values[at] ?? null;
    if (name !== 'extra') fields[name] = ARRAY_COLUMNS.has(name) ? listIn(value) : value;
    else for (const [key, each] of Object.entries(objectIn(value))) fields[extraName(key)] = each;
  }
  return fields;
}

/** A text that a statement gave, or null. */
export function textOf(value: SqlValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** The texts of a list that a statement gave as JSON. */
export function textsOf(value: SqlValue | undefined): string[] {
  const list = listIn(value ?? null);
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

/** The list that a JSON text holds, or the value itself. */
export function listIn(value: SqlValue): unknown {
  return typeof value === 'string' && value.startsWith('[') ? (jsonIn(value) ?? value) : value;
}

function objectIn(value: SqlValue): object {
  return typeof value === 'string' ? Object(jsonIn(value)) : {};
}
