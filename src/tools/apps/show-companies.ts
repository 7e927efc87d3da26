import * as z from 'zod';
import { cleanAndCut, counted, oneLine } from '../../lib/text.ts';
import { newestJob } from '../../lists/noted-jobs.ts';
import { rankNames, ranksOf } from '../../lists/selecting/ranks.ts';
import { statusWord } from '../../reading/job-words.ts';
import { promised } from '../../reading/state.ts';
import { part } from '../../results/answer.ts';
import { nextStep } from '../../results/next-step.ts';
import * as field from '../../results/schema.ts';
import { defineTool, READS_ONLY } from '../parts/define-tool.ts';

export const showCompanies = defineTool({
  name: 'show_companies',
  title: 'Show the companies in a table',
  description:
    'Shows the companies of a lookalike job to the user, in an interactive table in the chat. Use it once per job, if the user wants to browse, filter, mark or export them. Free and changes nothing by itself. Marks made in the table count in every other tool. Returns no rows to you. To read companies yourself, use get_bulk_page or query_companies.',
  annotations: READS_ONLY,
  view: 'opens',
  input: z.strictObject({
    job_id: field.jobId.optional().describe('The job; default the newest.'),
    filter: z.string().max(200).optional().describe('Words to search the table for at first.'),
    rows: field.ranks.describe('Only these ranks: "1-180".'),
  }),
  output: z.object({
    job_id: field.text('The job shown.'),
    status: field.text('Its status.'),
    terminal: field.bool('Whether it has ended.'),
    processed: field.someNumber.describe('Companies qualified so far.'),
    requested: field.someNumber.describe('Companies requested.'),
    companies: field.someNumber.describe('Companies delivered; null until it has ended.'),
    error_message: field.someText.describe('Why it failed, in words of OpenFunnel.'),
    filter: field.someText.describe('Search words of the table.'),
    rows: field.someText.describe('The ranks that it shows; null for all.'),
  }),
  async handle({ job_id, filter, rows: ranks }, { states, ledger, lists }, call) {
    const id = job_id ?? (await newestJob(ledger));
    const { state, notices } = await states.seen(id, call);
    const requested = (await ledger.find(id))?.request?.limit ?? null;
    const { status, terminal, processed, error_message } = state;
    const kept = state.results_final ? await lists.kept(id, call.signal) : null;
    const companies = kept?.about.companies ?? (state.results_final ? promised(state, 'count') : null);
    // What is kept here is made ready while the host makes room for the table, and after the call has been answered.
    const later = { signal: new AbortController().signal };
    if (kept) void kept.rows('SELECT 1', later).catch(() => {});
    if (ranks && companies !== null) ranksOf(ranks, [{ about: { companies, whole: true } }]);
    const words = filter === undefined ? null : cleanAndCut(filter, 200);
    const names = ranks ? rankNames(ranks) : null;
    const of = requested === null ? '' : ` of ${requested}`;
    const count = companies === null ? `${processed ?? 0}${of} processed` : counted(companies, 'company');
    const job = { job_id: id, status, terminal, processed, requested, companies, error_message };
    const told = part(
      { ...job, filter: words, rows: names },
      `Job ${id}: ${statusWord(status)}, ${count}. It is shown to the user as a table in the chat.`,
      error_message !== null && `Error: ${JSON.stringify(oneLine(error_message, 600))}`,
      words !== null && `Searched at first for: ${JSON.stringify(words)}`,
      names !== null && `At first only rows ${names} are shown.`,
    );
    const next = terminal ? 'Wait for what the user says about the companies.' : nextStep(state);
    const doubts = kept
      ? kept.about.doubts
      : [
          companies !== null &&
            'The number of companies is the one that OpenFunnel promises: no whole list of this job is stored on this machine. wait_and_collect reads and checks it.',
        ];
    return { parts: [told], nextStep: `${NO_TABLE} ${next}`, notices: [...new Set([...notices, ...doubts])] };
  },
});

/** Some clients tell their model that a table is shown where none is. */
const NO_TABLE = 'Where no table shows, the user can ask for the rows in the chat: get_bulk_page has them.';
