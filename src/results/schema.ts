import * as z from 'zod';
import { DELIMITERS } from '../files/csv.ts';
import { EXPORT_FORMATS, toFileName } from '../files/export-format.ts';
import { toRanks } from '../lists/selecting/ranks.ts';
import { JOB_ID, normalJobId } from '../openfunnel/job-id.ts';

// Parameters and result fields that several tools share, written once.

export const described = <Type extends z.ZodType>(type: Type, what: string): Type => type.describe(what);
/** Fields of results, each with what it means. */
export const text = (what: string) => z.string().describe(what);
export const number = (what: string) => z.number().describe(what);
export const bool = (what: string) => z.boolean().describe(what);
export const texts = (what: string) => z.array(z.string()).describe(what);
export const objects = <Shape extends z.ZodRawShape>(shape: Shape, what: string) =>
  z.array(z.object(shape)).describe(what);
export const someText = z.string().nullable();
export const someNumber = z.number().nullable();

/** The id of a job, or a word that stands for several where a tool has one. */
export const jobIdText = z.string().trim().regex(JOB_ID, 'only letters, digits, "-" and "_" are allowed');

export const jobId = jobIdText
  .overwrite(normalJobId)
  .describe('From submit_lookalikes_bulk or list_bulk_jobs.');

export const fields = described(
  z.array(z.string().min(1).max(100)).min(1).max(40),
  'Row fields; default name, domain, headquarters, employees, funding_stage, match_reason. Also linkedin_url, industries, city, state, country, country_code, region, revenue_usd, linkedin_followers, tagline, description, or "all".',
);

export const ranks = z.string().max(1_000).transform(toRanks).optional();

export const fileName = z.string().max(300).transform(toFileName).optional();

export const maxChars = described(
  z.int().min(20).max(4000).optional(),
  'Longest text of one field, in characters; default 80, or 300 with fields.',
);

/** The format of a file that is written only if the caller asks for it. */
export const formatOrNone = z
  .enum(['none', ...EXPORT_FORMATS])
  .default('none')
  .transform((format) => (format === 'none' ? undefined : format));

export const csvStyle = {
  delimiter: described(
    z
      .enum([...DELIMITERS, 'tab'])
      .default(',')
      .transform((given) => (given === 'tab' ? '\t' : given)),
    'For CSV. Excel in countries with a decimal comma needs ";".',
  ),
  bom: z.boolean().default(true).describe('For CSV: the UTF-8 mark that Excel needs.'),
};

export const exportedFile = z.object({
  path: text('Full path on this machine.'),
  format: z.enum(EXPORT_FORMATS).describe('Its format.'),
  rows: number('Rows written.'),
  bytes: number('Its size.'),
  columns: texts('Its columns.'),
});

export const cells = z.array(z.array(z.unknown()));

/** What every result with rows has: one list of names, and a list of cells a company. */
export const rowTable = {
  columns: texts('Names of the cells of a row; the first is "row".'),
  rows: cells.describe('Companies, best first; row is the rank in the whole list, from 1.'),
  row_numbers: z.enum(['exact', 'expected']).describe('expected until all earlier pages have been read.'),
};

export const manifest = described(
  z.record(z.string(), z.unknown()).nullable(),
  "OpenFunnel's totals: count, pages, page_size, credits_consumed, partial. Null until the job ends.",
);

export const jobState = z.object({
  job_id: text('The job.'),
  status: text(
    'pending, running, cancelling; or ended: completed, failed, cancelled. Any other word counts as not ended.',
  ),
  terminal: bool('The job has ended.'),
  results_final: bool('Completed or cancelled: rows no longer change.'),
  processed: number(
    'Companies that qualified so far: progress, not what can be read or is billed.',
  ).nullable(),
  stage: text('What OpenFunnel is doing.').optional(),
  error_message: text('Why the job failed, in words of OpenFunnel.').optional(),
});
