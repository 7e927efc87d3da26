import { LINKEDIN } from '../../companies/identity.ts';
import type { ListEntry } from '../../disk/known-lists.ts';
import { openImport } from '../../files/import-file.ts';
import { readJson } from '../../files/import-json.ts';
import { cellsOf, delimiterOf, readTable, rowOf, type TableRow } from '../../files/table.ts';
import { isRecord } from '../../lib/json.ts';
import { oneLine } from '../../lib/text.ts';
import { type ColumnChoice, columnsOfKeys, headerOf, headersIn, type TakenColumn } from './import-columns.ts';
import { type Cells, entryOf, entryOfText, type Unusable } from './import-entry.ts';

/** Companies as texts, or the bare name of a file in the export folder with what its columns are. */
export type FromSource = { companies: readonly string[] } | { file: string; columns: ColumnChoice };

/** Entries of one kind, with the first of them. */
class Unused {
  rows = 0;
  readonly examples: Array<{ line: number; text: string }> = [];
}

/** What there is to tell of what was read. */
export class Source {
  /** Rows or texts that were read, header and blank lines aside. */
  read = 0;
  /** Of those, the ones that name a company. */
  used = 0;
  readonly unusable: Readonly<Record<Unusable, Unused>> = {
    empty: new Unused(),
    freemail: new Unused(),
    shared: new Unused(),
    no_company: new Unused(),
  };
  /** Blank lines, and lines that repeat the header. */
  blank = 0;
  headers_again = 0;
  /** Lines that were read by another separator than the file's, as they have a company only so. */
  other_separator = 0;
  /** The line of the header, how many lines with text stood above it, and the first of these; null without a header. */
  header: { line: number; above: number; title: string | null; lines: number } | null = null;
  /** Of those used, companies of which only the name is known, and the first of them. */
  name_only = 0;
  readonly names: string[] = [];
  columns: Array<Pick<TakenColumn, 'column' | 'taken_as'>> = [];
  /** How the file's text was written, where that is not UTF-8; and whether some bytes of it are none. */
  encoding: string | null = null;
  faulty = false;
  /** The first three companies. */
  readonly examples: Array<{ domain: string | null; linkedin: string | null; name: string | null }> = [];
}

const EXAMPLES = 3;
const MAX_NAMES = 10;
/** Rows at a table's beginning among which its header is. */
const FIRST_ROWS = 40;
/** Rows between two looks at whether the call was cancelled. */
const CHECK_EVERY = 1_000;
/** What parts the cells of a line, in files that are written by hand. */
const SEPARATORS = [',', ';', '\t', '|'];
/** A longer line is none of those. Characters. */
const LONGEST_LINE = 4_000;

interface Reading {
  choice: ColumnChoice;
  signal: AbortSignal;
  take: (entry: ListEntry) => void;
}

/**
 * Reads what is imported, entry by entry.
 *
 * @param directory The export folder, outside of which no file is read.
 * @throws {OpenFunnelError} `invalid_input` for what can't be read; the signal's reason; and what `take` throws.
 */
export async function readSource(
  directory: string,
  from: FromSource,
  signal: AbortSignal,
  take: (entry: ListEntry) => void,
): Promise<Source> {
  const choice = 'columns' in from ? from.columns : {};
  const reader = new Reader({ choice, signal, take });
  const { source } = reader;
  if ('companies' in from) {
    for (const [index, text] of from.companies.entries()) reader.value(text, index + 1);
    return source;
  }
  const file = await openImport(directory, from.file);
  try {
    if (file.encoding !== 'utf-8') source.encoding = file.encoding;
    source.faulty = file.faulty;
    if (file.format === 'csv') {
      const delimiter = delimiterOf(file.start, file.name, (cells) => headersIn(cells, choice));
      await readTable(file.pieces(), file.pieceEncoding, delimiter, (row) => reader.row(row));
      reader.begin();
    } else await readJson(file, (value, line) => reader.value(value, line));
  } finally {
    await file.close();
  }
  return source;
}

