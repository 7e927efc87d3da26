import { basename } from 'node:path';
import type { NamedColumn } from '../../files/crm-columns.ts';
import type { CsvStyle } from '../../files/csv.ts';
import { type ExportFormat, exportFileName } from '../../files/export-format.ts';
import { type ExportedFile, RowExport } from '../../files/row-export.ts';
import type { JobState } from '../../reading/state.ts';
import { COMPANY_COLUMNS, MARK_NAMES, type Ranks } from '../../sql/columns.ts';
import type { Answer, SqlValue, Statement } from '../../sql/messages.ts';
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
export interface FileStyle {
  format: ExportFormat;
  /** How it is written where it is a CSV. */
  csv?: CsvStyle | undefined;
  /** A bare name; undefined is one made of the job's id. */
  fileName?: string | undefined;
}

export interface ListExportRequest extends FileStyle {
  lists: readonly CollectedList[];
  /** Whether the first column is job_id. */
  withJob: boolean;
  /** Fields to write, in this order; undefined is all there are. */
  fields: readonly string[] | undefined;
  /** Instead of fields: the columns, each by its own heading, and no others. */
  named?: readonly NamedColumn[] | undefined;
  /** Ranks to write; undefined is all. */
  ranks?: Ranks | null | undefined;
  excluded: Excluded | null;
  /** Why the file does not hold what it seems to, for its name; null where it does. */
  mark: 'partial' | 'cancelled' | 'not-compared' | null;
}

export interface ListExport {
  file: ExportedFile;
  /** Fields that were asked for and that no row has. */
  unknownFields: string[];
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
   */
  nameOf(
    given: string | undefined,
    fallback: string,
    format: ExportFormat,
    mark: ListExportRequest['mark'],
  ): string {
    const start = this.#parts.sandbox ? 'sandbox-' : '';
    return exportFileName(given, `${start}lookalikes-${fallback}`, format, mark);
  }

  /** Writes the companies of lists. @throws {OpenFunnelError} where the file can't be written; none is left then. */
  async write(
    request: ListExportRequest,
    call: { signal: AbortSignal; onRows?: (rows: number) => void },
  ): Promise<ListExport> {
    const { lists, fields, excluded, format, mark, named: headed } = request;
    const [only] = lists;
    const fallback = lists.length === 1 ? (only?.about.job_id ?? '').slice(0, 80) : `${lists.length}-jobs`;
    const fileName = this.nameOf(request.fileName, fallback, format, mark);
    const facts = await this.#facts(lists, call);
    const chosen = fields?.includes('all') ? undefined : fields?.map(fieldName);
    const all = request.fields?.includes('all') ? COMPANY_FIELDS : FILE_FIELDS;
    const named = headed?.map(([field]) => field) ?? chosen ?? [...all, ...facts.extra.map(extraName)];
    const columns = [
      ...(request.withJob ? ['job_id'] : []),
      ...new Set(named.filter((name) => name !== 'job_id' || !request.withJob)),
    ];
    if (facts.marked && !headed) columns.push(...FILE_MARKS.filter((name) => !columns.includes(name)));
    const extraOf = new Map(facts.extra.map((name) => [extraName(name), name]));
    const read = columns.filter((name) => name !== 'extra' && COMPANY_COLUMNS.includes(name));
    const statement: Statement = {
      sql: `SELECT ${[...read, 'extra'].map((name) => `"${name}"`).join(', ')} FROM companies
        WHERE ${notLeftOut(lists, excluded)} ORDER BY ${inJobOrder(lists)}, "row"`,
      maxRows: 0,
      maxText: MAX_VALUE,
    };
    const places = columns.map((name) => ({ name, at: read.indexOf(name), key: extraOf.get(name) ?? name }));
    const found = new Set<string>();
    const file = await this.file(
      lists,
      statement,
      { ...request, columns: headed?.map(([, heading]) => heading) ?? columns, fileName },
      {
        ...call,
        ranks: request.ranks,
        values: (row) => {
          const extra = objectIn(row.at(-1) ?? null);
          return places.map(({ name, at, key }) => {
            const value = at === -1 ? extra[key] : row[at];
            if (value !== undefined) found.add(name);
            return value !== undefined && LIST_FIELDS.has(name) ? listIn(value as SqlValue) : (value ?? null);
          });
        },
      },
    );
    if (file === null) throw new TypeError('An export with columns always writes a file');
    const unknownFields =
      file.rows === 0 ? [] : (fields ?? []).filter((name) => name !== 'all' && !found.has(fieldName(name)));
    return { file, unknownFields };
  }

