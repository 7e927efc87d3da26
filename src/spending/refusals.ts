import { OpenFunnelError } from '../lib/errors.ts';
import type { LedgerDamage } from './ledger.ts';

/** Lines of the ledger can't be read, and one of them may tell of the same search. */
export function ledgerDamaged(damage: LedgerDamage): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: ${damageIn(damage)}, so it is unknown whether the same search was submitted in the last days. If it was, its job exists and is billed, and sending it again would be billed a second time. Tell the user so.`,
  );
}

/** The ledger knows of no submit, and the list of one is kept: what else was submitted is unknown. */
export function ledgerGone(jobId: string): OpenFunnelError {
  return outcomeUnknown(
    `Nothing was sent by this call: the list of job ${jobId}, which was submitted from here, is stored on this machine, but the ledger of submits knows of none, so it was deleted or emptied. Whether the same search was submitted in the last days is unknown. If it was, sending it again would be billed a second time. Tell the user so. query_companies with SELECT job_id, query, seed_domains, submitted_at FROM jobs shows the searches of stored lists.`,
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
export function damageIn({ count, places }: LedgerDamage): string {
  const where = places.map(({ path, lines }) => {
    const shown = lines.slice(0, 5).join(', ');
    return `${path}, line ${shown}${lines.length > 5 ? ' and more' : ''}`;
  });
  return `${count === 1 ? 'a line' : `${count} lines`} of the ledger of submits on this machine can't be read (${where.join('; ')})`;
}

/** Somebody else is about to submit the same search. @param why In sentences. */
export function conflict(why: string): OpenFunnelError {
  return new OpenFunnelError('conflict', `${why} Nothing was submitted by this call.`, { retryable: true });
}