class Reader {
  readonly #reading: Reading;
  /** The first rows of a table, until its header is found among them. */
  #first: Array<{ cells: readonly string[]; line: number }> | null = [];
  #columns: readonly TakenColumn[] = [];
  #header: readonly string[] = [];
  /** The keys of the object that the columns are of. */
  #keys: readonly string[] | null = null;
  readonly source = new Source();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  row(row: TableRow): void {
    if (this.#first === null) {
      this.#row(row);
      return;
    }
    this.#first.push({ cells: cellsOf(row), line: row.line });
    if (this.#first.length >= FIRST_ROWS) this.begin();
  }

  /** Finds the header among the first rows, and takes the rows behind it; once, and at the end of a shorter table. */
  begin(): void {
    if (this.#first === null || this.#first.length === 0) return;
    // Excel's line that names the sign between cells is none of the table's.
    const rows = this.#first.filter(({ cells }, index) => index > 0 || !/^\s*sep=/i.test(cells[0] ?? ''));
    this.#first = null;
    const { columns, at, from } = headerOf(
      rows.map(({ cells }) => cells),
      this.#reading.choice,
    );
    this.#columns = columns;
    this.source.columns = columns.map(({ column, taken_as }) => ({ column, taken_as }));
    const above = rows.slice(0, at ?? 0).map(({ cells }) => shownRow(cells));
    const titles = above.filter((text) => text !== '');
    this.source.blank += above.length - titles.length;
    if (at !== null) {
      const { cells = [], line = 1 } = rows[at] ?? {};
      this.#header = cells;
      this.source.header = { line, above: titles.length, title: titles[0] ?? null, lines: from - at };
    }
    for (const { cells, line } of rows.slice(from)) this.#row(rowOf(cells, line));
  }

  #row(row: TableRow): void {
    const found = this.#ofRow(row);
    if (namesKeys(found)) {
      this.#count(found, row.line, '');
      return;
    }
    const cells = cellsOf(row);
    const text = shownRow(cells);
    const header = this.#header;
    if (text === '') this.source.blank += 1;
    else if (cells.length === header.length && cells.every((cell, index) => cell === header[index]))
      this.source.headers_again += 1;
    else {
      const parted = this.#parted(cells);
      if (parted !== undefined) this.source.other_separator += 1;
      this.#count(parted ?? found, row.line, text);
    }
  }

  #ofRow(row: TableRow): ListEntry | Unusable {
    const taken: Cells = { domain: '', website: '', name: '', linkedin: '', email: '' };
    for (const { taken_as, index } of this.#columns) taken[taken_as] = both(taken[taken_as], row.cell(index));
    return entryOf(taken);
  }

  /** What a line of one cell says by another separator: where that gives the header's cells, and says which company. */
  #parted([only = '', ...others]: readonly string[]): ListEntry | undefined {
    const width = this.#header.length;
    if (width < 2 || shownRow(others) !== '' || only.length > LONGEST_LINE) return undefined;
    return SEPARATORS.map((separator) => only.split(separator))
      .filter((parts) => parts.length === width)
      .map((parts) => this.#ofRow(rowOf(parts, 0)))
      .find(namesKeys);
  }

  /** An entry of a JSON file or of a call: a text, or an object whose fields are its columns. */
  value(value: unknown, line: number): void {
    const found = typeof value === 'string' ? entryOfText(value) : this.#ofObject(value);
    if (typeof value === 'string') this.#count(found, line, value);
    else this.#count(found, line, typeof found === 'string' ? JSON.stringify(value) : '');
  }

  #ofObject(value: unknown): ListEntry | Unusable {
    if (typeof value !== 'object' || value === null) return 'no_company';
    const fields = fieldsOf(value);
    const keys = fields.map(([key]) => key);
    if (keys.join('\n') !== this.#keys?.join('\n')) this.#columns = this.#columnsOf(keys);
    this.#keys = keys;
    return this.#ofRow(
      rowOf(
        fields.map(([, field]) => textIn(field)),
        0,
      ),
    );
  }

  /** What the fields of an object are; where objects differ, what any of them has is told. */
  #columnsOf(keys: readonly string[]): TakenColumn[] {
    const columns = columnsOfKeys(keys, this.#reading.choice, this.#keys === null);
    const told = this.source.columns;
    for (const { column, taken_as } of columns) {
      if (!told.some((other) => other.column === column && other.taken_as === taken_as))
        told.push({ column, taken_as });
    }
    return columns;
  }

  /** @param text What stands there, for examples. */
  #count(found: ListEntry | Unusable, line: number, text: string): void {
    const { source } = this;
    source.read += 1;
    if (source.read % CHECK_EVERY === 0) this.#reading.signal.throwIfAborted();
    if (typeof found === 'string') {
      const { examples } = source.unusable[found];
      source.unusable[found].rows += 1;
      if (examples.length < EXAMPLES) examples.push({ line, text: oneLine(text, 80) });
      return;
    }
    const { keys, name } = found;
    source.used += 1;
    if (keys.length === 0) {
      source.name_only += 1;
      if (source.names.length < MAX_NAMES && name !== null) source.names.push(name);
    }
    if (source.examples.length < EXAMPLES) {
      const page = keys.find((key) => key.startsWith(LINKEDIN));
      source.examples.push({
        domain: keys.find((key) => !key.startsWith(LINKEDIN)) ?? null,
        linkedin: page?.slice(LINKEDIN.length) ?? null,
        name,
      });
    }
    this.#reading.take(found);
  }
}

/** Whether it says which company it is, by more than a name. */
function namesKeys(found: ListEntry | Unusable): found is ListEntry {
  return typeof found !== 'string' && found.keys.length > 0;
}

/** Cells of one kind as one; what is not there adds nothing. */
function both(one: string, other: string): string {
  if (one === '' || one.trim() === '') return other;
  return other.trim() === '' ? one : `${one} ; ${other}`;
}

/** Under these keys programs hold a company's fields together. */
const GROUPS =
  /^(?:company|organi[sz]ation|account|properties|fields|attributes|data|values|record|columns|customer)$/i;

/** The fields of an object, those that it holds together behind its own. */
function fieldsOf(value: object): Array<[string, unknown]> {
  const entries: Array<[string, unknown]> = Object.entries(value);
  const inside = entries.flatMap(([key, group]) =>
    GROUPS.test(key) && isRecord(group) ? Object.entries(group) : [],
  );
  return inside.length === 0
    ? entries
    : [...entries.filter(([, field]) => !isRecord(field) && field !== null), ...inside];
}

/** The texts of a field as one cell. */
function textIn(field: unknown): string {
  return [field]
    .flat()
    .filter((each) => typeof each === 'string')
    .join(' ; ');
}

/** The cells of a row that are not blank, as one text. */
function shownRow(cells: readonly string[]): string {
  return cells
    .filter((cell) => cell.trim() !== '')
    .join(', ')
    .slice(0, 400);
}
