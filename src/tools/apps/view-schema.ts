import * as z from 'zod';
import { finalList } from '../../lists/marking.ts';
import { ranksOf, toRanks } from '../../lists/selecting/ranks.ts';
import { type Selection, SORTS } from '../../lists/selecting/selection.ts';
import { ranksText } from '../../results/schema.ts';
import type { Counts, Fit } from '../../view/contract.ts';
import type { Services, ToolCall } from '../parts/define-tool.ts';

// Parameters and result fields that the view's tools share. Their types are those of the contract with the view.

const texts = (what: string) => z.array(z.string().max(200)).max(300).optional().describe(what);

/** What of a job's companies is shown. */
export const selection = {
  search: z.string().max(200).optional().describe('Words that all have to occur.'),
  countries: texts('Values of view_status.'),
  sizes: texts('Values of view_status.'),
  stages: texts('Values of view_status.'),
  verdicts: z
    .array(z.enum(['keep', 'drop', 'maybe', 'open']))
    .max(4)
    .optional(),
  known: z.enum(['new', 'known', 'maybe']).optional(),
  by: z.enum(['model']).optional().describe('Only what the model judged and the user has not confirmed.'),
  ranks: ranksText.describe('Only these ranks, such as "1-180".'),
  duplicates: z.boolean().default(false).describe('Also show companies that an earlier row is about.'),
};

/** The order of what is shown. */
export const ordering = {
  sort: z.enum(SORTS).default('row'),
  descending: z.boolean().default(false),
};

const selectionObject = z.object(selection);
type Given = z.output<typeof selectionObject>;

/** The same with nothing left open. @throws {OpenFunnelError} `invalid_input` for ranks that the list does not have. */
export async function toSelection(
  jobId: string,
  given: Given,
  { lists, tableMarks }: Pick<Services, 'lists' | 'tableMarks'>,
  call: Pick<ToolCall, 'signal'>,
): Promise<Selection> {
  const ranks = given.ranks === undefined ? null : toRanks(given.ranks);
  if (ranks !== null) ranksOf(ranks, [await finalList(lists, jobId, call)]);
  return {
    search: given.search ?? '',
    countries: given.countries ?? [],
    sizes: given.sizes ?? [],
    stages: given.stages ?? [],
    verdicts: given.verdicts ?? [],
    known: given.known ?? '',
    ranks,
    duplicates: given.duplicates,
    ...(given.by === 'model' ? { rows: await tableMarks.byModel(jobId) } : {}),
  };
}

export const bucket = z.object({ value: z.string(), label: z.string(), count: z.number() });

export const counts = z.object({
  companies: z.number(),
  keep: z.number(),
  drop: z.number(),
  maybe: z.number(),
  open: z.number(),
  duplicates: z.number(),
  known: z.number(),
  known_maybe: z.number(),
  by_model: z.number(),
});

export const fit = z.object({
  share: z.number().nullable(),
  low: z.number(),
  high: z.number(),
  basis: z.string(),
  credits_per_fit: z.number().nullable(),
  stop_at: z.number().nullable(),
});

/** How a final job's companies are judged now. */
export async function judgedNow(
  jobId: string,
  { table, tableMarks }: Pick<Services, 'table' | 'tableMarks'>,
  call: Pick<ToolCall, 'signal'>,
): Promise<{ revision: string; counts: Counts; fit: Fit | null }> {
  const { revision, counts, fit } = await table.judged(jobId, call);
  const byModel = await tableMarks.byModel(jobId);
  return { revision, counts: { ...counts, by_model: byModel.length }, fit: fit && shownFit(fit) };
}

/** What the view tells of it. */
function shownFit({ share, low, high, basis, credits_per_fit, stop_at }: Fit): Fit {
  return { share, low, high, basis, credits_per_fit, stop_at };
}
