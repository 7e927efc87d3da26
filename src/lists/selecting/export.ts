import { basename } from 'node:path';
import type { NamedColumn } from '../../files/crm-columns.ts';
import { BYTE_ORDER_MARK, type CsvStyle, MAX_CELL, openCsvWriter } from '../../files/csv.ts';
import { type ExportFormat, withExtension } from '../../files/export-format.ts';
import { beginExport, type ExportedFile, type RowExport } from '../../files/row-export.ts';
import { cleanValue } from '../../lib/text.ts';
import { COMPANY_COLUMNS, MARK_NAMES, type Ranks } from '../../sql/columns.ts';
import type { SqlValue, Statement } from '../../sql/messages.ts';
import type { CollectedLists } from '../collected.ts';
import type { CollectedList } from '../collected-list.ts';
import { type Excluded, inJobOrder, notLeftOut } from './exclusions.ts';
import { COMPANY_FIELDS, companyFrom, extraName, FILE_FIELDS, fieldName, MAX_VALUE } from './fields.ts';

interface FileStyle {
  format: ExportFormat;
  csv?: CsvStyle | undefined;
  /** A bare name; undefined is one made of what the file is about. */
  fileName?: string | undefined;
}

interface ListExportRequest extends FileStyle {
  lists: readonly CollectedList[];
  withJob?: boolean;
  /** Fields to write, in this order; undefined is all there are. */
  fields?: readonly string[] | undefined;
  /** Instead of fields: the columns, each by its own heading, and no others. */
  named?: readonly NamedColumn[] | undefined;
  /** Ranks to write; undefined is all. */
  ranks?: Ranks | undefined;
  excluded?: Excluded | null;
}

interface FileCall {
  signal: AbortSignal;
  ranks?: Ranks | null | undefined;
  /** What of a row goes into the file; as it is where there is none. */
  values?: (row: readonly SqlValue[]) => readonly unknown[];
  /** Told of the rows as they are written, and how many of them there are by then. */
  onRows?: (written: number, columns: readonly string[], rows: ReadonlyArray<readonly SqlValue[]>) => void;
}

interface ExporterParts {
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

const RANGE = ['employees_min', 'employees_max'];

/** Writes companies to files: a statement says which, and the lists deliver them. The one way that files are made. */
export class Exporter {
  readonly #parts: ExporterParts;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
  }

  /**
   * Writes the companies of lists. @returns The file, fields that were asked for and that no row has, and why it does not
   * hold the whole results. @throws {OpenFunnelError} where the file can't be written; none is left then.
   */
  async write({ ranks, ...request }: ListExportRequest, call: Pick<FileCall, 'signal' | 'onRows'>) {
    const { lists, fields, named, excluded } = request;
    const [only] = lists;
    const about = lists.length === 1 ? (only?.about.job_id ?? '').slice(0, 80) : `${lists.length}-jobs`;
    const { columns, sql, values, found } = await this.#table(request, call);
    const headings = named?.map(([, heading]) => heading) ?? columns;
    const incomparable = (excluded?.not_compared.length ?? 0) > 0;
    const written = await this.file(
      lists,
      { sql, maxRows: 0, maxText: MAX_VALUE },
      { ...request, about, columns: headings, ...(incomparable && { mark: 'not-compared' }) },
      { ...call, ranks, values },
    );
    if (written === null) throw new TypeError('An export with columns always writes a file');
    const unknown = (fields ?? []).filter((name) => name !== 'all' && !found.has(fieldName(name)));
    const unknownFields = written.file.rows === 0 ? [] : unknown;
    return { ...written, unknownFields, partial: partialOf(lists)?.why ?? null };
  }

  /** What `write` would put into a CSV of a list, as text, with a line of its own for each note; up to 10,000 rows. */
  async csv(list: CollectedList, notes: readonly string[], call: Pick<FileCall, 'signal'>): Promise<string> {
    const { columns, sql, values } = await this.#table({ lists: [list] }, call);
    const rows = await list.rows(sql, { ...call, maxText: MAX_VALUE });
    const lines = rows.map((row) => values(row).map((value) => cleanValue(value, MAX_CELL)));
    const csvLines = await openCsvWriter();
    return BYTE_ORDER_MARK + csvLines([columns, ...lines]) + csvLines(notes.map((note) => [`# ${note}`]));
  }

