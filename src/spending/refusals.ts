import { OpenFunnelError } from '../lib/errors.ts';
import type { LedgerDamage } from './ledger.ts';
import type { Lost } from './lost-submits.ts';

/** The ledger or lines of it can't be read, and may tell of the same search. */
export function ledgerDamaged(damage: LedgerDamage): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: ${damageIn(damage)}, so it is unknown whether the same search was submitted in the last days. If it was, its job exists and is billed, and sending it again would be billed a second time. Tell the user so.`,
  );
}

/** Jobs were submitted from here that the ledger does not have: what else was submitted is unknown. */
export function ledgerGone(lost: Lost): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: ${lostIn(lost)}. Whether the same search was submitted in the last days is unknown. If it was, sending it again would be billed a second time. Tell the user so. ${STORED_SEARCHES}`,
  );
}

/** A list is kept that can't be read just now, and may be that of the same search. */
export function listUnread(jobId: string): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: ${unreadIn(jobId)}, and the ledger of submits has no submit of it, so it may answer the same search. If it does, sending the search again would be billed a second time. A list that was only read too slowly can be read a minute later: the same call then tells more.`,
  );
}

/** The list of a job of the same search is kept, and the ledger does not know of its submit. */
export function listOfSame(jobId: string): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: the list of job ${jobId}, which answers the same search, is stored on this machine, though the ledger of submits does not have it any more. wait_and_collect and query_companies read that list for free. Sending the search again would be billed a second time.`,
  );
}

/** What became of an earlier submit is not known. @param why In sentences. */
export function outcomeUnknown(why: string): OpenFunnelError {
  return new OpenFunnelError(
    'submit_outcome_unknown',
    `${why} list_bulk_jobs and the OpenFunnel dashboard can tell, where the user can look (a job_id found there can be read with wait_and_collect). Only if the user then wants this search sent, at the risk of paying twice, call with allow_duplicate: true.`,
    { submitted: 'unknown' },
  );
}

/** What can't be read of the ledger, for the middle of a sentence. */
export function damageIn({ unread, count, places }: LedgerDamage): string {
  if (unread !== null) return `the ledger of submits on this machine can't be read (${unread})`;
  const where = places.map(({ path, lines }) => {
    const shown = lines.slice(0, 5).join(', ');
    return `${path}, line ${shown}${lines.length > 5 ? ' and more' : ''}`;
  });
  return `${count === 1 ? 'a line' : `${count} lines`} of the ledger of submits on this machine can't be read (${where.join('; ')})`;
}

/** What the ledger has lost, for the middle of a sentence. */
export function lostIn({ submits }: Pick<Lost, 'submits'>): string {
  const [first] = submits;
  const more = submits.length > 1 ? ` (as of ${submits.length - 1} more)` : '';
  return `the list of job ${first?.job_id}${more}, which was submitted from here, is stored on this machine, but the ledger of submits does not have that submit, so the ledger was deleted, emptied or replaced, or can't be read`;
}

/** Where the searches are that only their lists tell of. */
export const STORED_SEARCHES =
  'query_companies with SELECT job_id, query, seed_domains, submitted_at FROM jobs shows the searches of stored lists.';

/** A list that can't be read, for the middle of a sentence. */
export function unreadIn(jobId: string): string {
  return `the stored list of job ${jobId} could not be read just now`;
}

/** Somebody else is about to submit the same search. @param why In sentences. */
export function conflict(why: string): OpenFunnelError {
  return new OpenFunnelError('conflict', `${why} Nothing was submitted by this call.`, { retryable: true });
}
