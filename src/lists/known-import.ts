import { type ImportFile, importRefused, openImport } from '../files/import-file.ts';
import { readRows } from '../files/import-rows.ts';
import { type KnownEntry, type KnownLists, ListChangedError } from '../store/known-lists.ts';
import { type ColumnChoice, type ColumnRole, columnsOf, type TakenColumn } from './import-columns.ts';
import { entryOf, entryOfText, type Unusable } from './import-entry.ts';
import { nameKey } from './names.ts';

export const IMPORT_MODES = ['add', 'replace', 'remove'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

export interface ImportRequest {
  /** In normal form: see `listName`. */
  list: string;
  mode: ImportMode;
  /** Companies as texts, or the bare name of a file in the export folder. */
  from: { companies: readonly string[] } | { file: string; columns: ColumnChoice };
}

/** What an import did. */
export interface Imported {
  list: string;
  mode: ImportMode;
  /** Rows or texts that were read. */
  read: number;
  /** Companies that are in the list now and were not, or, of `remove`, the other way round. */
  changed: number;
  /** Read, but in the list already; of `remove`, read and not in the list. */
  unchanged: number;
  /** The same company again in what was read. */
  repeated: number;
  unusable: Record<Unusable, number>;
  /** Of those read, companies of which only the name is known. */
  name_only: number;
  /** Companies in the list now; 0 where it was deleted. */
  companies: number;
  columns: Array<Pick<TakenColumn, 'column' | 'taken_as'>>;
  /** How the file's text was written, where that is not UTF-8. */
  encoding: string | null;
  /** The first three companies. */
  examples: Array<{ domain: string | null; linkedin: string | null; name: string | null }>;
}

/** Companies that a list can have. */
const MAX_COMPANIES = 500_000;
const MAX_TRIES = 20;
const EXAMPLES = 3;
/** Kinds of objects in a JSON file that are remembered. */
const MAX_SHAPES = 1_000;

/** A list's name as it is kept: lower case letters of English, digits, blanks and `_.-`; null for none. */
export function listName(given: string): string | null {
  const name = given
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9 _.-]+/g, '-')
    .trim();
  return /[a-z0-9]/.test(name) && name.length <= 40 ? name : null;
}

/**
 * Adds companies to a list, replaces or removes them: all of it or nothing, whatever other servers do meanwhile.
 *
 * @param directory The export folder, outside of which no file is read.
 * @throws {OpenFunnelError} `invalid_input` for what can't be read.
 */
export async function importCompanies(
  known: KnownLists,
  directory: string,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<Imported> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await importOnce(known, directory, request, signal);
    } catch (error) {
      // Changed by another server meanwhile, or its old state is gone: done again on top of what it is now.
      const changed = error instanceof ListChangedError || (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!changed || tries >= MAX_TRIES) throw error;
    }
  }
}

async function importOnce(
  known: KnownLists,
  directory: string,
  { list, mode, from }: ImportRequest,
  signal: AbortSignal,
): Promise<Imported> {
  const before = await known.find(list);
  const result: Imported = {
    list,
    mode,
    read: 0,
    changed: 0,
    unchanged: 0,
    repeated: 0,
    unusable: { empty: 0, freemail: 0, no_company: 0 },
    name_only: 0,
    companies: 0,
    columns: [],
    encoding: null,
    examples: [],
  };
  const file = 'file' in from ? await openImport(directory, from.file) : null;
  try {
    const source = new Source(file, from, result, signal);
    const old = () => (before === null ? none() : known.read(before));
    const written = await known.write(list, before?.generation ?? null, async (add) => {
      if (mode === 'remove') await removeFrom(old(), source, add, result);
      else await addTo(mode === 'add' ? old() : none(), source, add, result);
    });
    result.companies = written.entries;
    return result;
  } finally {
    await file?.close();
  }
}

type Add = (entry: KnownEntry) => Promise<void> | undefined;

async function addTo(
  old: AsyncIterable<KnownEntry>,
  source: Source,
  add: Add,
  result: Imported,
): Promise<void> {
  const there = new Companies();
  let companies = 0;
  for await (const entry of old) {
    there.add(entry);
    companies += 1;
    const waiting = add(entry);
    if (waiting) await waiting;
  }
  const news = new Companies();
  await source.each((entry) => {
    if (there.has(entry)) result.unchanged += 1;
    else if (news.has(entry)) result.repeated += 1;
    else result.changed += 1;
    // What is in the list may be named by more than before, such as by its LinkedIn page as well.
    if (there.hasAll(entry) || !news.add(entry)) return undefined;
    companies += 1;
    if (companies > MAX_COMPANIES)
      throw importRefused(`The list would have more than ${MAX_COMPANIES} companies.`);
    return add(entry);
  });
}

