import * as z from 'zod';
import { cleanText, cutText } from '../../lib/text.ts';
import { TABLE_REASON, TABLE_TEXT } from '../../lists/company-table.ts';
import { SORTS } from '../../lists/selecting/selection.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import { jobId } from '../../results/schema.ts';
import type { SqlValue } from '../../sql/messages.ts';
import { defineTool } from '../parts/define-tool.ts';
import { fittingResult, type Sizes } from './view-result.ts';
import { selection, toSelection } from './view-schema.ts';

/** Longest texts of a page of rows, until the result fits. Characters. */
const ROW_TEXTS: Sizes<{ reason: number; text: number }> = [
  { reason: TABLE_REASON, text: TABLE_TEXT },
  { reason: 80, text: 80 },
  { reason: 40, text: 40 },
  { reason: 10, text: 20 },
];
/** Longest texts of one company, until the result fits. Characters. */
const COMPANY_TEXTS: Sizes<number> = [12_000, 4_000, 1_500, 300];
/** Columns that hold lists, as JSON in the database. */
const LISTS = new Set(['industries', 'known_in', 'known_maybe', 'also_in']);

const value = z.unknown();

export const viewRows = defineTool({
  name: 'view_rows',
  title: 'Companies of a job (for the table)',
  description:
    'One page of the companies that a selection leaves, or with row all that is known of one. Only for the table.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    row: z.int().min(1).max(1_000_000).optional().describe('The one company to read in full.'),
    offset: z.int().min(0).max(1_000_000).default(0),
    limit: z.int().min(1).max(100).default(50),
    sort: z.enum(SORTS).default('row'),
    descending: z.boolean().default(false),
    ...selection,
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    columns: z.array(z.string()).describe('Names of the cells of each of rows.'),
    rows: z.array(z.array(value)).describe('Companies, each a list of cells.'),
    matching: z.number().describe('Companies that the selection leaves.'),
    offset: z.number().describe('Companies before these.'),
    hidden_duplicates: z.number().describe('Duplicates that are not shown.'),
    company: z
      .record(z.string(), value)
      .nullable()
      .describe('All of one company, where a row was asked for.'),
  }),
  async handle(args, { table }, call) {
    const { job_id, row, offset, limit, sort, descending } = args;
    if (row !== undefined) {
      const company = await table.company(job_id, row, call);
      if (!company) throw new OpenFunnelError('not_found', `The job has no row ${row}.`);
      return fittingResult(COMPANY_TEXTS, (maxLength) => ({
        job_id,
        columns: [],
        rows: [],
        matching: 1,
        offset: 0,
        hidden_duplicates: 0,
        company: Object.fromEntries(
          Object.entries(company).map(([column, each]) => [column, shown(column, each, maxLength)]),
        ),
      }));
    }
    const page = await table.rows(job_id, { ...toSelection(args), offset, limit, sort, descending }, call);
    const { columns } = page;
    return fittingResult(ROW_TEXTS, ({ reason, text }) => ({
      job_id,
      columns,
      rows: page.rows.map((cells) =>
        cells.map((each, at) => {
          const column = columns[at] ?? '';
          return shown(column, each, column === 'match_reason' ? reason : text);
        }),
      ),
      matching: page.matching,
      offset,
      hidden_duplicates: page.hiddenDuplicates,
      company: null,
    }));
  },
});

function shown(column: string, each: SqlValue, maxLength: number): unknown {
  if (typeof each !== 'string') return each;
  if (!LISTS.has(column)) return cutText(cleanText(each), maxLength);
  const parsed: unknown = JSON.parse(each);
  if (!Array.isArray(parsed)) return [];
  return parsed.slice(0, 20).map((item) => cutText(cleanText(String(item)), Math.min(maxLength, 80)));
}
