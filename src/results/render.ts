import { oneLine, tableCell } from '../lib/text.ts';

/** A table a model reads cheaply: one row a line, cells parted by bars, nothing for null. */
export function renderTable(
  columns: readonly string[],
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join('|'));
  return [columns.map((column) => tableCell(column, 60)).join('|'), ...lines].join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return tableCell(value, 4_000);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return tableCell(value.join('; '), 4_000);
  return tableCell(JSON.stringify(value), 4_000);
}

/** Names that the caller gave, in quotes, the first few of them. */
export function renderNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(oneLine(name, 60)));
  return shown.join(', ') + (names.length > shown.length ? ' …' : '');
}
