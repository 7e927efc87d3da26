import * as z from 'zod';
import { cleanAndCut } from '../../lib/text.ts';
import { newestJob } from '../../lists/noted-jobs.ts';
import { promised } from '../../reading/state.ts';
import { jobId } from '../../results/schema.ts';
import type { Bucket, StatusAnswer } from '../../view/contract.ts';
import { quotedSearch } from '../parts/searches.ts';
import { fittingResult, judgedNow, selection, toSelection, viewTool } from './view-tool.ts';

const SIZES = [
  { buckets: 300, label: 80 },
  { buckets: 60, label: 60 },
  { buckets: 12, label: 40 },
];

export const viewStatus = viewTool({
  name: 'view_status',
  title: 'State of a job',
  description: 'Where a job stands and what its companies are like, for the head of the table.',
  input: z.strictObject({
    job_id: jobId.optional().describe('Default: the job submitted last.'),
    session: z.boolean().default(false).describe('Also give back what view_session kept.'),
    ...selection,
  }),
  async handle({ job_id, session, ...given }, services, call) {
    const { states, ledger, table, sessions } = services;
    const id = job_id ?? (await newestJob(ledger));
    const { state, notices } = await states.seen(id, call);
    const { request = null, submitted_at = null } = (await ledger.find(id)) ?? {};
    const { status, terminal, results_final: final, stage, processed, error_message } = state;
    const readable = state.terminal ? null : await states.readable(id, call);
    const requested = request?.limit ?? null;
    const stands = { status, terminal, final, stage, processed, requested, readable };
    const judged = final
      ? await judgedNow(id, services, call)
      : { revision: await table.revision(id), counts: null, fit: null };
    const facets = final ? await table.facets(id, await toSelection(id, given, services, call), call) : null;
    const kept = session ? await sessions.of(id) : null;
    return fittingResult<StatusAnswer, (typeof SIZES)[number]>(
      SIZES,
      ({ buckets, label }) => {
        const shown = (all: readonly Bucket[]) =>
          all.slice(0, buckets).map((each) => ({ ...each, label: each.label.slice(0, label) }));
        return {
          job_id: id,
          newest: job_id === undefined,
          title: request === null ? '' : quotedSearch({ label: null, request }),
          query: cleanAndCut(request?.query ?? '', 600),
          submitted_at,
          ...stands,
          // A company delivered is a company billed.
          credits_at_least: promised(state, 'credits_consumed') ?? readable,
          error_message,
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
      notices,
    );
  },
});
