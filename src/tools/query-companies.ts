import * as z from 'zod';
import { EXPORT_FORMATS } from '../files/export-format.ts';
import type { ExportedFile } from '../files/row-export.ts';
import { cleanAndCut, oneLine } from '../lib/text.ts';
import { aboutName, markOf } from '../lists/selecting/export.ts';
import { aboutLists, type JobReport, listsFor, scopeOf } from '../lists/selecting/question.ts';
import { toRanks } from '../lists/selecting/ranks.ts';
import { quotesUpstream } from '../reading/words.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { CHOSEN_BUDGET, DEFAULT_BUDGET, fits, largestFitting } from '../results/budget.ts';
import { renderFile } from '../results/job-parts.ts';
import { queryFailure } from '../results/query-failure.ts';
import { rowLine } from '../results/render.ts';
import { invalidInput, success, type ToolResult, withLink } from '../results/result.ts';
import { csvStyle, exportedFile, jobId, ranksText, toCsvStyle, untrusted } from '../results/schema.ts';
import { COMPANY_COLUMNS, JOB_COLUMNS } from '../sql/columns.ts';
import type { SqlValue } from '../sql/messages.ts';
import { hintsOf } from '../sql/statement/hints.ts';
import { prepareStatement } from '../sql/statement/prepare.ts';
import { hasLimit } from '../sql/statement/tokens.ts';
import { QueryError } from '../sql/thread.ts';
import { linkTo } from './export-bulk-results.ts';
import { defineTool } from './parts/define-tool.ts';
import { notKnown } from './parts/exclude.ts';

const USUAL_ROWS = 50;
const USUAL_TEXT = 300;
/** The same of a field where the rows do not fit otherwise. */
const SHORT_TEXT = 80;
/** Rows shown of what went to a file. */
const ROWS_BESIDE_FILE = 10;
/** Jobs named one by one. */
const MAX_JOBS = 20;

const TABLES = `Tables:
companies, one row per delivered company, duplicates included: job_id, label, row (rank from 1), company_key (same across jobs), name, domain, headquarters, city, state, country, country_code (alpha-3), region, in_eu (1/0), employees, employees_min, employees_max, funding_stage, revenue_usd, linkedin_url, linkedin_followers, industries (JSON array), match_reason, description, tagline, is_seed (1/0), same_as (first row of the same company, else NULL), also_in (JSON array of other jobs in the tables), known_in (JSON array of known lists with it), known_maybe (perhaps with it), known_like (entries like it), verdict, role, score, reason, marked_at (from mark_companies), extra (JSON). Empty arrays are '[]', unknown values NULL.
distinct_companies: each company once, with lists (JSON array of its jobs) and best_row. jobs: job_id, label, submitted_at, query, seed_domains, requested_limit, status, companies, credits.
Function known(list or '*', company_key, name, domain): 1 if the known list has the company.`;

const input = z.strictObject({
  sql: z.string().min(1).max(20_000).describe(`One SELECT, or WITH … SELECT, in SQLite. ${TABLES}`),
  job_ids: z
    .array(jobId)
    .min(1)
    .max(50)
    .optional()
    .describe('Jobs to query; default every stored job. For also_in, name all jobs to compare.'),
  rows: ranksText.describe('Only these ranks of each job: "1-180".'),
  max_rows: z.int().min(1).max(500).optional().describe('Rows to return; default 50.'),
  max_chars: z
    .int()
    .min(20)
    .max(4_000)
    .optional()
    .describe('Longest text of one field, in characters; default 300. Files are not cut.'),
  format: z
    .enum(['none', ...EXPORT_FORMATS])
    .default('none')
    .describe('Write all rows of the result to a file, and return the first ones.'),
  filename: z.string().max(300).optional().describe('File name without a folder.'),
  ...csvStyle,
});
type Input = z.output<typeof input>;

const value = z.unknown();

