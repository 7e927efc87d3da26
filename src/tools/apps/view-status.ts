import * as z from 'zod';
import { cleanAndCut } from '../../lib/text.ts';
import { jobId } from '../../results/schema.ts';
import type { Bucket, StatusAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { fittingResult, type Sizes } from './view-result.ts';
import { bucket, counts, fit, judgedNow, selection, toSelection } from './view-schema.ts';

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
  input: z.strictObject({
    job_id: jobId.optional().describe('Default: the job submitted last.'),
    session: z.boolean().default(false).describe('Also give back what view_session kept.'),
    ...selection,
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    newest: z.boolean().describe('Whether none was asked for, and this is the one submitted last.'),
    title: z.string().describe('What was searched for.'),
    query: z.string().describe('The words of the search.'),
    submitted_at: z.string().nullable().describe('When, ISO 8601.'),
    status: z.string().describe('Its status; completed, failed and cancelled are the end.'),
    terminal: z.boolean().describe('Whether it has ended.'),
    final: z.boolean().describe('Whether its companies are all there and can be judged.'),
    stage: z.string().nullable().describe('What OpenFunnel is doing.'),
    processed: z.number().nullable().describe('Companies qualified so far.'),
    requested: z.number().nullable().describe('Companies asked for.'),
    readable: z.number().nullable().describe('Companies that can be read, at least.'),
    credits_at_least: z.number().nullable().describe('Credits that a cancel now would cost, at least.'),
    error_message: z.string().nullable().describe('Why it failed, in words of OpenFunnel.'),
    revision: z.string().describe('Differs when marks or lists do.'),
    counts: counts.nullable(),
    fit: fit.nullable().describe('How much of the list is right, by the verdicts so far.'),
    facets: z
      .object({
        verdicts: z.array(bucket),
        countries: z.array(bucket),
        sizes: z.array(bucket),
        stages: z.array(bucket),
      })
      .nullable()
      .describe('Companies by value, each list under the other filters.'),
    session: z.string().nullable().describe('What view_session kept.'),
  }),
  async handle({ job_id, session, ...given }, services, call) {
    const { watch, noted, table, sessions } = services;
    const id = job_id ?? (await noted.newest(call));
    const look = await watch.look(id, true, call);
    const { state } = look;
    const final = state.results_final;
    const judged = final
      ? await judgedNow(id, services, call)
      : { revision: await table.revision(id), counts: null, fit: null };
    const facets = final ? await table.facets(id, await toSelection(id, given, services, call), call) : null;
    const kept = session ? await sessions.of(id) : null;
    return fittingResult(
      SIZES,
      ({ buckets, label }): StatusAnswer => {
        const shown = (all: readonly Bucket[]) =>
          all.slice(0, buckets).map((each) => ({ ...each, label: each.label.slice(0, label) }));
        return {
          job_id: id,
          newest: job_id === undefined,
          title: look.title.slice(0, 300),
          query: cleanAndCut(look.query, 600),
          submitted_at: look.submittedAt,
          status: state.status,
          terminal: state.terminal,
          final,
          stage: state.stage,
          processed: state.processed,
          requested: look.requested,
          readable: look.readable,
          credits_at_least: look.creditsAtLeast,
          error_message: state.error_message,
          ...judged,
          facets: facets && {
            verdicts: facets.verdicts,
            countries: shown(facets.countries),
            sizes: shown(facets.sizes),
            stages: shown(facets.stages),
          },
          session: kept,
        };
      },
      look.notices,
    );
  },
});
