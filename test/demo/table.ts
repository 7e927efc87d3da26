import { cutText, oneLine } from '../../src/lib/text.ts';

export interface Column {
  title: string;
  field: string;
  /** Longest text shown. Characters. */
  width: number;
  align?: 'right';
}

/** Lines of a table: titles, a rule, a line a row. What a row does not have is a dash. */
export function renderTable(
  columns: readonly Column[],
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cell(row[column.field], column.width)));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const lay = (line: readonly string[]) =>
    columns
      .map((column, at) => {
        const text = line[at] ?? '';
        return column.align === 'right' ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [
    lay(columns.map((column) => column.title)),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...cells.map(lay),
  ];
}

function cell(value: unknown, width: number): string {
  if (value === null || value === undefined || value === '') return '–';
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= width ? text : cutText(text, width - 1);
}