export const queryCompanies = defineTool({
  name: 'query_companies',
  title: 'Query collected companies in SQL',
  description:
    'Runs a read-only SQL query on the companies of finished lookalike jobs. Use it to count, filter, sort or compare companies across jobs. Count with SQL, never by reading rows. Free. Stores the rows of jobs that are not stored yet, and writes a new file if `format` is given. To read a page of rows, use get_bulk_page. To export a whole job, use export_bulk_results.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  aliases: { export: 'format' },
  input,
  output: z.object({
    untrusted,
    scope: z.string().nullable().describe('What was queried, without job_ids or with rows.'),
    columns: z.array(z.string()).describe('Names of the cells of a row.'),
    rows: z.array(z.array(value)).describe('Rows of the result.'),
    row_count: z.number().describe('Rows of the whole result.'),
    rows_omitted: z.number().describe('Of them, not shown here.'),
    jobs: z
      .array(
        z.object({
          job_id: z.string(),
          at_hand: z.boolean().describe('Whether it was in the tables.'),
          companies: z.number().nullable(),
          reason: z.string().nullable().describe('Why not.'),
        }),
      )
      .describe('The jobs queried.'),
    export: exportedFile.nullable().describe('The written file.'),
  }),
  async handle(args, { lists, exporter, known }, { signal }) {
    const prepared = prepareStatement(args.sql);
    if ('refused' in prepared) throw invalidInput(prepared.refused);
    const { sql, bare } = prepared;
    const format = args.format === 'none' ? undefined : args.format;
    const maxRows = Math.min(
      args.max_rows ?? USUAL_ROWS,
      format ? ROWS_BESIDE_FILE : Number.POSITIVE_INFINITY,
    );
    const ranks = args.rows === undefined ? null : toRanks(args.rows);
    // A name that can't be used is said before anything is read.
    if (format) exporter.nameOf(args.filename, 'query', format, null);
    try {
      const { hand, jobs } = await listsFor(lists, args.job_ids, signal);
      const all = args.job_ids !== undefined && ranks === null;
      const scope = all ? null : await scopeOf(lists, hand, { signal, ranks });
      const about = { scope, jobs };
      const notices = [
        ...prepared.notices,
        ...aboutLists(hand),
        ...(/known|\*/i.test(sql) ? await notKnown({ known }) : []),
      ];
      const hints = (columns: readonly string[], rows: readonly SqlValue[][]) =>
        hintsOf({ sql, columns, rows, known: [...COMPANY_COLUMNS, ...JOB_NAMES] }, async (question) => {
          const [answered] = await lists.ask(hand, [{ sql: question, maxRows: 100 }], { signal, ranks });
          return answered?.rows ?? [];
        });
      if (!format) {
        const [answered] = await lists.ask(hand, [{ sql, maxRows }], { signal, ranks });
        const { columns = [], rows = [], rowCount = 0 } = answered ?? {};
        const said = [...notices, ...(await hints(columns, rows))];
        return fitting(args, { ...about, columns, rows, rowCount, export: null, notices: said });
      }
      const rows: SqlValue[][] = [];
      let columns: readonly string[] = [];
      const fileName = exporter.nameOf(args.filename, 'query', format, markOf(hand));
      const file = await exporter.file(
        hand,
        { sql, maxRows: 0 },
        { format, fileName, csv: toCsvStyle(args) },
        {
          signal,
          ranks,
          onRow: (names, row) => {
            columns = names;
            if (rows.length < maxRows) rows.push([...row]);
          },
        },
      );
      if (file === null) {
        const empty = ['The query returned no rows, so no file was written.', ...(await hints([], []))];
        const nothing = { ...about, columns: [], rows: [], rowCount: 0, export: null };
        return fitting(args, { ...nothing, notices: [...notices, ...empty] });
      }
      const answered = { ...about, columns: [...columns], rows, rowCount: file.rows, export: file };
      const said = [
        ...(args.filename === undefined ? [] : aboutName(fileName, file)),
        ...(hasLimit(sql)
          ? [`The query has a LIMIT, so the ${file.rows} rows of the file may not be all there are.`]
          : []),
      ];
      return withLink(fitting(args, { ...answered, notices: [...notices, ...said] }), linkTo(file));
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return queryFailure(error, bare);
    }
  },
});

