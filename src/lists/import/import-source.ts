import type { ListEntry } from '../../disk/known-lists.ts';
import { openImport } from '../../files/import-file.ts';
import { readJson } from '../../files/import-json.ts';
import { beginningOf, cellsOf, type FirstRow, readTable, type TableRow } from '../../files/table.ts';
import { isRecord } from '../../lib/json.ts';
import { oneLine } from '../../lib/text.ts';
import {
  type ColumnChoice,
  checkColumns,
  columnsUnder,
  headerOf,
  headersIn,
  shownHeader,
  type TakenColumn,
} from './import-columns.ts';
import { type Cells, entryOf, entryOfText, type Unusable } from './import-entry.ts';
import type { ColumnRole } from './import-terms.ts';

/** Companies as texts, or the bare name of a file in the export folder with what its columns are. */
export type FromSource = { companies: readonly string[] } | { file: string; columns: ColumnChoice };

const EXAMPLES = 3;
const MAX_NAMES = 10;
/** Rows between two looks at whether the call was cancelled. */
const CHECK_EVERY = 1_000;

/** Takes entries over, one by one; its fields are what there is to tell of them. */
class Source {
  /** Rows or texts that were read, header and blank lines aside. */
  read = 0;
  /** Of those, the ones that name a company. */
  used = 0;
  /** The others, with the first three of a kind. */
  readonly unusable = new Map<Unusable, { rows: number; examples: Array<{ line: number; text: string }> }>();
  /** Blank lines, and lines that repeat the header. */
  blank = 0;
  headers_again = 0;
  /** The line of the header, how many lines with text stood above it, and the first of these; null without a header. */
  header: { line: number; above: number; title: string | null; lines: number } | null = null;
  /** Of those used, companies of which only the name is known, and the first of them. */
  name_only = 0;
  readonly names: string[] = [];
  readonly columns: Array<{ column: string; taken_as: ColumnRole }> = [];
  /** How the file's text was written, where that is not UTF-8; and whether some bytes of it are none. */
  encoding: string | null = null;
  faulty = false;
  /** The first three companies. */
  readonly examples: string[] = [];
  readonly #choice: ColumnChoice;
  readonly #signal: AbortSignal;
  readonly #take: (entry: ListEntry) => void;
  #inUse: readonly TakenColumn[] = [];
  /** The header's cells, or the keys of the object that the columns are of. */
  #keys: string | null = null;

  constructor(choice: ColumnChoice, signal: AbortSignal, take: (entry: ListEntry) => void) {
    this.#choice = choice;
    this.#signal = signal;
    this.#take = take;
  }

  /** Finds a table's header among its first rows: the last line that is none of a company's. */
  findHeader(rows: readonly FirstRow[]): number {
    const { columns, at, from } = headerOf(
      rows.map(({ cells }) => cells),
      this.#choice,
    );
    const { cells = [], line = 1 } = rows[at ?? 0] ?? {};
    this.#setColumns(columns, at === null ? [] : cells);
    if (at !== null) {
      const titles = rows.slice(0, at).flatMap((row) => shownRow(row.cells) || []);
      this.blank = at - titles.length;
      this.header = { line, above: titles.length, title: titles[0] ?? null, lines: from - at };
    }
    return rows[from - 1]?.line ?? line - 1;
  }

