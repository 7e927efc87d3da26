import * as z from 'zod';
import { OpenFunnelError } from '../../lib/errors.ts';
import { cleanText, cutText } from '../../lib/text.ts';
import { type CompanyRow, listIn } from '../../lists/selecting/fields.ts';
import { COMPANY_FACTS } from '../../lists/table/company-table.ts';
import { jobId } from '../../results/schema.ts';
import { ARRAY_COLUMNS } from '../../sql/columns.ts';
import type { RowsAnswer } from '../../view/contract.ts';
import type { Services, ToolCall } from '../parts/define-tool.ts';
import { doubtsOf, fittingResult, ordering, row, selection, toSelection, viewTool } from './view-tool.ts';

/** Longest text of a sentence, until the result fits; other texts have no more than `OTHERS`. Characters. */
const WHOLE = [12_000, 4_000, 1_200, 240];
const LONG = [1_200, 240, 80, 40, 10];
const SHORT = LONG.slice(1);
const OTHERS = 160;
const SENTENCES = new Set(['match_reason', 'says', 'reason']);
/** Pages that are looked through for rows of a job that is not final. */
const MOST_PAGES = 20;

export const viewRows = viewTool({
  name: 'view_rows',
  title: 'Companies of a job',
  description: 'One page of the companies that a selection leaves, or with row all that is known of one.',
  input: z.strictObject({
    job_id: jobId,
    row: row.optional().describe('The one company to read in full.'),
    offset: z.int().min(0).max(1_000_000).default(0),
    after: row.optional().describe('The page behind this row.'),
    before: row.optional().describe('The page that ends before this row.'),
    from: row.optional().describe('The page that begins with this row.'),
    rows: z.array(row).max(100).optional().describe('These rows, whatever the selection leaves.'),
    limit: z.int().min(1).max(100).default(50),
    long: z.boolean().default(false).describe('Reasons whole, and what the companies say of themselves.'),
    ...ordering,
    ...selection,
  }),
  async handle(args, services, call) {
    const { job_id, long, offset } = args;
    const longest = long ? LONG : SHORT;
    const final = (await services.states.seen(job_id, call)).state.results_final;
    const doubts = final ? await doubtsOf(job_id, services, call) : [];
    if (args.row !== undefined) {
      const company = final
        ? await services.table.company(job_id, args.row, call)
        : (await deliveredRows(job_id, { offset: args.row - 1, limit: 1 }, services, call)).found[0];
      if (!company) throw new OpenFunnelError('not_found', `The job has no row ${args.row}.`);
      const told = Object.entries(company).filter(([column]) => final || COMPANY_FACTS.includes(column));
      const facts = { job_id, matching: 1, offset: 0, hidden_duplicates: 0 };
      return pageResult([Object.fromEntries(told)], facts, WHOLE, doubts);
    }
    if (!final) {
      const { found, matching } = await deliveredRows(job_id, args, services, call);
      const companies = found.map((company, at) => provisional(company, offset + at + 1));
      return pageResult(companies, { job_id, matching, offset, hidden_duplicates: 0 }, longest);
    }
    const asked = await toSelection(job_id, args, services, call);
    const { companies, ...facts } = await services.table.page(job_id, asked, call);
    return pageResult(companies, { job_id, ...facts }, longest, doubts);
  },
});

type PageFacts = Omit<RowsAnswer, 'columns' | 'rows'>;

function pageResult(
  companies: readonly object[],
  facts: PageFacts,
  sizes: readonly number[],
  notices: readonly string[] = [],
) {
  const columns = Object.keys(companies[0] ?? {});
  const build = (longest: number) => {
    const most = (column: string) =>
      SENTENCES.has(column) || sizes === WHOLE ? longest : Math.min(longest, OTHERS);
    const cells = (company: object) =>
      Object.entries(company).map(([column, value]) => shown(column, value, most(column)));
    return { ...facts, columns, rows: companies.map(cells) };
  };
  return fittingResult<RowsAnswer>(sizes, build, notices);
}

function shown(column: string, each: unknown, maxLength: number): unknown {
  const value = typeof each === 'string' && ARRAY_COLUMNS.has(column) ? listIn(each) : each;
  if (typeof value === 'string') return cutText(cleanText(value), maxLength);
  if (!Array.isArray(value)) return typeof value === 'object' ? null : value;
  return value.slice(0, 20).map((item) => cutText(cleanText(String(item)), Math.min(maxLength, 80)));
}

/** Companies of a job that is not final, as its pages have them now, and how many were found at least. */
async function deliveredRows(
  jobId: string,
  { offset, limit }: { offset: number; limit: number },
  { states }: Services,
  call: ToolCall,
): Promise<{ found: CompanyRow[]; matching: number }> {
  const all: CompanyRow[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { companies, next } = await states.page(jobId, cursor, call);
    all.push(...companies);
    // One row more than is shown tells that there are more.
    if (next === null || companies.length === 0 || next === cursor || all.length > offset + limit) break;
    cursor = next;
  }
  return { found: all.slice(offset, offset + limit), matching: all.length };
}

/** Such a company as a row of the table shows it; by its key it is found again when the job has ended. */
function provisional(company: CompanyRow, row: number) {
  const { name, domain, employees, funding_stage, match_reason, company_key: key } = company;
  const country = company.country || company.headquarters;
  const says = company.description || company.tagline;
  return { row, name, domain, country, employees, funding_stage, match_reason, says, key };
}
