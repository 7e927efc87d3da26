import * as z from 'zod';
import { cleanText, cutText } from '../../lib/text.ts';
import { readMarks } from '../../lists/marking.ts';
import { listIn } from '../../lists/selecting/fields.ts';
import { TABLE_LONG_TEXT, TABLE_REASON } from '../../lists/table/company-table.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { jobId } from '../../results/schema.ts';
import type { RowsAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { deliveredCompany, deliveredRows, toCompany } from './delivered-rows.ts';
import { fittingResult, type Sizes } from './view-result.ts';
import { ordering, selection, toSelection } from './view-schema.ts';

/** Longest texts of a page of rows, until the result fits. Characters. */
const ROW_TEXTS: Sizes<{ reason: number; text: number }> = [
  { reason: TABLE_LONG_TEXT, text: 160 },
  { reason: TABLE_REASON, text: 80 },
  { reason: 80, text: 80 },
  { reason: 40, text: 40 },
  { reason: 10, text: 20 },
];
/** Longest texts of one company, until the result fits. Characters. */
const COMPANY_TEXTS: Sizes<number> = [12_000, 4_000, 1_500, 300];
/** Columns that hold lists, as JSON in the database. */
const LISTS = new Set(['industries', 'known_in', 'known_like', 'also_in']);
/** Columns of sentences. */
const SENTENCES = new Set(['match_reason', 'says', 'reason']);

const value = z.unknown();
const row = z.int().min(1).max(1_000_000).optional();

export const viewRows = defineTool({
  name: 'view_rows',
  title: 'Companies of a job (for the table)',
  description:
    'One page of the companies that a selection leaves, or with row all that is known of one. Only for the table.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    row: row.describe('The one company to read in full.'),
    offset: z.int().min(0).max(1_000_000).default(0),
    after: row.describe('The page behind this row.'),
    before: row.describe('The page that ends before this row.'),
    from: row.describe('The page that begins with this row.'),
    rows: z
      .array(z.int().min(1).max(1_000_000))
      .max(100)
      .optional()
      .describe('These rows, whatever the selection leaves.'),
    limit: z.int().min(1).max(100).default(50),
    long: z.boolean().default(false).describe('Reasons whole, and what the companies say of themselves.'),
    ...ordering,
    ...selection,
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    columns: z.array(z.string()).describe('Names of the cells of each of rows.'),
    rows: z.array(z.array(value)).describe('Companies, each a list of cells.'),
    matching: z.number().describe('Companies that the selection leaves.'),
    offset: z.number().describe('Companies before these.'),
    hidden_duplicates: z.number().describe('Duplicates that are not shown.'),
    provisional: z.boolean().describe('Whether the job has not ended, so that ranks may change.'),
    judgeable: z.boolean().describe('Whether these can be marked.'),
    company: z
      .record(z.string(), value)
      .nullable()
      .describe('All of one company, where a row was asked for.'),
  }),
  async handle(args, services, call) {
    const { job_id, limit, sort, descending, long } = args;
    const { state } = await services.watch.look(job_id, false, call);
    const base = {
      job_id,
      hidden_duplicates: 0,
      provisional: !state.terminal,
      judgeable: state.results_final,
    };
    if (args.row !== undefined) {
      const company = state.results_final
        ? await services.table.company(job_id, args.row, call)
        : await deliveredCompany(job_id, args.row, services, call);
      if (!company) throw new OpenFunnelError('not_found', `The job has no row ${args.row}.`);
      return fittingResult(
        COMPANY_TEXTS,
        (maxLength): RowsAnswer => ({
          ...base,
          columns: [],
          rows: [],
          matching: 1,
          offset: 0,
          company: Object.fromEntries(
            Object.entries(company).map(([column, each]) => [column, shown(column, each, maxLength)]),
          ),
        }),
      );
    }
    if (!state.results_final) {
      const { companies: found, matching } = await deliveredRows(job_id, args, services, call);
      const companies = found.map((company, at) => toCompany(company, args.offset + at + 1));
      const facts = { ...base, matching, offset: args.offset };
      const cells = companies.map((company) => Object.values(company));
      return pageResult(Object.keys(companies[0] ?? {}), cells, facts);
    }
    const chosen = await toSelection(job_id, args, services, call);
    const request = { ...chosen, sort, descending, limit, long, start: args };
    const page = await services.table.page(job_id, request, call);
    const marks = await readMarks(services.marks, job_id);
    const rows = page.rows.map((cells) => {
      const mark = marks.get(Number(cells[0]));
      return [...cells, mark?.by ?? null, mark?.reason ?? null];
    });
    return pageResult([...page.columns, 'by', 'reason'], rows, {
      ...base,
      matching: page.matching,
      offset: page.offset,
      hidden_duplicates: page.hiddenDuplicates,
    });
  },
});

type PageFacts = Omit<RowsAnswer, 'columns' | 'rows' | 'company'>;

function pageResult(columns: string[], rows: readonly unknown[][], facts: PageFacts) {
  return fittingResult(
    ROW_TEXTS,
    ({ reason, text }): RowsAnswer => ({
      ...facts,
      columns,
      rows: rows.map((cells) =>
        cells.map((each, at) => {
          const column = columns[at] ?? '';
          return shown(column, each, SENTENCES.has(column) ? reason : text);
        }),
      ),
      company: null,
    }),
  );
}

function shown(column: string, each: unknown, maxLength: number): unknown {
  const value = typeof each === 'string' && LISTS.has(column) ? listIn(each) : each;
  if (typeof value === 'string') return cutText(cleanText(value), maxLength);
  if (!Array.isArray(value)) return typeof value === 'object' ? null : value;
  return value.slice(0, 20).map((item) => cutText(cleanText(String(item)), Math.min(maxLength, 80)));
}
