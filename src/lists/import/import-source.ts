import type { ListEntry } from '../../disk/known-lists.ts';
import type { ImportFile } from '../../files/import-file.ts';
import { readJson } from '../../files/import-json.ts';
import { cellsOf, delimiterOf, readTable, rowOf, type TableRow } from '../../files/table.ts';
import { oneLine } from '../../lib/text.ts';
import { type ColumnChoice, columnsOfKeys, headerOf, headersIn, type TakenColumn } from './import-columns.ts';
import { type Cells, entryOf, entryOfText, type Unusable } from './import-entry.ts';

/** Companies as texts, or the bare name of a file in the export folder with what its columns are. */
export type FromSource = { companies: readonly string[] } | { file: string; columns: ColumnChoice };

/** Entries of one kind, with the first of them. */
export interface Unused {
  rows: number;
  examples: Array<{ line: number; text: string }>;
}

/** What there is to tell of what was read. */
export interface Source {
  /** Rows or texts that were read, header and blank lines aside. */
  read: number;
  /** Of those, the ones that name a company. */
  used: number;
  unusable: Record<Unusable, Unused>;
  /** Blank lines, and lines that repeat the header. */
  blank: number;
  headers_again: number;
  /** Lines that were read by another separator than the file's, as they have a company only so. */
  other_separator: number;
  /** The line of the header, how many lines with text stood above it, and the first of these; null without a header. */
  header: { line: number; above: number; title: string | null; lines: number } | null;
  /** Of those used, companies of which only the name is known, and the first of them. */
  name_only: number;
  names: string[];
  columns: Array<Pick<TakenColumn, 'column' | 'taken_as'>>;
  /** How the file's text was written, where that is not UTF-8; and whether some bytes of it are none. */
  encoding: string | null;
  faulty: boolean;
  /** The first three companies. */
  examples: Array<{ domain: string | null; linkedin: string | null; name: string | null }>;
}

const EXAMPLES = 3;
const MAX_NAMES = 10;
/** Rows at a table's beginning among which its header is. */
const FIRST_ROWS = 40;
/** Kinds of objects in a JSON file that are remembered. */
const MAX_SHAPES = 1_000;
/** Rows between two looks at whether the call was cancelled. */
const CHECK_EVERY = 1_000;
const PAGE = 'linkedin:';
/** What parts the cells of a line, in files that are written by hand. */
const SEPARATORS = [',', ';', '\t', '|'];
/** A longer line is none of those. Characters. */
const LONGEST_LINE = 4_000;

/**
 * Reads what is imported, entry by entry.
 *
 * @throws {OpenFunnelError} `invalid_input` for what can't be read; the signal's reason; and what `take` throws.
 */
export async function readSource(
  file: ImportFile | null,
  from: FromSource,
  signal: AbortSignal,
  take: (entry: ListEntry) => void,
): Promise<Source> {
  const choice = 'columns' in from ? from.columns : {};
  const reader = new Reader(choice, signal, take);
  if ('companies' in from) {
    for (const [index, text] of from.companies.entries()) reader.count(entryOfText(text), index + 1, [text]);
  }
  if (file !== null) {
    const { source } = reader;
    if (file.encoding !== 'utf-8') source.encoding = file.encoding;
    source.faulty = file.faulty;
    if (file.format === 'csv') {
      const delimiter = delimiterOf(file.start, file.name, (cells) => headersIn(cells, choice));
      await readTable(file.pieces(), file.pieceEncoding, delimiter, (row) => reader.row(row));
      reader.begin();
    } else await readJson(file, (value, line) => reader.value(value, line));
  }
  return reader.source;
}

class Reader {
  readonly #choice: ColumnChoice;
  readonly #signal: AbortSignal;
  readonly #take: (entry: ListEntry) => void;
  /** The first rows of a table, until its header is found among them. */
  #first: Array<{ cells: readonly string[]; line: number }> | null = [];
  #columns: readonly TakenColumn[] = [];
  #header: readonly string[] = [];
  /** The columns of objects by their keys. */
  readonly #shapes = new Map<string, TakenColumn[]>();
  readonly source: Source = {
    read: 0,
    used: 0,
    unusable: { empty: unused(), freemail: unused(), shared: unused(), no_company: unused() },
    blank: 0,
    headers_again: 0,
    other_separator: 0,
    header: null,
    name_only: 0,
    names: [],
    columns: [],
    encoding: null,
    faulty: false,
    examples: [],
  };

  constructor(choice: ColumnChoice, signal: AbortSignal, take: (entry: ListEntry) => void) {
    this.#choice = choice;
    this.#signal = signal;
    this.#take = take;
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
    const { columns, at, from } = headerOf(
      rows.map(({ cells }) => cells),
      this.#choice,
    );
    const above = rows.slice(0, at ?? 0).filter(({ cells }) => !isBlank(cells));
    this.source.blank += rows.slice(0, at ?? 0).length - above.length;
    this.#columns = columns;
    this.source.columns = columns.map(({ column, taken_as }) => ({ column, taken_as }));
    if (at !== null) {
      this.#header = rows[at]?.cells ?? [];
      const title = above[0] ? shownRow(above[0].cells) : null;
      this.source.header = { line: rows[at]?.line ?? 1, above: above.length, title, lines: from - at };
    }
    this.#first = null;
    for (const { cells, line } of rows.slice(from)) this.#row(rowOf(cells, line));
  }

