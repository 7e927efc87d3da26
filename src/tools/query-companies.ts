import * as z from 'zod';
import { cleanAndCut, counted, oneLine } from '../lib/text.ts';
import { aboutLists, listsFor, scopeOf } from '../lists/selecting/question.ts';
import { invalidInput, part, type Said, type ToolAnswer } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { exportPart } from '../results/job-parts.ts';
import { rowLine } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import type { SqlValue } from '../sql/messages.ts';
import { prepareStatement } from '../sql/statement/dialect.ts';
import { hintsOf } from '../sql/statement/hints.ts';
import { hasLimit } from '../sql/statement/sql-tokens.ts';
import { defineTool, type Services } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';

const USUAL_ROWS = 50;
const USUAL_TEXT = 300;
const SHORT_TEXT = 80;
const ROWS_BESIDE_FILE = 10;
const MAX_JOBS = 20;

const TABLES = `Tables:
companies, one row per delivered company, duplicates included: job_id, label, row (rank from 1), company_key (same across jobs), name, domain, headquarters, city, state, country, country_code (alpha-3), region, in_eu (1/0), employees, employees_min, employees_max, funding_stage, revenue_usd, linkedin_url, linkedin_followers, industries (JSON array), match_reason, description, tagline, is_seed (1/0), same_as (first row of the same company, else NULL), also_in (JSON array of other jobs in the tables), known_in (JSON array of known lists with it), known_maybe (perhaps with it), known_like (entries like it), verdict, role, score, reason, marked_at (from mark_companies), extra (JSON). Empty arrays are '[]', unknown values NULL.
distinct_companies: each company once, with lists (JSON array of its jobs) and best_row. jobs: job_id, label, submitted_at, query, seed_domains, requested_limit, status, companies, credits.
Function known(list or '*', company_key, name, domain): 1 if the known list has the company.`;

const input = z.strictObject({
  sql: z.string().min(1).max(20_000).describe(`One SELECT, or WITH … SELECT, in SQLite. ${TABLES}`),
  job_ids: field.described(
    z.array(field.jobId).min(1).max(50).optional(),
    'Jobs to query; default every stored job. For also_in, name all jobs to compare.',
  ),
  rows: field.ranks.describe('Only these ranks of each job: "1-180".'),
  max_rows: z.int().min(1).max(500).optional().describe('Rows to return; default 50.'),
  max_chars: field.described(
    z.int().min(20).max(4_000).optional(),
    'Longest text of one field, in characters; default 300. Files are not cut.',
  ),
  format: field.formatOrNone.describe('Write all rows of the result to a file, and return the first ones.'),
  filename: field.fileName.describe('File name without a folder.'),
  ...field.csvStyle,
});

export const queryCompanies = defineTool({
  name: 'query_companies',
  title: 'Query collected companies in SQL',
  description:
    'Runs a read-only SQL query on the companies of finished lookalike jobs. Use it to count, filter, sort or compare companies across jobs. Count with SQL, never by reading rows. Free. Stores the rows of jobs that are not stored yet, and writes a new file if `format` is given. To read a page of rows, use get_bulk_page. To export a whole job, use export_bulk_results.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { export: 'format', job_id: 'job_ids' },
  input,
  output: z.object({
    scope: field.someText.describe('What was queried, without job_ids or with rows.'),
    columns: field.texts('Names of the cells of a row.'),
    rows: field.cells.describe('Rows of the result.'),
    row_count: field.number('Rows of the whole result.'),
    rows_omitted: field.number('Of them, not shown here.'),
    jobs: field.objects(
      {
        job_id: z.string(),
        at_hand: field.bool('Whether it was in the tables.'),
        companies: field.someNumber,
        reason: field.someText.describe('Why not.'),
      },
      'The jobs queried.',
    ),
    export: field.exportedFile.nullable().describe('The written file.'),
  }),
  async handle(args, services, { signal }) {
    const prepared = prepareStatement(args.sql);
    if ('refused' in prepared) throw invalidInput(prepared.refused);
    const found = await answered(args, prepared, services, signal);
    const { max_chars: longest = USUAL_TEXT } = args;
    const chosen = args.max_rows !== undefined || args.max_chars !== undefined;
    const most = found.rows.length;
    const one = Math.min(1, most);
    const build = (chars: number) => (count: number) => tell(found, count, chars);
    return fitting(chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET, [
      { most, build: build(longest) },
      { most, least: one, build: build(chosen ? longest : SHORT_TEXT) },
      // One row that does not fit is shown cut rather than not at all.
      ...[longest, SHORT_TEXT, 40, 20].map((chars) => ({
        most: one,
        build: build(Math.min(longest, chars)),
      })),
    ]);
  },
});

