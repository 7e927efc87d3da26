import { basename } from 'node:path';
import type { NamedColumn } from '../../files/crm-columns.ts';
import type { CsvStyle } from '../../files/csv.ts';
import { type ExportFormat, exportFileName } from '../../files/export-format.ts';
import { beginExport, type ExportedFile, type RowExport } from '../../files/row-export.ts';
import { COMPANY_COLUMNS, MARK_NAMES, type Ranks } from '../../sql/columns.ts';
import type { SqlValue, Statement } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';
import { type Excluded, inJobOrder, notLeftOut } from './exclusions.ts';
import {
  COMPANY_FIELDS,
  extraName,
  FILE_FIELDS,
  fieldName,
  LIST_FIELDS,
  listIn,
  MAX_VALUE,
  objectIn,
} from './fields.ts';

/** How and where a file is written. */
interface FileStyle {
  format: ExportFormat;
  /** How it is written where it is a CSV. */
  csv?: CsvStyle | undefined;
}

export interface ListExportRequest extends FileStyle {
  lists: readonly CollectedList[];
  /** A bare name; undefined is one made of the job's id. */
  fileName?: string | undefined;
  /** Whether the first column is job_id. */
  withJob?: boolean;
  /** Fields to write, in this order; undefined is all there are. */
  fields?: readonly string[] | undefined;
  /** Instead of fields: the columns, each by its own heading, and no others. */
  named?: readonly NamedColumn[] | undefined;
  /** Ranks to write; undefined is all. */
  ranks?: Ranks | null | undefined;
  excluded?: Excluded | null;
}

interface FileCall {
  signal: AbortSignal;
  /** The rows of each list that the statement is about; default all. */
  ranks?: Ranks | null | undefined;
  /** What of a row goes into the file; as it is where there is none. */
  values?: (row: readonly SqlValue[]) => readonly unknown[];
  /** Told how many rows are written. */
  onRows?: ((rows: number) => void) | undefined;
  onRow?: (columns: readonly string[], row: readonly SqlValue[]) => void;
}

export interface ExporterParts {
  lists: CollectedLists;
  /** Folder that files are written to. */
  directory: string;
  /** Whether the companies are made up; file names then say so. */
  sandbox: boolean;
}

/** Longest text in a file: a cell of a spreadsheet. Characters. */
const MAX_FILE_TEXT = 32_000;
/** Fields without a column of their own that a file gets. */
const MAX_EXTRA = 500;
/** Marks that a file has where a company is marked. */
const FILE_MARKS = MARK_NAMES.filter((name) => name !== 'marked_at');

