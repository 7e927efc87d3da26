import { cellText } from '../files/csv.ts';
import { oneLine, tableCell } from '../lib/text.ts';

/** A table a model reads cheaply: one row a line, cells parted by bars, nothing for null. */
export function renderTable(
  columns: readonly string[],
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
): string {
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => rowLine(cells))
    .join('\n');
}

/** A row of such a table. @param maxCell Longest cell: a text of a field, with what says that it was cut. Characters. */
export function rowLine(cells: readonly unknown[], maxCell = 4_100): string {
  return cells.map((cell) => tableCell(cellText(cell), maxCell)).join('|');
}

/** Names that the caller gave, in quotes, the first few of them. */
export function renderNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(oneLine(name, 60)));
  return shown.join(', ') + (names.length > shown.length ? ' …' : '');
}
