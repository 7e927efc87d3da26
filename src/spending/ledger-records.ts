import * as z from 'zod';
import type { SubmitBody } from '../openfunnel/wire.ts';

// The records of the ledger. They are only ever appended, and older ones stay readable: a field that came
// later is optional. A type that is not known here is a line that can't be read, and counts as damage.

const account = z.string();
/** ISO 8601, UTC. */
const at = z.string().refine((text) => Number.isFinite(Date.parse(text)));
const request = z
  .looseObject({
    query: z.string().optional(),
    seed_domains: z.array(z.string()).optional(),
    limit: z.number(),
    locations: z.array(z.string()).optional().catch(undefined),
    funding_stages: z.array(z.string()).optional().catch(undefined),
    min_employees: z.number().optional().catch(undefined),
    max_employees: z.number().optional().catch(undefined),
    search_type: z.string().optional().catch(undefined),
  })
  .transform((body) => body as SubmitBody);
/** Tells the submits of one search apart. */
const intent = z.string();
const label = z.string().nullish();

/** What was seen of a job. */
const seen = {
  status: z.string(),
  processed: z.number().nullable(),
  /** What its manifest says that it cost. */
  credits: z.number().nullish(),
};

const ledgerRecord = z.discriminatedUnion('type', [
  /** Stands on the disk before the POST of a submit goes out. */
  z.looseObject({
    type: z.literal('intent'),
    intent,
    account,
    at,
    request,
    label,
    /** Credits that were left right before. */
    credits_left: z.number().nullish(),
  }),
  /** The submit was accepted. `doubtful`: the id was read out of an answer of an odd shape. */
  z.looseObject({
    type: z.literal('submit'),
    account,
    job_id: z.string(),
    at,
    request,
    status: z.string(),
    intent: intent.nullish(),
    label,
    doubtful: z.boolean().nullish(),
  }),
  /** No job came of the submit, for certain. */
  z.looseObject({ type: z.literal('refused'), intent, account, at, code: z.string() }),
  /** The answer to the submit was lost: a job may exist, whose id nobody has. */
  z.looseObject({ type: z.literal('lost'), account, at, request, intent: intent.nullish(), label }),
  /** A job submitted elsewhere was looked at from here. */
  z.looseObject({
    type: z.literal('seen'),
    account,
    job_id: z.string(),
    at,
    ...seen,
  }),
  z.looseObject({ type: z.literal('status'), account, job_id: z.string(), at, ...seen }),
  /** The user has another label for a job, or does not want to see it, or wants to see it again. */
  z.looseObject({
    type: z.literal('noted'),
    account,
    job_id: z.string(),
    at,
    label,
    hidden: z.boolean().nullish(),
  }),
  /** Upstream answered that it knows no such job, for the first time since it was last seen. */
  z.looseObject({ type: z.literal('missing'), account, job_id: z.string(), at }),
]);
export type LedgerRecord = z.infer<typeof ledgerRecord>;

/** The record, or undefined for what is none that is known here. */
export function parseLedgerRecord(value: unknown): LedgerRecord | undefined {
  return ledgerRecord.safeParse(value).data;
}
