import type { ExportedFile } from '../files/row-export.ts';
import { OpenFunnelError } from '../lib/errors.ts';
import { counted, quoted } from '../lib/text.ts';
import type { Collection } from '../lists/collect.ts';
import { isKnownStatus } from '../openfunnel/wire.ts';
import { foundSoFar, promised } from '../reading/state.ts';
import { type Part, part, type Said } from './answer.ts';
import { aboutProcessed, NO_PAGE_YET } from './job-parts.ts';
import { callOf, EMPTY_FILE, NO_COMPANIES, nextStep } from './next-step.ts';

/** What there is to say of a collection beside its figures. */
export function collectionNotices(collection: Collection): Said[] {
  const { state, complete, readable, requested, enough } = collection;
  const { status, terminal } = state;
  const soFar = foundSoFar(state, readable);
  return [
    !terminal &&
      !enough?.reached &&
      'The time is up and the job has not ended yet; this is no error and nothing is lost.',
    !terminal &&
      (readable === 0 ? NO_PAGE_YET : 'The companies shown are PROVISIONAL: they can still change.'),
    !terminal &&
      soFar > 0 &&
      `${soFar} companies have qualified so far, and the number grows. A cancel now would be billed for what is delivered when the job stops: about ${soFar} credits, or more.`,
    status === 'cancelled' && 'PARTIAL: the job was cancelled; these are all the companies it delivered.',
    status === 'failed' &&
      readable > 0 &&
      'These companies are PROVISIONAL: what the job delivered before it failed.',
    status === 'completed' &&
      complete &&
      requested !== null &&
      readable < requested &&
      `${readable} of the ${requested} asked for: the search found no more.`,
    aboutProcessed(state, readable),
  ];
}

/** What to do next. @param args Arguments to make the same call with again, but for the job. @param file The file that the call wrote. */
export function collectionStep(
  { state, list, complete, readable, enough }: Collection,
  args: Readonly<Record<string, unknown>>,
  file: Pick<ExportedFile, 'rows'> | null,
): string {
  const { job_id } = state;
  const { exclude } = args;
  const missing = list?.reading?.missing ?? [];
  const again = callOf('wait_and_collect', { job_id, ...args });
  const exported = (more: object) => callOf('export_bulk_results', { job_id, ...more, exclude });
  const stop = `${callOf('cancel_bulk_job', { job_id })} stops the spending`;
  if (enough?.reached && !state.terminal)
    return `Ask the user whether to stop. ${stop}, but then there is no final ranking, and what is delivered until it stops is billed. ${callOf('wait_and_collect', { job_id, ...args, enough: undefined })} without enough goes on to the whole list.`;
  if (!state.terminal)
    return isKnownStatus(state.status)
      ? `Call ${again} again to go on waiting; do not submit again. If the companies are not what the user wants, ${stop}.`
      : nextStep(state);
  if (state.status === 'failed') return nextStep(state, readable > 0 || (missing.length > 0 ? null : false));
  if (missing.length > 0)
    return `Call ${again} again: it goes on where this call stopped; until then the list is not complete.`;
  if (!complete)
    return `Tell the user that the list has less than OpenFunnel promises; ${again} reads it again, ${exported({ allow_partial: true })} writes what there is.`;
  if (file?.rows === 0) return EMPTY_FILE;
  if (readable === 0) return NO_COMPANIES;
  const check = `Check that the companies fit what the user asked for (industries, countries, any drift along the pages) and say so when you present them; ${callOf('get_bulk_page', { job_id })} shows them page by page`;
  return file
    ? `Tell the user the path of the file. ${check}.`
    : `${check}, ${exported({})} writes them${exclude ? '' : ' all'} to a file.`;
}

/** The failure that a collection is told as, or null. @param charged What the balance tells of a failed job's cost. */
export function collectionFailure(
  { state, list, readable }: Collection,
  charged: string,
): OpenFunnelError | null {
  if (state.status === 'failed') {
    const { error_message: words } = state;
    const said = words === null ? '' : `, which said: ${quoted(words, 300)}`;
    const delivered =
      list && readable > 0
        ? `Still readable with get_bulk_page: ${counted(readable, 'company')} on ${counted(list.about.pages.length, 'page')}`
        : 'It delivered no companies';
    const credits = promised(state, 'credits_consumed');
    const cost =
      credits === null
        ? `OpenFunnel bills when a job completes, so a failed one should cost nothing. ${charged}`
        : `It consumed ${counted(credits, 'credit')}.`;
    const message = `The job failed at OpenFunnel${said}. ${delivered}. ${cost}`;
    return new OpenFunnelError('job_failed', message);
  }
  if (!state.terminal || list?.reading?.broken == null) return null;
  return new OpenFunnelError(
    'upstream_invalid_response',
    "OpenFunnel's pages contradict each other, so reading them was stopped; what was read before is below, and it is NOT complete.",
    { retryable: true },
  );
}

/** The same in both halves; of a job that has ended nothing is left to stop. */
export function enoughPart({ enough, state, readable }: Collection): Part {
  if (enough === null) return part({ credits_so_far: null });
  if (state.terminal) return part({ enough_reached: false, credits_so_far: null });
  const { reached, net_new, wanted } = enough;
  const who = 'Seeds, duplicates and known companies are not counted.';
  const said = reached
    ? `ENOUGH: ${net_new} companies are there, and ${wanted} were asked for. ${who} The job runs on, and the order of the rows is provisional.`
    : `Not enough yet: ${net_new ?? 'none counted'} of the ${wanted} companies asked for. ${who}`;
  return part({ enough_reached: reached, credits_so_far: foundSoFar(state, readable) }, said);
}
