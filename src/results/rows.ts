import { cellText } from '../files/csv.ts';
import { cutWords, oneLine, quoted, tableCell } from '../lib/text.ts';
import { ASKED_FOR, type CompanyRow, fieldName, type NumberedCompany } from '../lists/selecting/fields.ts';
import { type Part, part } from './answer.ts';

/** The fields that an agent needs to choose companies by; `description` and the like cost 20 times that. */
const DEFAULT_FIELDS = 'name domain headquarters employees funding_stage match_reason'.split(' ');

/** Longest text of one field: by default, where fields are named, and at the least. Characters. */
const DEFAULT_CHARS = 80;
const NAMED_CHARS = 300;
/** Reasons are cut to this where a default result would be too long. Characters. */
export const SHORT_REASON = 40;
const MAX_COLUMNS = 200;

export interface RowStyle {
  /** Undefined is the default, and `all` anywhere gives every field there is. */
  fields?: readonly string[] | undefined;
  maxChars: number;
  /** The same for match_reason, where that is shorter. */
  reasonChars?: number;
  maxColumns?: number;
}

/** The style that a caller's arguments ask for. */
export function rowStyle(args: { fields?: RowStyle['fields']; max_chars?: number | undefined }): RowStyle {
  const { fields, max_chars } = args;
  return { fields, maxChars: max_chars ?? (fields ? NAMED_CHARS : DEFAULT_CHARS) };
}

/** The chosen fields of a row in the chosen order, cleaned and cut. A field that the row does not have is null. */
export function showRow(row: CompanyRow, { fields, maxChars, reasonChars = maxChars }: RowStyle) {
  // What no row says would be a column of nothing.
  const all = () => Object.keys(row).filter((name) => row[name] !== null && !ASKED_FOR.has(name));
  const names = fields?.includes('all')
    ? all().slice(0, MAX_COLUMNS)
    : (fields?.map(fieldName) ?? DEFAULT_FIELDS);
  const shown: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    const chars = name === 'match_reason' ? reasonChars : maxChars;
    shown[name] = Object.hasOwn(row, name) ? cell(row[name], chars) : null;
  }
  return shown;
}

/** A value for one cell: numbers and the like as they are, lists joined, anything deeper as JSON. */
function cell(value: unknown, maxChars: number): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = cellText(Array.isArray(value) ? value.slice(0, 200) : value);
  return cutWords(oneLine(text.slice(0, maxChars * 4 + 100), maxChars * 4), maxChars);
}

/** Companies as both halves of a result carry them: one list of column names, and a list of cells a company. */
export type RowTable = ReturnType<typeof tableOf>;

/** The name of a column, which may be upstream's: what is no plain identifier stands in quotes that it can't close. */
export function columnName(name: string): string {
  return /^[A-Za-z0-9_-]{1,60}$/.test(name) ? name : quoted(name, 60).replaceAll('|', '¦');
}

/** The table of some companies of a list, their rank in it first. */
export function tableOf(companies: readonly NumberedCompany[], style: RowStyle) {
  const all = companies.map(({ row, company }) => ({ row, shown: showRow(company, style) }));
  const names = new Set(all.flatMap(({ shown }) => Object.keys(shown)));
  // A field of that name would be taken for the position.
  names.delete('row');
  const columns = [...names].slice(0, style.maxColumns ?? MAX_COLUMNS);
  return {
    columns: ['row', ...columns.map(columnName)],
    rows: all.map(({ row, shown }) => [row, ...columns.map((name) => shown[name] ?? null)]),
  };
}

/** The rows of a result, in both halves. */
export function rowsPart({ columns, rows }: RowTable, numbers: 'exact' | 'expected'): Part {
  if (rows.length === 0) return part({ columns: [], rows, row_numbers: numbers });
  const head = [`Row numbers are ${numbers}; rows are in order of rank, best first.`, columns.join('|')];
  const lines = rows.map((cells) => rowLine(cells));
  return part({ columns, rows, row_numbers: numbers }, ...head, ...lines);
}

/** A row of a table that a model reads cheaply: cells parted by bars, nothing for null. @param maxCell Longest cell. Characters. */
export function rowLine(cells: readonly unknown[], maxCell = 4_100): string {
  return cells.map((cell) => tableCell(cellText(cell), maxCell)).join('|');
}

/** Names that the caller gave, in quotes, the first few of them. */
export function renderNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(oneLine(name, 60)));
  return shown.join(', ') + (names.length > shown.length ? ' …' : '');
}
