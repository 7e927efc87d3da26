import * as z from 'zod';
import type { EnoughWait } from '../../lists/enough.ts';
import { foundSoFar, type JobState } from '../../reading/state.ts';
import { type Part, part } from '../../results/answer.ts';
import { callOf } from '../../results/next-step.ts';

/** What waiting for enough companies has found, with how many were wanted; null where nobody asked for that. */
export type Enough = (EnoughWait & { wanted: number }) | null;

/** Its fields in a result. */
export const enoughOutput = {
  enough_reached: z
    .boolean()
    .optional()
    .describe('With enough: whether there are so many, while the job runs on.'),
  credits_so_far: z.number().nullable().describe('With enough: about what a cancel now would cost, or more.'),
};

/**
 * The same in both halves; of a job that has ended nothing is left to stop.
 *
 * @param readable Companies that can be read of a job that has not.
 */
export function enoughPart(enough: Enough, state: JobState, readable: number): Part {
  if (enough === null) return part({ credits_so_far: null });
  if (state.terminal) return part({ enough_reached: false, credits_so_far: null });
  const { reached, net_new, wanted } = enough;
  const who = 'Seeds, duplicates and known companies are not counted.';
  const said = reached
    ? `ENOUGH: ${net_new} companies are there, and ${wanted} were asked for. ${who} The job runs on, and the order of the rows is provisional.`
    : `Not enough yet: ${net_new ?? 'none counted'} of the ${wanted} companies asked for. ${who}`;
  return part({ enough_reached: reached, credits_so_far: foundSoFar(state, readable) }, said);
}

/** What to do where there are enough, or null. @param args Arguments of the same call, but for the job. */
export function enoughStep(
  enough: Enough,
  { job_id, terminal }: JobState,
  args: Readonly<Record<string, unknown>>,
): string | null {
  if (!enough?.reached || terminal) return null;
  return `Ask the user whether to stop. ${callOf('cancel_bulk_job', { job_id })} stops the spending, but then there is no final ranking, and what is delivered until it stops is billed. ${callOf('wait_and_collect', { job_id, ...args, enough: undefined })} without enough goes on to the whole list.`;
}
