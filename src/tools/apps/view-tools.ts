import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { cleanAndCut } from '../../lib/text.ts';
import { VERDICTS } from '../../lib/verdicts.ts';
import { invalidInput } from '../../results/answer.ts';
import { jobId } from '../../results/schema.ts';
import type { DomainsAnswer, ExportAnswer, MarkAnswer } from '../../view/contract.ts';
import { cancelJob } from '../cancel-bulk-job.ts';
import { judgedNow, ordering, row, selection, toSelection, viewResult, viewTool } from './view-tool.ts';

const annotations = { readOnlyHint: false, openWorldHint: false };

/** `cancel_bulk_job` for the view, which asks the user by itself. */
export const viewCancel = viewTool({
  name: 'view_cancel',
  title: 'Cancel the job',
  description: 'Stops a running job for good, after the table has asked the user.',
  annotations: { readOnlyHint: false, destructiveHint: true },
  input: z.strictObject({ job_id: jobId }),
  async handle({ job_id }, services, call) {
    const { state, message, notices } = await cancelJob(services, job_id, call.signal);
    return viewResult({ job_id, status: state.status, message }, notices);
  },
});

export const viewSession = viewTool({
  name: 'view_session',
  title: 'Keep the place in the table',
  description: 'Keeps where the user is in the table of a job, so that a new frame begins there.',
  annotations,
  input: z.strictObject({ job_id: jobId, session: z.string().max(60_000) }),
  async handle({ job_id, session }, { sessions }) {
    await sessions.keep(job_id, session);
    return viewResult({ job_id });
  },
});

/** Domains of one answer: as many as its budget has room for. */
const MOST_DOMAINS = 1_000;
const MAX_DOMAIN = 253;

export const viewDomains = viewTool({
  name: 'view_domains',
  title: 'Domains of companies',
  description: 'The domains of the companies that a selection leaves, to be copied.',
  input: z.strictObject({
    job_id: jobId,
    offset: z.int().min(0).max(1_000_000).default(0),
    ...ordering,
    ...selection,
  }),
  async handle({ job_id, offset, ...given }, services, call) {
    const chosen = await toSelection(job_id, given, services, call);
    const all = await services.table.domains(job_id, chosen, call);
    const found = all.slice(offset);
    return viewResult<DomainsAnswer>({
      job_id,
      domains: found.slice(0, MOST_DOMAINS).map((domain) => cleanAndCut(domain, MAX_DOMAIN)),
      next_offset: found.length > MOST_DOMAINS ? offset + MOST_DOMAINS : null,
    });
  },
});

export const viewExport = viewTool({
  name: 'view_export',
  title: 'Export companies',
  description:
    'Writes what the table shows, or the keepers of it, in its order to a new CSV file on this machine.',
  annotations: { readOnlyHint: false, idempotentHint: false },
  input: z.strictObject({ job_id: jobId, which: z.enum(['shown', 'keepers']), ...ordering, ...selection }),
  async handle({ job_id, which, ...given }, services, call) {
    const verdicts = which === 'keepers' ? ['keep' as const] : given.verdicts;
    const chosen = await toSelection(job_id, { ...given, verdicts }, services, call);
    const about = `${job_id.slice(0, 80)}-${which}`;
    const written = await services.table.export(job_id, chosen, about, call);
    if (!written) throw invalidInput('No company is left to export.');
    const file = { ...written.file, uri: pathToFileURL(written.file.path).href };
    return viewResult<ExportAnswer>({ job_id, export: file }, written.notices);
  },
});

export const viewMark = viewTool({
  name: 'view_mark',
  title: 'Mark companies',
  description:
    "Keeps what the user ticks in the table: the same marks that every other tool reads. Marks the rows named, those whose companies had these keys while the job ran, or all that the selection leaves; confirm makes the model's verdicts the user's. A call that is repeated under its id marks nothing twice; undo gives its rows the marks that they had.",
  annotations,
  input: z.strictObject({
    job_id: jobId,
    id: z.string().min(1).max(80).describe('Name of this call; with undo of the one taken back.'),
    rows: z.array(row).min(1).max(1_000).optional(),
    keys: z.array(z.string().min(1).max(300)).min(1).max(1_000).optional(),
    all: z.boolean().default(false),
    verdict: z.enum([...VERDICTS, 'clear', 'confirm', 'undo']),
    ...selection,
  }),
  async handle({ job_id, id, rows, keys, all, verdict, ...given }, services, call) {
    const { table, tableMarks } = services;
    const answer = async (marked: number) =>
      viewResult<MarkAnswer>({ job_id, marked, ...(await judgedNow(job_id, table, call)) });
    if (verdict === 'undo') return answer(await tableMarks.undo(job_id, id, call));
    if ([rows, keys, all || undefined].filter(Boolean).length !== 1)
      throw invalidInput('Exactly one of rows, keys and all is needed.');
    const chosen = async () => (keys ? { keys } : toSelection(job_id, given, services, call));
    const found = rows ?? (await table.ids(job_id, await chosen(), call));
    return answer(await tableMarks.mark(job_id, id, { rows: found, of_one_kind: all }, verdict, call));
  },
});