  #row(row: TableRow): void {
    const found = this.#ofRow(row);
    if (typeof found !== 'string' && found.keys.length > 0) {
      this.#used(found);
      return;
    }
    const cells = cellsOf(row);
    if (isBlank(cells)) {
      this.source.blank += 1;
      return;
    }
    if (cells.length === this.#header.length && cells.every((cell, index) => cell === this.#header[index])) {
      this.source.headers_again += 1;
      return;
    }
    const parted = this.#parted(cells);
    if (parted !== null) this.source.other_separator += 1;
    this.count(parted ?? found, row.line, cells);
  }

  #ofRow(row: TableRow): ListEntry | Unusable {
    const taken: Cells = { domain: '', website: '', name: '', linkedin: '', email: '' };
    for (const { taken_as, index } of this.#columns) taken[taken_as] = both(taken[taken_as], row.cell(index));
    return entryOf(taken);
  }

  /** What a line of one cell says by another separator: where that gives the header's cells, and says which company. */
  #parted(cells: readonly string[]): ListEntry | null {
    const [only = '', ...others] = cells;
    if (this.#header.length < 2 || !isBlank(others) || only.length > LONGEST_LINE) return null;
    for (const separator of SEPARATORS) {
      const parts = only.split(separator);
      const found = parts.length === this.#header.length ? this.#ofRow(rowOf(parts, 0)) : 'empty';
      if (typeof found !== 'string' && found.keys.length > 0) return found;
    }
    return null;
  }

  /** An entry of a JSON file: a text, or an object whose fields are its columns. */
  value(value: unknown, line: number): void {
    const found = this.#ofValue(value);
    this.count(found, line, typeof found === 'string' ? [JSON.stringify(value) ?? ''] : []);
  }

  #ofValue(value: unknown): ListEntry | Unusable {
    if (typeof value === 'string') return entryOfText(value);
    if (typeof value !== 'object' || value === null) return 'no_company';
    const entries = fieldsOf(value);
    const cells: Cells = { domain: '', website: '', name: '', linkedin: '', email: '' };
    for (const { taken_as, index } of this.#shape(entries.map(([key]) => key))) {
      const field: unknown = entries[index]?.[1];
      const texts = (Array.isArray(field) ? field : [field]).filter((each) => typeof each === 'string');
      cells[taken_as] = both(cells[taken_as], texts.join(' ; '));
    }
    return entryOf(cells);
  }

  /** What an object's fields are taken for; where objects differ, what any of them has is told. */
  #shape(keys: readonly string[]): TakenColumn[] {
    const shape = keys.join('\n');
    const known = this.#shapes.get(shape);
    if (known) return known;
    let columns: TakenColumn[] = [];
    try {
      columns = columnsOfKeys(keys, this.#choice);
    } catch (error) {
      if (this.#shapes.size === 0) throw error;
    }
    if (this.#shapes.size < MAX_SHAPES) this.#shapes.set(shape, columns);
    const told = this.source.columns;
    for (const { column, taken_as } of columns) {
      if (!told.some((other) => other.column === column && other.taken_as === taken_as))
        told.push({ column, taken_as });
    }
    return columns;
  }

  /** @param cells What stands there, for examples. */
  count(found: ListEntry | Unusable, line: number, cells: readonly string[]): void {
    if (typeof found !== 'string') {
      this.#used(found);
      return;
    }
    this.source.read += 1;
    const unusable = this.source.unusable[found];
    unusable.rows += 1;
    if (unusable.examples.length < EXAMPLES)
      unusable.examples.push({ line, text: oneLine(shownRow(cells), 80) });
  }

  #used(entry: ListEntry): void {
    const { source } = this;
    source.read += 1;
    source.used += 1;
    if (source.used % CHECK_EVERY === 0) this.#signal.throwIfAborted();
    const { keys, name } = entry;
    if (keys.length === 0) {
      source.name_only += 1;
      if (source.names.length < MAX_NAMES && name !== null) source.names.push(name);
    }
    if (source.examples.length < EXAMPLES) {
      source.examples.push({
        domain: keys.find((key) => !key.startsWith(PAGE)) ?? null,
        linkedin: keys.find((key) => key.startsWith(PAGE))?.slice(PAGE.length) ?? null,
        name,
      });
    }
    this.#take(entry);
  }
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
  const entries = Object.entries(value) as Array<[string, unknown]>;
  const inside = entries.flatMap(([key, group]) =>
    GROUPS.test(key) && typeof group === 'object' && group !== null && !Array.isArray(group)
      ? (Object.entries(group) as Array<[string, unknown]>)
      : [],
  );
  return inside.length === 0
    ? entries
    : [...entries.filter(([, field]) => typeof field !== 'object' || Array.isArray(field)), ...inside];
}

const unused = (): Unused => ({ rows: 0, examples: [] });

function isBlank(cells: readonly string[]): boolean {
  for (const cell of cells) if (cell !== '' && cell.trim() !== '') return false;
  return true;
}

function shownRow(cells: readonly string[]): string {
  return cells
    .filter((cell) => cell.trim() !== '')
    .join(', ')
    .slice(0, 400);
}
