import { later } from '../lib/later.ts';
import { CUT_MARK, cutText } from '../lib/text.ts';

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

// What parts cells to one program or another, with all that may stand between it and the sign of a formula. Without
// one it is matched too, so that no part of it is looked at twice.
const PARTING = /[,;\t\r\n][\s'",;]*[=+\-@＝＋－＠]?/g;
const SIGN = /[=+\-@＝＋－＠]$/;
const PARTS = /[,;\t\r\n]/g;

/**
 * Text whose parts no spreadsheet runs either, should it part the cells by another delimiter than the file's: quotes
 * do not hold such a text together then. One `'` is put behind each delimiter that a formula could follow.
 */
export function neutralizeParts(text: string): string {
  return text.replace(PARTING, (run) => (SIGN.test(run) ? run.replace(PARTS, "$&'") : run));
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

export const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export interface CsvStyle {
  delimiter: Delimiter;
  bom: boolean;
}

/** As most programs read it. */
export const PLAIN_CSV: CsvStyle = { delimiter: ',', bom: true };

// Quoted whatever the delimiter is: what could be one to another program, and what would lose its spaces.
const QUOTED = /^\s|\s$|^'|[\r\n,;\t]/;

const csvStringify = later(() => import('csv-stringify/sync'));

/** What writes rows as lines of RFC 4180 CSV, each ended by CRLF. A number stays as it is, even a negative one. */
export async function openCsvWriter(delimiter: Delimiter = ',') {
  const { stringify } = await csvStringify();
  // Commas are what a program expects that asks for no delimiter, so quotes hold there.
  const within = delimiter === ',' ? (text: string) => text : neutralizeParts;
  const cell = (value: unknown) =>
    typeof value === 'number'
      ? String(value)
      : neutralizeCell(within(cutText(cellText(value), MAX_CELL, CUT_MARK)));
  const style = { delimiter, record_delimiter: 'windows', quoted_match: QUOTED } as const;
  return (rows: ReadonlyArray<readonly unknown[]>) =>
    stringify(
      rows.map((row) => row.map(cell)),
      style,
    );
}
