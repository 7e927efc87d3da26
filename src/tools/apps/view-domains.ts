import * as z from 'zod';
import { cleanAndCut } from '../../lib/text.ts';
import { jobId } from '../../results/schema.ts';
import type { DomainsAnswer } from '../../view/contract.ts';
import { defineTool } from '../parts/define-tool.ts';
import { viewResult } from './view-result.ts';
import { ordering, selection, toSelection } from './view-schema.ts';

/** Domains of one answer: as many as its budget has room for. */
const MOST = 1_000;
/** Longest domain there can be. Characters. */
const MAX_DOMAIN = 253;

export const viewDomains = defineTool({
  name: 'view_domains',
  title: 'Domains of companies (for the table)',
  description: 'The domains of the companies that a selection leaves, to be copied. Only for the table.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  view: 'only',
  input: z.strictObject({
    job_id: jobId,
    offset: z.int().min(0).max(1_000_000).default(0),
    ...ordering,
    ...selection,
  }),
  output: z.object({
    job_id: z.string().describe('The job.'),
    domains: z.array(z.string()).describe('Each once, in the order asked for.'),
    next_offset: z.number().nullable().describe('Where the next part begins; null at the end.'),
  }),
  async handle({ job_id, offset, sort, descending, ...given }, services, call) {
    const chosen = await toSelection(job_id, given, services, call);
    const all = await services.table.domains(job_id, { ...chosen, sort, descending }, call);
    const found = all.slice(offset);
    return viewResult<DomainsAnswer>({
      job_id,
      domains: found.slice(0, MOST).map((domain) => cleanAndCut(domain, MAX_DOMAIN)),
      next_offset: found.length > MOST ? offset + MOST : null,
    });
  },
});
