import { stringify } from 'csv-stringify/sync';

// A cell that a spreadsheet would take for a formula, by its own first characters or once the marks that we
// put before such cells are taken off again. White space before the sign does not stop every program.
const FORMULA = /^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/** How many Excel takes in one cell is 32,767. Characters. */
export const MAX_CELL = 32_000;

/**
 * Text that no spreadsheet runs: one `'` is put before what could be a formula. `restoreCell` takes exactly
 * that one off again, so nothing is lost.
 */
export function neutralizeCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that `neutralizeCell` was given. */
export function restoreCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** A value as text: lists of plain values joined by "; ", anything deeper as JSON, null as nothing. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.map(String).join('; ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** First bytes of a CSV file: without this mark Excel does not read it as UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff';

/** Lines of RFC 4180 CSV, each ended by CRLF. A number stays as it is, even a negative one. */
export function csvLines(rows: ReadonlyArray<readonly unknown[]>): string {
  return stringify(
    rows.map((row) =>
      row.map((value) => (typeof value === 'number' ? String(value) : neutralizeCell(cellText(value)))),
    ),
    { record_delimiter: 'windows', quoted_match: /^\s|\s$|^'/ },
  );
}
