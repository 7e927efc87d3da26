import * as z from 'zod';
import type { ExportedFile } from '../files/row-export.ts';
import { cleanAndCut, oneLine } from '../lib/text.ts';
import { aboutName, markOf } from '../lists/selecting/export.ts';
import { aboutLists, type JobReport, listsFor, scopeOf } from '../lists/selecting/question.ts';
import { toRanks } from '../lists/selecting/ranks.ts';
import { quotesUpstream } from '../reading/words.ts';
import { invalidInput, part, type Said, type ToolAnswer } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { exportPart, linkTo } from '../results/job-parts.ts';
import { queryFailure } from '../results/query-failure.ts';
import { rowLine } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { COMPANY_COLUMNS, JOB_COLUMNS } from '../sql/columns.ts';
import type { SqlValue } from '../sql/messages.ts';
import { hintsOf } from '../sql/statement/hints.ts';
import { prepareStatement } from '../sql/statement/prepare.ts';
import { hasLimit } from '../sql/statement/tokens.ts';
import { QueryError } from '../sql/thread.ts';
import { defineTool } from './parts/define-tool.ts';
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
  rows: field.ranksText.describe('Only these ranks of each job: "1-180".'),
  max_rows: z.int().min(1).max(500).optional().describe('Rows to return; default 50.'),
  max_chars: field.described(
    z.int().min(20).max(4_000).optional(),
    'Longest text of one field, in characters; default 300. Files are not cut.',
  ),
  format: field.formatOrNone.describe('Write all rows of the result to a file, and return the first ones.'),
  filename: z.string().max(300).optional().describe('File name without a folder.'),
  ...field.csvStyle,
});
type Input = z.output<typeof input>;