  row(row: TableRow): void {
    const found = this.#entryIn(row);
    if (typeof found !== 'string' && found.keys.length > 0) {
      this.#count(found, row.line, '');
      return;
    }
    const cells = cellsOf(row);
    const text = shownRow(cells);
    if (text === '') this.blank += 1;
    else if (cells.join('\n') === this.#keys) this.headers_again += 1;
    else this.#count(found, row.line, text);
  }

  /** An entry of a JSON file or of a call: a text, or an object whose fields are its columns. */
  value(value: unknown, line: number): void {
    if (typeof value === 'string') {
      this.#count(entryOfText(value), line, value);
      return;
    }
    const found = isRecord(value) ? this.#ofObject(value) : 'no_company';
    this.#count(found, line, typeof found === 'string' ? JSON.stringify(value) : '');
  }

  #ofObject(value: Record<string, unknown>): ListEntry | Unusable {
    const fields = fieldsOf(value);
    const keys = fields.map(([key]) => key);
    if (keys.join('\n') !== this.#keys) {
      const columns = columnsUnder(keys, this.#choice);
      if (this.#keys === null) checkColumns(columns, keys, this.#choice);
      this.#setColumns(columns, keys);
    }
    return this.#entryIn({ cell: (index) => textIn(fields[index]?.[1]) });
  }

  /** What columns mean from here on; where objects differ, what any of them has is told. */
  #setColumns(columns: readonly TakenColumn[], header: readonly string[]): void {
    this.#inUse = columns;
    this.#keys = header.join('\n');
    for (const { taken_as, index } of columns) {
      const column = shownHeader(header, index);
      if (!this.columns.some((other) => other.column === column && other.taken_as === taken_as))
        this.columns.push({ column, taken_as });
    }
  }

  #entryIn(row: Pick<TableRow, 'cell'>): ListEntry | Unusable {
    const taken: Cells = { domain: '', website: '', name: '', linkedin: '', email: '' };
    for (const { taken_as, index } of this.#inUse) taken[taken_as] = both(taken[taken_as], row.cell(index));
    return entryOf(taken);
  }

  /** @param text What stands there, for examples. */
  #count(found: ListEntry | Unusable, line: number, text: string): void {
    this.read += 1;
    if (this.read % CHECK_EVERY === 0) this.#signal.throwIfAborted();
    if (typeof found === 'string') {
      const unused = this.unusable.get(found) ?? { rows: 0, examples: [] };
      this.unusable.set(found, unused);
      unused.rows += 1;
      if (unused.examples.length < EXAMPLES) unused.examples.push({ line, text: oneLine(text, 80) });
      return;
    }
    const { keys, name } = found;
    this.used += 1;
    if (keys.length === 0) {
      this.name_only += 1;
      if (this.names.length < MAX_NAMES && name !== null) this.names.push(name);
    }
    if (this.examples.length < EXAMPLES)
      this.examples.push(oneLine([name ?? [], ...keys].flat().join(' | '), 200));
    this.#take(found);
  }
}

/**
 * Reads what is imported, entry by entry.
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
  const source = new Source(choice, signal, take);
  if ('companies' in from) {
    for (const [index, text] of from.companies.entries()) source.value(text, index + 1);
    return source;
  }
  const file = await openImport(directory, from.file);
  try {
    if (file.encoding !== 'utf-8') source.encoding = file.encoding;
    source.faulty = file.faulty;
    if (file.format === 'csv') {
      const { delimiter, rows } = beginningOf(file.start, file.name, (cells) => headersIn(cells, choice));
      const end = source.findHeader(rows);
      await readTable(file.pieces(), delimiter, (row) => {
        if (row.line > end) source.row(row);
      });
    } else await readJson(file, (value, line) => source.value(value, line));
  } finally {
    await file.close();
  }
  return source;
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
function fieldsOf(value: Record<string, unknown>): Array<[string, unknown]> {
  const entries = Object.entries(value);
  const inside = entries.flatMap(([key, group]) =>
    GROUPS.test(key) && isRecord(group) ? Object.entries(group) : [],
  );
  return inside.length === 0
    ? entries
    : [
        ...entries.filter(([key, field]) => field !== null && !(isRecord(field) && GROUPS.test(key))),
        ...inside,
      ];
}

/** Where an object has what it is about; any other has it in all its texts. */
const HELD = ['url', 'href', 'domain', 'value', 'name', 'email'];

function textIn(field: unknown): string {
  const isText = (each: unknown) => typeof each === 'string';
  const texts = [field].flat().flatMap((each) => {
    if (!isRecord(each)) return each;
    return HELD.map((key) => each[key]).find(isText) ?? Object.values(each);
  });
  return texts.filter(isText).join(' ; ');
}

function shownRow(cells: readonly string[]): string {
  return cells
    .filter((cell) => cell.trim() !== '')
    .join(', ')
    .slice(0, 400);
}