async function removeFrom(
  old: AsyncIterable<KnownEntry>,
  source: Source,
  add: Add,
  result: Imported,
): Promise<void> {
  const gone = new Companies();
  let named = 0;
  await source.each((entry) => {
    if (gone.add(entry)) named += 1;
    else result.repeated += 1;
    return undefined;
  });
  const met = new Companies();
  for await (const entry of old) {
    if (gone.has(entry)) {
      result.changed += 1;
      met.add(entry);
      continue;
    }
    const waiting = add(entry);
    if (waiting) await waiting;
  }
  result.unchanged = Math.max(0, named - met.size);
}

/** Companies by what they are known by: those without domain and LinkedIn page by their name. */
class Companies {
  readonly #domains = new Set<string>();
  readonly #slugs = new Set<string>();
  readonly #names = new Set<string>();
  size = 0;

  has([domain, slug, name]: KnownEntry): boolean {
    if (domain !== null && this.#domains.has(domain)) return true;
    if (slug !== null && this.#slugs.has(slug)) return true;
    return domain === null && slug === null && this.#names.has(nameKey(name));
  }

  /** Whether everything that the entry says of a company is known already. */
  hasAll([domain, slug, name]: KnownEntry): boolean {
    if (domain === null && slug === null) return this.#names.has(nameKey(name));
    return (domain === null || this.#domains.has(domain)) && (slug === null || this.#slugs.has(slug));
  }

  /** False where the entry says nothing new. */
  add(entry: KnownEntry): boolean {
    const [domain, slug, name] = entry;
    if (this.hasAll(entry)) return false;
    if (domain !== null) this.#domains.add(domain);
    if (slug !== null) this.#slugs.add(slug);
    if (domain === null && slug === null) this.#names.add(nameKey(name));
    this.size += 1;
    return true;
  }
}

/** What is imported, entry by entry, with what there is to count of it. */
class Source {
  readonly #file: ImportFile | null;
  readonly #from: ImportRequest['from'];
  readonly #result: Imported;
  readonly #signal: AbortSignal;
  #columns: TakenColumn[] | null = null;
  /** The columns of objects by their keys. */
  readonly #shapes = new Map<string, TakenColumn[]>();

  constructor(file: ImportFile | null, from: ImportRequest['from'], result: Imported, signal: AbortSignal) {
    this.#file = file;
    this.#from = from;
    this.#result = result;
    this.#signal = signal;
  }

  async each(take: (entry: KnownEntry) => Promise<void> | undefined): Promise<void> {
    const count = (found: KnownEntry | Unusable): Promise<void> | undefined => {
      const result = this.#result;
      result.read += 1;
      if (typeof found === 'string') {
        result.unusable[found] += 1;
        return undefined;
      }
      const [domain, slug, name] = found;
      if (domain === null && slug === null) result.name_only += 1;
      if (result.examples.length < EXAMPLES) result.examples.push({ domain, linkedin: slug, name });
      return take(found);
    };
    if ('companies' in this.#from) {
      for (const text of this.#from.companies) await count(entryOfText(text));
      return;
    }
    const file = this.#file;
    if (file === null) return;
    if (file.encoding !== 'utf-8') this.#result.encoding = file.encoding;
    await readRows(file, (row) => {
      if (row.kind === 'value') return count(this.#ofValue(row.value));
      if (this.#columns !== null) return count(this.#ofCells(row.cells));
      this.#signal.throwIfAborted();
      const { columns, headerless } = columnsOf(row.cells, this.#choice());
      this.#take(columns);
      return headerless ? count(this.#ofCells(row.cells)) : undefined;
    });
  }

  #choice(): ColumnChoice {
    return 'columns' in this.#from ? this.#from.columns : {};
  }

  #take(columns: TakenColumn[]): void {
    this.#columns = columns;
    this.#result.columns = columns.map(({ column, taken_as }) => ({ column, taken_as }));
  }

  #ofCells(row: readonly string[]): KnownEntry | Unusable {
    const cells: Partial<Record<ColumnRole, string>> = {};
    for (const { taken_as, index } of this.#columns ?? []) cells[taken_as] = row[index] ?? '';
    return entryOf(cells);
  }

  /** An entry of a JSON file: a text, or an object whose fields are its columns. */
  #ofValue(value: unknown): KnownEntry | Unusable {
    if (typeof value === 'string') return entryOfText(value);
    if (typeof value !== 'object' || value === null) return 'no_company';
    const entries = Object.entries(value);
    const keys = entries.map(([key]) => key);
    const cells: Partial<Record<ColumnRole, string>> = {};
    for (const { taken_as, index } of this.#shape(keys)) {
      const text: unknown = entries[index]?.[1];
      if (typeof text === 'string') cells[taken_as] = text;
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
      columns = keys.length === 0 ? [] : columnsOf(keys, this.#choice()).columns;
    } catch (error) {
      if (this.#shapes.size === 0) throw error;
    }
    if (this.#shapes.size < MAX_SHAPES) this.#shapes.set(shape, columns);
    const told = this.#result.columns;
    for (const { column, taken_as } of columns) {
      if (!told.some((other) => other.column === column && other.taken_as === taken_as))
        told.push({ column, taken_as });
    }
    return columns;
  }
}

async function* none(): AsyncGenerator<KnownEntry> {}
