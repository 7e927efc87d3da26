import * as z from 'zod';
import type { EnoughWait } from '../../lists/enough.ts';
import type { JobState } from '../../reading/state.ts';
import { type Part, part } from '../../results/answer.ts';

/** What waiting for enough companies has found, with how many were wanted; null where nobody asked for that. */
export type Enough = { waited: EnoughWait; wanted: number } | null;

/** Its fields in a result. */
export const enoughOutput = {
  enough_reached: z
    .boolean()
    .optional()
    .describe('With enough: whether there are so many, while the job runs on.'),
  net_new: z
    .number()
    .nullable()
    .describe('With enough: companies so far that are not seeds, duplicates or known.'),
  credits_so_far: z.number().nullable().describe('With enough: least cost so far.'),
};

/** The same in both halves; of a job that has ended nothing is left to stop. */
export function enoughPart(enough: Enough, { terminal }: JobState): Part {
  if (enough === null) return part({ enough_reached: null, net_new: null, credits_so_far: null });
  if (terminal) return part({ enough_reached: false, net_new: null, credits_so_far: null });
  const { reached, net_new, delivered } = enough.waited;
  const said = reached
    ? `ENOUGH: ${net_new} of ${enough.wanted} requested companies are there, without seeds, duplicates and known companies. The job runs on. At least ${delivered} credits are spent so far, and the order of the rows is provisional.`
    : `Not enough yet: ${net_new ?? 'none counted'} of ${enough.wanted} requested companies, without seeds, duplicates and known companies. At least ${delivered} credits are spent so far.`;
  return part({ enough_reached: reached, net_new, credits_so_far: delivered }, said);
}

/** What to do where there are enough, or null. */
export function enoughStep(enough: Enough, { job_id, terminal }: JobState): string | null {
  if (!enough?.waited.reached || terminal) return null;
  const id = JSON.stringify(job_id);
  return `Ask the user whether to stop. cancel_bulk_job {"job_id": ${id}} stops the spending, but then there is no final ranking, and what is delivered until it stops is billed. wait_and_collect {"job_id": ${id}} without enough goes on to the whole list.`;
}