  /** The columns of a file, the statement that gives its rows, the values of a row, and fields that were found by then. */
  async #table(
    { lists, fields, named, excluded = null, withJob = false }: Omit<ListExportRequest, 'format'>,
    call: Pick<FileCall, 'signal'>,
  ) {
    const extra = await this.#parts.lists.rows(
      lists,
      'SELECT e.key FROM companies, json_each(companies.extra) e GROUP BY 1 ORDER BY MIN(companies."row"), MIN(e.id)',
      { ...call, maxRows: MAX_EXTRA },
    );
    const all = fields?.includes('all');
    const wanted = named?.map(([field]) => field) ??
      (all ? undefined : fields?.map(fieldName)) ?? [
        ...(all ? COMPANY_FIELDS : FILE_FIELDS),
        ...extra.map(([key]) => extraName(String(key))),
      ];
    const columns = [...new Set([...(withJob ? ['job_id'] : []), ...wanted])];
    const add = async (names: readonly string[], where: string) => {
      const some = `SELECT 1 FROM companies WHERE ${where} LIMIT 1`;
      if ((await this.#parts.lists.rows(lists, some, call)).length > 0)
        columns.push(...names.filter((name) => !columns.includes(name)));
    };
    // A size that is a range has no number of employees.
    if (!named && !fields)
      await add(RANGE, 'employees IS NULL AND coalesce(employees_min, employees_max) IS NOT NULL');
    if (!named) await add(FILE_MARKS, 'verdict IS NOT NULL');
    const read = [...columns.filter((name) => name !== 'extra' && COMPANY_COLUMNS.includes(name)), 'extra'];
    const sql = `SELECT ${read.map((name) => `"${name}"`).join(', ')} FROM companies
      WHERE ${notLeftOut(lists, excluded)} ORDER BY ${inJobOrder(lists)}, "row"`;
    const found = new Set<string>();
    const values = (row: readonly SqlValue[]) => {
      const company = companyFrom(read, row);
      for (const name of Object.keys(company)) found.add(name);
      return columns.map((name) => company[name] ?? null);
    };
    return { columns, sql, values, found };
  }

  /**
   * Writes all that a statement gives to a file; none where it gives no rows and no columns are named.
   * @param style `about`: what its name is made of where the caller gives none; `mark`: why it is not what it seems to be.
   */
  async file(
    lists: readonly CollectedList[],
    statement: Statement,
    style: FileStyle & { about: string; mark?: string; columns?: readonly string[] },
    { values, onRows, ...call }: FileCall,
  ): Promise<{ file: ExportedFile; notices: string[] } | null> {
    const { directory, sandbox } = this.#parts;
    const given = style.fileName ?? `${sandbox ? 'sandbox-' : ''}lookalikes-${style.about}`;
    const fileName = withExtension(given, style.format, style.mark ?? partialOf(lists)?.mark);
    const begin = (columns: readonly string[]) => beginExport({ ...style, directory, fileName, columns });
    let rows: RowExport | undefined;
    let read = 0;
    try {
      await this.#parts.lists.ask(lists, [{ maxText: MAX_FILE_TEXT, ...statement }], {
        ...call,
        onBatch: async (columns, batch) => {
          if (batch.length === 0) return;
          rows ??= await begin(style.columns ?? columns);
          for (const row of batch) {
            const waiting = rows.add(values?.(row) ?? row);
            if (waiting) await waiting;
          }
          read += batch.length;
          onRows?.(read, columns, batch);
        },
      });
      // A list without companies has a file of its columns; a statement that finds nobody has none.
      if (style.columns !== undefined) rows ??= await begin(style.columns);
      if (rows === undefined) return null;
      const file = await rows.finish();
      const got = basename(file.path);
      const isOther = style.fileName !== undefined && got !== fileName;
      const taken = `A file ${fileName} was there already and stays; this one is ${got}.`;
      return { file, notices: isOther ? [taken] : [] };
    } finally {
      await rows?.close();
    }
  }
}

/** Why a file of these lists does not hold the whole results, for its name and in words; null where it does. */
function partialOf(lists: readonly CollectedList[]) {
  const part = lists.find(({ about }) => !about.whole);
  const list = part ?? lists.find(({ state }) => state.status === 'cancelled');
  if (list === undefined) return null;
  const why = part
    ? (part.about.why ?? 'not all of it could be read')
    : 'the job was cancelled; these are all the companies it delivered';
  return {
    mark: part ? 'partial' : 'cancelled',
    why: lists.length > 1 ? `${list.about.job_id}: ${why}` : why,
  };
}
