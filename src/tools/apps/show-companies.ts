import * as z from 'zod';
import { cleanAndCut, oneLine } from '../../lib/text.ts';
import { newestJob } from '../../lists/noted-jobs.ts';
import { rankNames, ranksOf, toRanks } from '../../lists/selecting/ranks.ts';
import { promised } from '../../reading/state.ts';
import { statusWord } from '../../reading/words.ts';
import { part } from '../../results/answer.ts';
import { nextStep } from '../../results/next-step.ts';
import { jobId, nextStepField, ranksText } from '../../results/schema.ts';
import { defineTool } from '../parts/define-tool.ts';

export const showCompanies = defineTool({
  name: 'show_companies',
  title: 'Show the companies in a table',
  description:
    'Shows the companies of a lookalike job to the user, in an interactive table in the chat. Use it once per job, if the user wants to browse, filter, mark or export them. Free and changes nothing by itself. Marks made in the table count in every other tool. Returns no rows to you. To read companies yourself, use get_bulk_page or query_companies.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  view: 'opens',
  input: z.strictObject({
    job_id: jobId.optional().describe('The job; default the newest.'),
    filter: z.string().max(200).optional().describe('Words to search the table for at first.'),
    rows: ranksText.describe('Only these ranks: "1-180".'),
  }),
  output: z.object({
    job_id: z.string().describe('The job shown.'),
    status: z.string().describe('Its status.'),
    terminal: z.boolean().describe('Whether it has ended.'),
    processed: z.number().nullable().describe('Companies qualified so far.'),
    requested: z.number().nullable().describe('Companies requested.'),
    companies: z.number().nullable().describe('Companies delivered; null until it has ended.'),
    error_message: z.string().nullable().describe('Why it failed, in words of OpenFunnel.'),
    filter: z.string().nullable().describe('Search words of the table.'),
    rows: z.string().nullable().describe('The ranks that it shows; null for all.'),
    next_step: nextStepField,
  }),
  async handle({ job_id, filter, rows }, { states, ledger, lists, table }, call) {
    const ranks = rows === undefined ? null : toRanks(rows);
    const id = job_id ?? (await newestJob(ledger));
    const { state, request, notices } = await states.look(id, call);
    const requested = request?.limit ?? null;
    // What is kept here is made ready while the host makes room for the table.
    if (state.results_final && (await lists.isKept(id))) {
      void table.judged(id, LATER).catch(() => {});
    }
    const companies = state.results_final ? promised(state, 'count') : null;
    if (ranks !== null && companies !== null) ranksOf(ranks, [{ about: { companies, whole: true } }]);
    const next = `${NO_TABLE} ${state.terminal ? 'Wait for what the user says about the companies.' : nextStep(state)}`;
    const structured = {
      job_id: id,
      status: state.status,
      terminal: state.terminal,
      processed: state.processed,
      requested,
      companies,
      error_message: state.error_message,
      filter: filter === undefined ? null : cleanAndCut(filter, 200),
      rows: ranks === null ? null : rankNames(ranks),
    };
    const of = requested === null ? '' : ` of ${requested}`;
    const count =
      companies === null
        ? `${statusWord(state.status)}, ${state.processed ?? 0}${of} processed`
        : `${statusWord(state.status)}, ${companies} companies`;
    const lines = [`Job ${id}: ${count}. It is shown to the user as a table in the chat.`];
    if (state.error_message !== null)
      lines.push(`Error: ${JSON.stringify(oneLine(state.error_message, 600))}`);
    if (structured.filter !== null) lines.push(`Searched at first for: ${JSON.stringify(structured.filter)}`);
    if (structured.rows !== null) lines.push(`At first only rows ${structured.rows} are shown.`);
    return { parts: [part(structured, ...lines)], nextStep: next, notices };
  },
});

/** Some clients tell their model that a table is shown where none is. */
const NO_TABLE = 'Where no table shows, the user can ask for the rows in the chat: get_bulk_page has them.';

/** For what goes on after the call has been answered. */
const LATER = { signal: new AbortController().signal };
