import * as z from 'zod';
import { toRanks } from '../../lists/selecting/ranks.ts';
import { ranksText } from '../../results/schema.ts';

// Parameters and result fields that the view's tools share.

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
  rows: ranksText.describe('Only these ranks, such as "1-180".'),
  duplicates: z.boolean().default(false).describe('Also show companies that an earlier row is about.'),
};

const selectionObject = z.object(selection);

/** The same with nothing left open. */
export function toSelection(given: z.output<typeof selectionObject>) {
  return {
    search: given.search ?? '',
    countries: given.countries ?? [],
    sizes: given.sizes ?? [],
    stages: given.stages ?? [],
    verdicts: given.verdicts ?? [],
    known: given.known ?? ('' as const),
    ranks: given.rows === undefined ? null : toRanks(given.rows),
    duplicates: given.duplicates,
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
});
