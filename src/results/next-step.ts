import { isKnownStatus } from '../openfunnel/wire.ts';
import { type JobState, promised } from '../reading/state.ts';

// Sentences for the model about a job: what it means, and what to call next.

/** Words of a failure that the search itself brought about. */
const ABOUT_THE_SEARCH =
  /\b(?:seed|domain|query|filter|invalid|credit|limit|unresolved|not found|no compan|no match|unsupported|permission)/i;
/** Words of one that it did not, whatever else is said. */
const ABOUT_OPENFUNNEL =
  /\b(?:internal (?:server )?error|server error|unavailable|time[d -]?out|overload|temporar|rate limit|try again)/i;

/** What to call next. @param delivered Whether a failed job has companies to read; null where only its state is known. */
export function nextStep(state: JobState, delivered: boolean | null = null): string {
  const { job_id } = state;
  if (state.status === 'failed') {
    const said = delivered ?? (state.processed === 0 || promised(state, 'count') === 0 ? false : null);
    const read = `; ${callOf('get_bulk_page', { job_id })} reads what was delivered before that`;
    const failed = `The job failed${said === false ? ' and delivered no companies' : read}${said === null ? ', if anything was' : ''}.`;
    return `${failed} ${afterFault(state)}`;
  }
  if (state.results_final) {
    if (promised(state, 'count') === 0) return NO_COMPANIES;
    return `Call ${callOf('wait_and_collect', { job_id })} for the summary of all pages, or ${callOf('get_bulk_page', { job_id })} for the rows.`;
  }
  if (!isKnownStatus(state.status)) {
    return `This server does not know that status, so it is not taken for the end: look again later with ${callOf('get_bulk_status', { job_id })}, and tell the user if it stays; do not submit again.`;
  }
  return `Call ${callOf('wait_and_collect', { job_id })} to wait for the end; do not submit again.`;
}

/** A call as a next step names it. Arguments that are undefined are none. */
export function callOf(tool: string, args: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return `${tool} {${given.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')}}`;
}

export const EMPTY_FILE =
  'The file has no companies, only the names of its columns: tell the user so, and why (who was left out, or that none were delivered).';

export const NO_COMPANIES =
  'The job delivered no companies; a wider search would be a new submit, billed anew.';

/** By what OpenFunnel said of a failure: its own side is at fault, where that does not speak of the search. */
function afterFault({ error_message: said }: JobState): string {
  if (said === null)
    return 'OpenFunnel did not say why: tell the user; trying again is a new job, billed anew, and needs their consent.';
  return ABOUT_THE_SEARCH.test(said) && !ABOUT_OPENFUNNEL.test(said)
    ? 'Correct the search, and submit it with the user’s consent (a new job, billed anew).'
    : 'What OpenFunnel said points to its own side: the same search can be tried again later, with the user’s consent (a new job, billed anew).';
}