const JOB_NAMES = JOB_COLUMNS.map(({ name }) => name);

interface CompaniesAnswer {
  scope: string | null;
  columns: string[];
  rows: SqlValue[][];
  rowCount: number;
  jobs: JobReport[];
  export: ExportedFile | null;
  notices: string[];
}

/** As many of the rows as fit: into the usual size, or into the promise alone where the caller chose. */
function fitting(args: Input, answer: CompaniesAnswer): ToolResult {
  const chosen = args.max_rows !== undefined || args.max_chars !== undefined;
  const budget = chosen ? CHOSEN_BUDGET : DEFAULT_BUDGET;
  const longest = args.max_chars ?? USUAL_TEXT;
  const all = render(answer, answer.rows.length, longest);
  if (answer.rows.length === 0 || fits(all, budget)) return all;
  const { n, built } = largestFitting(answer.rows.length, budget, (count) =>
    render(answer, count, chosen ? longest : SHORT_TEXT),
  );
  if (n > 0) return built;
  // One row that does not fit is shown cut rather than not at all.
  for (const shortest of [longest, SHORT_TEXT, 40, 20]) {
    const one = render(answer, 1, Math.min(longest, shortest));
    if (fits(one, budget)) return one;
  }
  return built;
}

function render(answer: CompaniesAnswer, shown: number, maxChars: number): ToolResult {
  const columns = answer.columns.map((name) => oneLine(name, 100));
  const rows = answer.rows.slice(0, shown).map((row) => row.map((each) => show(each, maxChars)));
  const omitted = answer.rowCount - rows.length;
  const missing = answer.jobs.filter(({ at_hand }) => !at_hand);
  const jobs = [...missing, ...answer.jobs.filter(({ at_hand }) => at_hand)].slice(0, MAX_JOBS);
  const notices = [
    ...answer.notices,
    ...missing
      .slice(0, MAX_JOBS)
      .map(({ job_id, reason }) => `Job ${job_id} is NOT in the tables: ${reason}.`),
  ];
  if (jobs.length < answer.jobs.length) {
    notices.push(`${jobs.length} of ${answer.jobs.length} jobs are listed. SELECT * FROM jobs has all.`);
  }
  if (omitted > 0) {
    notices.push(
      answer.export === null
        ? `${rows.length} of ${answer.rowCount} rows are shown. LIMIT and OFFSET, a larger max_rows or fewer columns show more. format writes all to a file.`
        : `All ${answer.export.rows} rows are in the file; ${rows.length} of them are shown.`,
    );
  }
  const marked = rows.length > 0 || quotesUpstream(jobs.map(({ reason }) => reason));
  const structured = {
    ...(marked ? { untrusted: UNTRUSTED } : {}),
    scope: answer.scope,
    columns,
    rows,
    row_count: answer.rowCount,
    rows_omitted: omitted,
    jobs,
    export: answer.export,
  };
  const lines = answer.scope === null ? [] : [answer.scope];
  lines.push(...notices.map((notice) => `NOTE: ${notice}`));
  if (rows.length === 0 && marked) lines.push(UNTRUSTED);
  lines.push(`${answer.rowCount} rows${omitted > 0 ? `, ${omitted} of them not shown` : ''}.`);
  if (answer.export) lines.push(renderFile(answer.export));
  lines.push(
    `Jobs: ${jobs.map(({ job_id, companies, at_hand }) => `${job_id} (${at_hand ? `${companies} companies` : 'not in the tables'})`).join(', ')}`,
  );
  if (rows.length > 0) {
    lines.push(UNTRUSTED, rowLine(columns));
    lines.push(...rows.map((row) => rowLine(row)));
  }
  return success(structured, lines.join('\n'), notices, true);
}

function show(each: SqlValue, maxChars: number): SqlValue {
  return typeof each === 'string' ? cleanAndCut(each, maxChars) : each;
}