export const queryCompanies = defineTool({
  name: 'query_companies',
  title: 'Query collected companies in SQL',
  description:
    'Runs a read-only SQL query on the companies of finished lookalike jobs. Use it to count, filter, sort or compare companies across jobs. Count with SQL, never by reading rows. Free. Stores the rows of jobs that are not stored yet, and writes a new file if `format` is given. To read a page of rows, use get_bulk_page. To export a whole job, use export_bulk_results.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { export: 'format' },
  input,
  output: z.object({
    untrusted: field.untrusted,
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
  async handle(args, { lists, exporter, known }, { signal }) {
    const prepared = prepareStatement(args.sql);
    if ('refused' in prepared) throw invalidInput(prepared.refused);
    const { sql, bare } = prepared;
    const format = args.format === 'none' ? undefined : args.format;
    const maxRows = Math.min(args.max_rows ?? USUAL_ROWS, format ? ROWS_BESIDE_FILE : Infinity);
    const ranks = args.rows === undefined ? null : toRanks(args.rows);
    // A name that can't be used is said before anything is read.
    if (format) exporter.nameOf(args.filename, 'query', format, null);
    try {
      const { hand, jobs } = await listsFor(lists, args.job_ids, signal);
      const all = args.job_ids !== undefined && ranks === null;
      const scope = all ? null : await scopeOf(lists, hand, { signal, ranks });
      const found: Found = { columns: [], rows: [], count: 0, file: null };
      const fileName = format && exporter.nameOf(args.filename, 'query', format, markOf(hand));
      if (fileName === undefined) {
        const [answered] = await lists.ask(hand, [{ sql, maxRows }], { signal, ranks });
        found.columns = answered?.columns ?? [];
        found.rows = answered?.rows ?? [];
        found.count = answered?.rowCount ?? 0;
      } else {
        found.file = await exporter.file(
          hand,
          { sql, maxRows: 0 },
          { format: format ?? 'csv', fileName, csv: field.toCsvStyle(args) },
          {
            signal,
            ranks,
            onRow: (columns, row) => {
              found.columns = columns;
              if (found.rows.length < maxRows) found.rows.push([...row]);
            },
          },
        );
        found.count = found.file?.rows ?? 0;
      }
      const { file, columns, rows, count } = found;
      const ask = (question: string) => lists.rows(hand, question, { signal, ranks, maxRows: 100 });
      const hints = file ? [] : await hintsOf({ sql, columns, rows, known: NAMES }, ask);
      const notices = [
        ...prepared.notices,
        ...aboutLists(hand),
        ...(/known|\*/i.test(sql) ? await notKnown({ known }) : []),
        format && file === null && 'The query returned no rows, so no file was written.',
        ...hints,
        ...(file && fileName && args.filename !== undefined ? aboutName(fileName, file) : []),
        file &&
          hasLimit(sql) &&
          `The query has a LIMIT, so the ${count} rows of the file may not be all there are.`,
      ];
      return tellFitting(args, { ...found, scope, jobs, notices });
    } catch (error) {
      if (!(error instanceof QueryError) || error.failure.kind === 'bug') throw error;
      return queryFailure(error.failure, bare);
    }
  },
});

const NAMES = [...COMPANY_COLUMNS, ...JOB_COLUMNS.map(({ name }) => name)];

interface Found {
  columns: readonly string[];
  rows: SqlValue[][];
  count: number;
  file: ExportedFile | null;
}

interface Told extends Found {
  scope: string | null;
  jobs: JobReport[];
  notices: Said[];
}

/** As many of the rows as fit: into the usual size, or into the promise alone where the caller chose. */
function tellFitting({ max_rows, max_chars }: Input, found: Told): ToolAnswer {
  const chosen = max_rows !== undefined || max_chars !== undefined;
  const budget = chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET;
  const longest = max_chars ?? USUAL_TEXT;
  const most = found.rows.length;
  const one = Math.min(1, most);
  const build = (chars: number) => (count: number) => tell(found, count, chars);
  return fitting(budget, [
    { most, build: build(longest) },
    { most, least: one, build: build(chosen ? longest : SHORT_TEXT) },
    // One row that does not fit is shown cut rather than not at all.
    ...[longest, SHORT_TEXT, 40, 20].map((chars) => ({ most: one, build: build(Math.min(longest, chars)) })),
  ]);
}

function tell({ scope, file, count, ...found }: Told, most: number, maxChars: number): ToolAnswer {
  const columns = found.columns.map((name) => oneLine(name, 100));
  const rows = found.rows
    .slice(0, most)
    .map((row) => row.map((each) => (typeof each === 'string' ? cleanAndCut(each, maxChars) : each)));
  const omitted = count - rows.length;
  const missing = found.jobs.filter(({ at_hand }) => !at_hand).slice(0, MAX_JOBS);
  const jobs = [...missing, ...found.jobs.filter(({ at_hand }) => at_hand)].slice(0, MAX_JOBS);
  const named = jobs.map(
    ({ job_id, companies, at_hand }) =>
      `${job_id} (${at_hand ? `${companies} companies` : 'not in the tables'})`,
  );
  return {
    lead: scope,
    untrusted: rows.length > 0 || quotesUpstream(jobs.map(({ reason }) => reason)),
    notices: [
      ...found.notices,
      ...missing.map(({ job_id, reason }) => `Job ${job_id} is NOT in the tables: ${reason}.`),
      jobs.length < found.jobs.length &&
        `${jobs.length} of ${found.jobs.length} jobs are listed. SELECT * FROM jobs has all.`,
      omitted > 0 &&
        (file
          ? `All ${count} rows are in the file; ${rows.length} of them are shown.`
          : `${rows.length} of ${count} rows are shown. LIMIT and OFFSET, a larger max_rows or fewer columns show more. format writes all to a file.`),
    ],
    parts: [
      part(
        { scope, columns, rows, row_count: count, rows_omitted: omitted, jobs },
        `${count} rows${omitted > 0 ? `, ${omitted} of them not shown` : ''}.`,
      ),
      part({ export: file }, ...exportPart(file).lines),
      part(
        {},
        `Jobs: ${named.join(', ')}`,
        ...(rows.length > 0 ? [columns, ...rows] : []).map((row) => rowLine(row)),
      ),
    ],
    link: file && linkTo(file),
  };
}
