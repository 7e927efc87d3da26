import * as z from 'zod';
import type { Bucket } from '../../lists/company-table.ts';
import { jobId } from '../../results/schema.ts';
import { defineTool } from '../parts/define-tool.ts';
import { fittingResult, type Sizes } from './view-result.ts';
import { bucket, counts } from './view-schema.ts';

/** Values named of each filter, and how long their names may be, until the result fits. */
const SIZES: Sizes<{ buckets: number; label: number }> = [
  { buckets: 300, label: 80 },
  { buckets: 60, label: 60 },
  { buckets: 12, label: 40 },
];

export const viewStatus = defineTool({
  name: 'view_status',
  title: 'State of a job (for the table)',
  description:
    'Where a job stands and what its companies are like, for the head of the table. Only for the table.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  view: 'only',
  input: z.strictObject({ job_id: jobId.optional().describe('Default: the job submitted last.') }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    title: z.string().describe('What was searched for.'),
    submitted_at: z.string().nullable().describe('When, ISO 8601.'),
    status: z.string().describe('Its status; completed, failed and cancelled are the end.'),
    terminal: z.boolean().describe('Whether it has ended.'),
    stage: z.string().nullable().describe('What OpenFunnel is doing.'),
    processed: z.number().nullable().describe('Companies qualified so far.'),
    requested: z.number().nullable().describe('Companies asked for.'),
    readable: z.number().nullable().describe('Companies that can be read, at least.'),
    credits_at_least: z.number().nullable().describe('Credits that a cancel now would cost, at least.'),
    error_message: z.string().nullable().describe('Why it failed, in words of OpenFunnel.'),
    revision: z.string().describe('Differs when marks or lists do.'),
    counts: counts.nullable(),
    countries: z.array(bucket).describe('Companies by country.'),
    sizes: z.array(bucket).describe('Companies by size.'),
    stages: z.array(bucket).describe('Companies by funding stage.'),
  }),
  async handle({ job_id }, { watch, noted, table }, call) {
    const id = job_id ?? (await noted.newest(call));
    const look = await watch.look(id, true, call);
    const { state } = look;
    // Asked before the companies are: what changes meanwhile is seen at the next look.
    const revision = await table.revision(id);
    const overview = state.results_final ? await table.overview(id, revision, call) : null;
    return fittingResult(
      SIZES,
      ({ buckets, label }) => {
        const shown = (all: readonly Bucket[] = []) =>
          all.slice(0, buckets).map((each) => ({ ...each, label: each.label.slice(0, label) }));
        return {
          job_id: id,
          title: look.title.slice(0, 300),
          submitted_at: look.submittedAt,
          status: state.status,
          terminal: state.terminal,
          stage: state.stage,
          processed: state.processed,
          requested: look.requested,
          readable: look.readable,
          credits_at_least: look.creditsAtLeast,
          error_message: state.error_message,
          revision,
          counts: overview?.counts ?? null,
          countries: shown(overview?.countries),
          sizes: shown(overview?.sizes),
          stages: shown(overview?.stages),
        };
      },
      look.notices,
    );
  },
});
