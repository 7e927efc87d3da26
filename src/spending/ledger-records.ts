import * as z from 'zod';
import { submitBody } from '../openfunnel/wire.ts';

// The records of the ledger. They are only ever appended, and older ones stay readable: a field that came
// later is optional. A type that is not known here is a line that can't be read, and counts as damage.

/** Who wrote a record, and when (ISO 8601, UTC). */
const stamp = { account: z.string(), at: z.string().refine((text) => Number.isFinite(Date.parse(text))) };
const job = { ...stamp, job_id: z.string() };
const label = z.string().nullish();
/** A search; its intent tells the submits of one search apart. */
const search = { ...stamp, request: submitBody, label, intent: z.string().nullish() };

export const ledgerRecord = z.discriminatedUnion('type', [
  /** Stands on the disk before the POST of a submit goes out, with the credits that were left right before. */
  z.object({
    type: z.literal('intent'),
    ...search,
    intent: z.string(),
    credits_left: z.number().nullish(),
  }),
  /** The submit was accepted. `doubtful`: the id was read out of an answer of an odd shape. */
  z.object({
    type: z.literal('submit'),
    ...job,
    ...search,
    status: z.string(),
    doubtful: z.boolean().nullish(),
  }),
  /** No job came of the submit, for certain. */
  z.object({ type: z.literal('refused'), ...stamp, intent: z.string(), code: z.string() }),
  /** The answer to the submit was lost: a job may exist, whose id nobody has. */
  z.object({ type: z.literal('lost'), ...search }),
  /** What was seen of a job (`seen`: of one from elsewhere, by an earlier version), and what its manifest says it cost. */
  z.object({
    type: z.enum(['status', 'seen']),
    ...job,
    status: z.string(),
    processed: z.number().nullable(),
    credits: z.number().nullish(),
  }),
  /** The user has another label for a job, or does not want to see it, or wants to see it again. */
  z.object({ type: z.literal('noted'), ...job, label, hidden: z.boolean().nullish() }),
  /** Upstream answered that it knows no such job, for the first time since it was last seen. */
  z.object({ type: z.literal('missing'), ...job }),
]);
export type LedgerRecord = z.infer<typeof ledgerRecord>;
