import * as z from 'zod';
import { type CsvStyle, DELIMITERS } from '../files/csv.ts';
import { EXPORT_FORMATS } from '../files/export-format.ts';

// Parameters and result fields that several tools share, written once.

export const jobId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'only letters, digits, "-" and "_" are allowed')
  .describe('As submit_lookalikes_bulk returned it.');

export const fields = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(40)
  .describe(
    'Row fields to return, by name; default name, domain, headquarters, employee_count, funding_stage, match_reason (shortened). ["all"]: every field, costly.',
  );

/** How a CSV is written, wherever rows are exported. */
export const csvStyle = {
  delimiter: z
    .enum([...DELIMITERS, 'tab'])
    .default(',')
    .describe('Of a csv. Excel in countries with a decimal comma wants ";".'),
  bom: z.boolean().default(true).describe('Begin a csv with the UTF-8 mark, which Excel needs.'),
};

/** `csvStyle` as the files take it. */
export function toCsvStyle({ delimiter, bom }: z.output<z.ZodObject<typeof csvStyle>>): CsvStyle {
  return { delimiter: delimiter === 'tab' ? '\t' : delimiter, bom };
}

/** Facts of a written file, in every result that has one. */
export const exportedFile = z.object({
  path: z.string(),
  format: z.enum(EXPORT_FORMATS),
  rows: z.number(),
  bytes: z.number(),
  columns: z.array(z.string()),
});

export const row = z.record(z.string(), z.unknown());

/** Job state, in every result about a job. */
export const jobState = z.object({
  job_id: z.string(),
  status: z.string(),
  terminal: z.boolean(),
  results_final: z.boolean(),
  processed: z.number().nullable(),
  stage: z.string().nullable(),
  manifest: z.record(z.string(), z.unknown()).nullable(),
  error_message: z.string().nullable(),
  next_step: z.string(),
});
