import * as z from 'zod';
import { cleanAndCut } from '../../lib/text.ts';
import { newestJob } from '../../lists/noted-jobs.ts';
import { promised } from '../../reading/state.ts';
import { jobId } from '../../results/schema.ts';
import type { StatusAnswer } from '../../view/contract.ts';
import { quotedSearch } from '../parts/searches.ts';
import { doubtsOf, fittingResult, judgedNow, selection, toSelection, viewTool } from './view-tool.ts';

/** Countries and stages that are counted, the most frequent first, until the result fits. */
const MOST_BUCKETS = [300, 60, 12];

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
    const readable = terminal ? null : await states.readable(id, call);
    const judged = final
      ? await judgedNow(id, table, call)
      : { revision: await table.revision(id), counts: null, fit: '' };
    const doubts = final ? await doubtsOf(id, services, call) : [];
    const facets = final ? await table.facets(id, await toSelection(id, given, services, call), call) : null;
    const stands = { submitted_at, status, terminal, final, stage, processed, error_message, readable };
    const told = {
      ...stands,
      job_id: id,
      newest: job_id === undefined,
      title:
        request === null
          ? ''
          : `${request.seed_domains ? 'like ' : ''}${quotedSearch({ label: null, request })}`,
      query: cleanAndCut(request?.query ?? '', 600),
      requested: request?.limit ?? null,
      // A company delivered is a company billed.
      credits_at_least: promised(state, 'credits_consumed') ?? readable,
      ...judged,
      session: session ? await sessions.of(id) : null,
    };
    return fittingResult<StatusAnswer>(
      MOST_BUCKETS,
      (most) => ({
        ...told,
        facets: facets && {
          ...facets,
          countries: facets.countries.slice(0, most),
          stages: facets.stages.slice(0, most),
        },
      }),
      [...new Set([...notices, ...doubts])],
    );
  },
});