/** Writes companies to files: a statement says which, and the lists deliver them. The one way that files are made. */
export class Exporter {
  readonly #parts: ExporterParts;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
  }

  /**
   * The name that a file would get. @throws {OpenFunnelError} `invalid_input` for one that can't be used.
   *
   * @param fallback What it is made of where the caller gives none.
   * @param mark Why it does not hold what it seems to; null where it does.
   */
  nameOf(given: string | undefined, fallback: string, format: ExportFormat, mark: string | null): string {
    const start = this.#parts.sandbox ? 'sandbox-' : '';
    return exportFileName(given, `${start}lookalikes-${fallback}`, format, mark);
  }

  /**
   * Writes the companies of lists.
   *
   * @returns The file, fields that were asked for and that no row has, and whether it has another name than was given.
   * @throws {OpenFunnelError} where the file can't be written; none is left then.
   */
  async write(
    { lists, fields, named, ranks, excluded = null, withJob = false, ...request }: ListExportRequest,
    call: Pick<FileCall, 'signal' | 'onRows'>,
  ) {
    const [only] = lists;
    const fallback = lists.length === 1 ? (only?.about.job_id ?? '').slice(0, 80) : `${lists.length}-jobs`;
    const mark = (excluded?.not_compared.length ?? 0) > 0 ? 'not-compared' : markOf(lists);
    const fileName = this.nameOf(request.fileName, fallback, request.format, mark);
    const extra = await this.#parts.lists.rows(
      lists,
      'SELECT e.key FROM companies, json_each(companies.extra) e GROUP BY 1 ORDER BY MIN(companies."row"), MIN(e.id)',
      { ...call, maxRows: MAX_EXTRA },
    );
    /** Names as upstream has them of fields without a column, by ours. */
    const extraOf = new Map(extra.map(([key]) => [extraName(String(key)), String(key)]));
    const all = fields?.includes('all');
    const chosen = all ? undefined : fields?.map(fieldName);
    const wanted = named?.map(([field]) => field) ??
      chosen ?? [...(all ? COMPANY_FIELDS : FILE_FIELDS), ...extraOf.keys()];
    const columns = [...new Set([...(withJob ? ['job_id'] : []), ...wanted])];
    const marked = 'SELECT 1 FROM companies WHERE verdict IS NOT NULL LIMIT 1';
    if (!named && (await this.#parts.lists.rows(lists, marked, call)).length > 0)
      columns.push(...FILE_MARKS.filter((name) => !columns.includes(name)));
    const read = columns.filter((name) => name !== 'extra' && COMPANY_COLUMNS.includes(name));
    const sql = `SELECT ${[...read, 'extra'].map((name) => `"${name}"`).join(', ')} FROM companies
      WHERE ${notLeftOut(lists, excluded)} ORDER BY ${inJobOrder(lists)}, "row"`;
    const places = columns.map((name) => ({ name, at: read.indexOf(name), key: extraOf.get(name) ?? name }));
    const found = new Set<string>();
    const values = (row: readonly SqlValue[]) => {
      const others = objectIn(row.at(-1) ?? null);
      return places.map(({ name, at, key }) => {
        const value = at === -1 ? others[key] : row[at];
        if (value !== undefined) found.add(name);
        return value !== undefined && LIST_FIELDS.has(name) ? listIn(value as SqlValue) : (value ?? null);
      });
    };
    const headings = named?.map(([, heading]) => heading) ?? columns;
    const file = await this.file(
      lists,
      { sql, maxRows: 0, maxText: MAX_VALUE },
      { ...request, columns: headings, fileName },
      { ...call, ranks, values },
    );
    if (file === null) throw new TypeError('An export with columns always writes a file');
    return {
      file,
      unknownFields:
        file.rows === 0 ? [] : (fields ?? []).filter((name) => name !== 'all' && !found.has(fieldName(name))),
      notices: request.fileName === undefined ? [] : aboutName(fileName, file),
    };
  }

  /** Writes all that a statement gives to a file; none where it gives no rows and no columns are named. */
  async file(
    lists: readonly CollectedList[],
    statement: Statement,
    style: FileStyle & { fileName: string; columns?: readonly string[] },
    { values, onRows, onRow, ...call }: FileCall,
  ): Promise<ExportedFile | null> {
    const begin = (columns: readonly string[]) =>
      beginExport({ ...style, directory: this.#parts.directory, columns });
    let rows: RowExport | undefined;
    let read = 0;
    try {
      await this.#parts.lists.ask(lists, [{ maxText: MAX_FILE_TEXT, ...statement }], {
        ...call,
        onBatch: async (columns, batch) => {
          if (batch.length === 0) return;
          rows ??= await begin(style.columns ?? columns);
          for (const row of batch) {
            onRow?.(columns, row);
            const waiting = rows.add(values?.(row) ?? row);
            if (waiting) await waiting;
          }
          read += batch.length;
          onRows?.(read);
        },
      });
      // A list without companies has a file of its columns; a statement that finds nobody has none.
      if (style.columns !== undefined) rows ??= await begin(style.columns);
      return rows === undefined ? null : await rows.finish();
    } finally {
      await rows?.close();
    }
  }
}

/** Why a file of these lists does not hold the whole results, in words, or null. */
export function whyPartial(lists: readonly CollectedList[]): string | null {
  for (const { about, state } of lists) {
    const id = lists.length > 1 ? `${about.job_id}: ` : '';
    if (!about.whole) return id + (about.why ?? 'not all of it could be read');
    if (state.status === 'cancelled')
      return `${id}the job was cancelled; these are all the companies it delivered`;
  }
  return null;
}

/** What a file's name says of lists that are not the whole result. */
export function markOf(lists: readonly CollectedList[]): 'partial' | 'cancelled' | null {
  if (lists.some(({ about }) => !about.whole)) return 'partial';
  return lists.some(({ state }) => state.status === 'cancelled') ? 'cancelled' : null;
}

/** That a file has not the name that the caller gave, where that was taken; else nothing. */
export function aboutName(wanted: string, { path }: ExportedFile): string[] {
  const got = basename(path);
  return got === wanted ? [] : [`A file ${wanted} was there already and stays; this one is ${got}.`];
}