  /**
   * Writes all that a statement gives to a file; none where it gives no rows and no columns are named.
   *
   * @param values What of a row goes into it; as it is where there is none.
   */
  async file(
    lists: readonly CollectedList[],
    statement: Statement,
    style: Omit<FileStyle, 'fileName'> & { fileName: string; columns?: readonly string[] },
    call: {
      signal: AbortSignal;
      /** The rows of each list that the statement is about; default all. */
      ranks?: Ranks | null | undefined;
      values?: (row: readonly SqlValue[]) => readonly unknown[];
      onRows?: ((rows: number) => void) | undefined;
      onFirst?: (columns: readonly string[], row: readonly SqlValue[]) => void;
    },
  ): Promise<ExportedFile | null> {
    let rows: RowExport | undefined;
    let read = 0;
    try {
      await this.#parts.lists.ask(lists, [{ maxText: MAX_FILE_TEXT, ...statement }], {
        signal: call.signal,
        ranks: call.ranks,
        onBatch: async (columns, batch) => {
          if (batch.length === 0) return;
          rows ??= await RowExport.begin({
            ...style,
            directory: this.#parts.directory,
            columns: style.columns ?? columns,
          });
          for (const row of batch) {
            call.onFirst?.(columns, row);
            const waiting = rows.add(call.values?.(row) ?? row);
            if (waiting) await waiting;
          }
          read += batch.length;
          call.onRows?.(read);
        },
      });
      if (rows === undefined) {
        // A list without companies has a file of its columns; a statement that finds nobody has none.
        if (style.columns === undefined) return null;
        rows = await RowExport.begin({ ...style, directory: this.#parts.directory, columns: style.columns });
      }
      return await rows.finish();
    } finally {
      await rows?.abandon();
    }
  }

  /** Which fields the rows have beside those with a column, and whether any is marked. */
  async #facts(
    lists: readonly CollectedList[],
    call: { signal: AbortSignal },
  ): Promise<{ extra: string[]; marked: boolean }> {
    const [extra, marks] = (await this.#parts.lists.ask(
      lists,
      [
        {
          sql: 'SELECT e.key FROM companies, json_each(companies.extra) e GROUP BY 1 ORDER BY MIN(companies."row"), MIN(e.id)',
          maxRows: MAX_EXTRA,
        },
        { sql: 'SELECT EXISTS (SELECT 1 FROM companies WHERE verdict IS NOT NULL)', maxRows: 1 },
      ],
      { signal: call.signal },
    )) as [Answer, Answer];
    return { extra: extra.rows.map(([name]) => String(name)), marked: marks.rows[0]?.[0] === 1 };
  }
}

/** Marks that a file has where a company is marked. */
const FILE_MARKS = MARK_NAMES.filter((name) => name !== 'marked_at');

/** Why a file of these lists does not hold the whole results, in words, or null. */
export function whyPartial(lists: readonly CollectedList[]): string | null {
  for (const { about, state } of lists) {
    const id = lists.length > 1 ? `${about.job_id}: ` : '';
    if (!about.whole) return id + (about.why ?? 'not all of it could be read');
    if (state.status === 'cancelled') return `${id}${CANCELLED}`;
  }
  return null;
}

export const CANCELLED = 'the job was cancelled; these are all the companies it delivered';

/** What a file's name says of lists that are not the whole result. */
export function markOf(
  lists: ReadonlyArray<{ about: { whole: boolean }; state: JobState }>,
): ListExportRequest['mark'] {
  if (lists.some(({ about }) => !about.whole)) return 'partial';
  return lists.some(({ state }) => state.status === 'cancelled') ? 'cancelled' : null;
}

/** That a file has not the name that the caller gave, where that was taken; else nothing. */
export function aboutName(wanted: string, { path }: ExportedFile): string[] {
  const got = basename(path);
  return got === wanted ? [] : [`A file ${wanted} was there already and stays; this one is ${got}.`];
}
