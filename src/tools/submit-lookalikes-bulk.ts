import * as z from 'zod';
import { oneLine } from '../lib/text.ts';
import type { SubmitBody } from '../openfunnel/wire.ts';
import { invalidInput, success } from '../results/result.ts';
import { defineTool } from './define-tool.ts';

/** Accepted by the filter (contract, "submit"); rows carry other values too, which no filter accepts. */
const FUNDING_STAGES = [
  'Pre-Seed',
  'Seed',
  ...['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((letter) => `Series ${letter}`),
  'Acquired',
  'Private',
  'Public',
];

const employees = z.int().min(0).max(100_000_000);

const input = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .optional()
    .describe('The companies wanted, in plain words; keep under 200 characters.'),
  seed_domains: z
    .array(z.string().max(2_000))
    .min(1)
    .max(100)
    .optional()
    .describe('1 to 10 websites of example companies. With query, the query is a must-have on top.'),
  limit: z.int().min(1).max(10_000).default(100).describe('Companies wanted = the most credits it can cost.'),
  min_employees: employees.optional(),
  max_employees: employees.optional(),
  funding_stages: z
    .array(z.string().max(60))
    .min(1)
    .max(50)
    .optional()
    .describe('Pre-Seed, Seed, Series A to Series H, Acquired, Private, Public'),
  locations: z
    .array(z.string().max(60))
    .min(1)
    .max(250)
    .optional()
    .describe('HQ countries, ISO alpha-3 (USA, GBR), or EU'),
  search_type: z
    .enum(['semantic', 'agentic'])
    .optional()
    .describe('semantic (default): high recall; agentic: only tight matches'),
  confirm_credits: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Equal to limit; set it only after the user has agreed to spend that many credits.'),
  allow_duplicate: z.boolean().default(false).describe('Submit even if the same search is still running.'),
});

export const submitLookalikesBulk = defineTool({
  name: 'submit_lookalikes_bulk',
  title: 'Submit a bulk lookalike search',
  description:
    'Starts a job that finds up to `limit` (10,000) companies like the seeds and/or matching the query, and returns its job_id at once. SPENDS CREDITS: 1 per company delivered, so confirm the limit with the user. Repeating it starts and bills a SECOND job: submit once, keep the job_id, then call wait_and_collect. Not for looking at a job that exists.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  submits: true,
  input,
  output: z.object({
    job_id: z.string(),
    status: z.string(),
    requested_limit: z.number(),
    max_credits: z.number(),
    already_running: z.boolean(),
    message: z.string().nullable(),
    next_step: z.string(),
  }),
  async handle(args, { jobs, money }, call) {
    const body = toBody(args);
    const submitted = await jobs.submit(
      body,
      {
        allowDuplicate: args.allow_duplicate,
        confirm: () => money.confirm(body.limit, args.confirm_credits, call),
      },
      call,
    );
    const id = JSON.stringify(submitted.job_id);
    const structured = {
      job_id: submitted.job_id,
      status: submitted.status,
      requested_limit: body.limit,
      max_credits: body.limit,
      already_running: submitted.existing,
      message: submitted.message,
      next_step: `Call wait_and_collect {"job_id": ${id}}; do not submit this search again, that would start and bill a second job.`,
    };
    const lines = [
      `${submitted.existing ? 'ALREADY RUNNING, nothing was submitted' : 'Submitted'}. job_id: ${submitted.job_id} (status ${submitted.status})`,
      `Requested limit ${body.limit} companies; costs at most ${body.limit} credits, 1 per company delivered.`,
    ];
    if (submitted.message) lines.push(`Message: "${submitted.message}"`);
    const notices = submitted.recorded
      ? []
      : [
          'This job was NOT recorded in the ledger, which could not be written: keep the job_id, nothing else has it.',
        ];
    return success(structured, [...lines, `Next: ${structured.next_step}`].join('\n'), notices);
  },
});

/** The documented form of what the model sent. Throws `invalid_input`, naming the value that is wrong. */
function toBody(args: z.output<typeof input>): SubmitBody {
  const { query, limit, min_employees: min, max_employees: max, search_type } = args;
  const seeds = args.seed_domains && [...new Set(args.seed_domains.map(hostname))];
  if (seeds !== undefined && seeds.length > 10)
    throw invalidInput(`seed_domains: at most 10 are allowed, not ${seeds.length}.`);
  if (query === undefined && seeds === undefined) throw invalidInput('Give a query, seed_domains, or both.');
  if (min !== undefined && max !== undefined && min > max) {
    throw invalidInput(`min_employees (${min}) is greater than max_employees (${max}).`);
  }
  return {
    ...(query === undefined ? {} : { query }),
    ...(seeds === undefined ? {} : { seed_domains: seeds }),
    limit,
    ...(min === undefined ? {} : { min_employees: min }),
    ...(max === undefined ? {} : { max_employees: max }),
    ...(args.funding_stages ? { funding_stages: [...new Set(args.funding_stages.map(fundingStage))] } : {}),
    ...(args.locations ? { locations: [...new Set(args.locations.map(location))] } : {}),
    ...(search_type === undefined ? {} : { search_type }),
  };
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

function hostname(seed: string): string {
  const refused = () =>
    invalidInput(
      `seed_domains: "${oneLine(seed, 100)}" is not the domain of a website, such as "stripe.com".`,
    );
  const text = seed.trim().toLowerCase();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : `https://${text.replace(/^\/\//, '')}`);
  } catch {
    throw refused();
  }
  // URL turns international names into their ASCII form, and "1.2" into an address, which is no company.
  const host = url.hostname.replace(/\.$/, '').replace(/^www\.(?=.*\.)/, '');
  const labels = host.split('.');
  const usable =
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    host.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  if (!usable) throw refused();
  return host;
}

function fundingStage(stage: string): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const known = FUNDING_STAGES.find((candidate) => plain(candidate) === plain(stage));
  if (known === undefined) {
    throw invalidInput(`funding_stages: "${oneLine(stage, 60)}" is not one of ${FUNDING_STAGES.join(', ')}.`);
  }
  return known;
}

function location(place: string): string {
  const code = place.trim().toUpperCase();
  if (code === 'EU' || /^[A-Z]{3}$/.test(code)) return code;
  throw invalidInput(
    `locations: "${oneLine(place, 60)}" is not an ISO 3166-1 alpha-3 country code (USA, GBR, DEU …) or EU.`,
  );
}