/** What a statement has found: the first rows, the count of all of them, and the file where one was wanted. */
async function answered(
  { format, filename, rows: given, ...args }: z.output<typeof input>,
  { sql, notices }: { sql: string; notices: readonly string[] },
  { lists, exporter, known, marks }: Services,
  signal: AbortSignal,
) {
  const ranks = given ?? null;
  const maxRows = Math.min(args.max_rows ?? USUAL_ROWS, format ? ROWS_BESIDE_FILE : Infinity);
  const { hand, missing } = await listsFor(lists, args.job_ids, signal);
  const jobs = [
    ...missing.map((job) => ({ ...job, at_hand: false })),
    ...hand.map(({ about: { job_id, companies } }) => ({ job_id, at_hand: true, companies, reason: null })),
  ];
  const all = args.job_ids !== undefined && ranks === null;
  const scope = all ? null : await scopeOf(lists, hand, { signal, ranks });
  let columns: readonly string[] = [];
  let rows: SqlValue[][] = [];
  let written: Awaited<ReturnType<typeof exporter.file>> = null;
  let count = 0;
  if (format) {
    const onRows = (_: number, names: readonly string[], batch: ReadonlyArray<readonly SqlValue[]>) => {
      columns = names;
      rows.push(...batch.slice(0, maxRows - rows.length).map((row) => [...row]));
    };
    const style = { format, fileName: filename, about: 'query', csv: args };
    written = await exporter.file(hand, { sql, maxRows: 0 }, style, { signal, ranks, onRows });
    count = written?.file.rows ?? 0;
  } else {
    const [answer] = await lists.ask(hand, [{ sql, maxRows }], { signal, ranks });
    if (answer) ({ columns, rows, rowCount: count } = answer);
  }
  const file = written?.file ?? null;
  const ask = (question: string) => lists.rows(hand, question, { signal, ranks, maxRows: 100 });
  const said: Said[] = [
    ...notices,
    ...(await aboutLists(hand, marks)),
    hand.length === 1 &&
      /also_in/i.test(sql) &&
      'also_in compares only the jobs in the tables, and there is one. Name the other jobs in job_ids too.',
    ...(/known|\*/i.test(sql) ? await notKnown({ known }) : []),
    format && file === null && 'The query returned no rows, so no file was written.',
    ...(file ? [] : await hintsOf({ sql, columns, rows, rowCount: count }, ask)),
    ...(written?.notices ?? []),
    file &&
      hasLimit(sql) &&
      `The query has a LIMIT, so the ${counted(count, 'row')} of the file may not be all there are.`,
  ];
  return { columns, rows, file, count, scope, jobs, notices: said };
}

function tell(found: Awaited<ReturnType<typeof answered>>, most: number, maxChars: number): ToolAnswer {
  const { scope, file, count } = found;
  const columns = found.columns.map((name) => oneLine(name, 100));
  const rows = found.rows
    .slice(0, most)
    .map((row) => row.map((each) => (typeof each === 'string' ? cleanAndCut(each, maxChars) : each)));
  const omitted = count - rows.length;
  const jobs = found.jobs.slice(0, MAX_JOBS);
  const named = jobs.flatMap(({ job_id, companies, at_hand }) =>
    at_hand && companies !== null ? `${job_id} (${counted(companies, 'company')})` : [],
  );
  return {
    lead: scope,
    notices: [
      ...found.notices,
      ...jobs.map(
        ({ job_id, at_hand, reason }) => !at_hand && `Job ${job_id} is NOT in the tables: ${reason}.`,
      ),
      jobs.length < found.jobs.length &&
        `${jobs.length} of ${found.jobs.length} jobs are listed. SELECT * FROM jobs has all.`,
      omitted > 0 &&
        (file
          ? `All ${counted(count, 'row', 'are')} in the file; ${rows.length} of them shown.`
          : `${rows.length} of ${counted(count, 'row', 'are')} shown. LIMIT and OFFSET, a larger max_rows or fewer columns show more. format writes all to a file.`),
    ],
    parts: [
      part(
        { scope, columns, rows, row_count: count, rows_omitted: omitted, jobs },
        `${counted(count, 'row')}${omitted > 0 ? `, ${omitted} of them not shown` : ''}.`,
      ),
      { ...exportPart(file), fields: { export: file } },
      part(
        {},
        `Jobs: ${named.join(', ')}`,
        ...(rows.length > 0 ? [columns, ...rows] : []).map((row) => rowLine(row)),
      ),
    ],
  };
}
