import * as z from 'zod';
import { oneLine, tableCell } from '../lib/text.ts';
import { type Found, INSTEAD, lookUp } from '../lists/lookup.ts';
import { UNTRUSTED } from '../results/answer.ts';
import { DEFAULT_BUDGET, largestFitting } from '../results/budget.ts';
import { success, type ToolResult } from '../results/result.ts';
import { nextStepField, untrusted } from '../results/schema.ts';
import { defineTool } from './parts/define-tool.ts';

const MAX_MATCHES = 10;
/** Longest texts of a match, tried in this order where one match a company is still too much. Characters. */
const MATCH_CHARS = [200, 80, 40];
/** Longest list of seeds that the next step names. Characters. */
const MAX_SEEDS = 600;
/** What becomes of a seed that OpenFunnel does not know (contract, "submit"). */
const UNKNOWN_SEED = 'are skipped beside other seeds and find nothing alone.';

export const lookupCompanies = defineTool({
  name: 'lookup_companies',
  title: 'Look up companies and their domains',
  description:
    'Finds companies by name, domain or LinkedIn URL and returns their website domains. Use it before a lookalike search, if the user gave names rather than websites. Free and changes nothing. Tell the user which company each match is before submitting it as a seed. Finds the named companies only, not similar ones. For similar companies, use submit_lookalikes_bulk.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    companies: z
      .array(z.string().trim().min(1).max(500))
      .min(1)
      .max(20)
      .describe('Names, domains or LinkedIn URLs.'),
  }),
  output: z.object({
    untrusted,
    results: z
      .array(
        z.object({
          input: z.string().describe('As given.'),
          status: z
            .enum(['resolved', 'ambiguous', 'not_found'])
            .describe('ambiguous: ask the user which match is meant.'),
          use: z.string().nullable().describe('The domain to use as a seed.'),
          why: z.string().nullable().describe('Why `use` is null.'),
          matches: z
            .array(
              z.object({
                name: z.string().nullable(),
                domain: z.string().nullable(),
                city: z.string().nullable(),
                country: z.string().nullable(),
                employees: z.string().nullable().describe('A range.'),
                linkedin_url: z.string().nullable(),
                matched_on: z.string().nullable().describe('name, domain or linkedin_url.'),
              }),
            )
            .describe('Companies that may be meant.'),
        }),
      )
      .describe('One for each company, in the order given.'),
    next_step: nextStepField,
  }),
  async handle({ companies }, { lookup }, call) {
    const found = await lookUp(lookup, companies, call.signal);
    const most = Math.max(0, ...found.map(({ matches }) => matches.length));
    for (const chars of MATCH_CHARS) {
      const { n, built } = largestFitting(Math.min(most, MAX_MATCHES), DEFAULT_BUDGET, (shown) =>
        render(found, shown, chars),
      );
      if (n >= 1) return built;
    }
    return render(found, 0, most > 0 ? 40 : 200);
  },
});

function render(found: readonly Found[], shown: number, chars: number): ToolResult {
  const cut = (text: string | null) => (text === null ? null : oneLine(text, chars));
  const results = found.map((one) => ({
    input: oneLine(one.input, Math.min(100, chars)),
    status: one.status,
    use: one.use,
    why: one.why,
    matches: one.matches.slice(0, one.status === 'resolved' ? Math.min(3, shown) : shown).map((match) => ({
      ...match,
      name: cut(match.name),
      domain: cut(match.domain),
      city: cut(match.city),
      country: cut(match.country),
      employees: cut(match.employees),
      linkedin_url: cut(match.linkedin_url),
      matched_on: cut(match.matched_on),
    })),
  }));
  const seeds = [...new Set(found.flatMap(({ use }) => use ?? []))];
  const named = JSON.stringify(seeds.slice(0, 10));
  const count = (fits: (one: Found) => boolean) => found.filter(fits).length;
  const open = count(({ status }) => status === 'ambiguous');
  const siteless = count(
    ({ status, use, asked_as }) =>
      use === null && status !== 'ambiguous' && (status === 'resolved' || asked_as === 'domain'),
  );
  const missing = count(({ status, asked_as }) => status === 'not_found' && asked_as !== 'domain');
  const steps: string[] = [];
  if (open > 0)
    steps.push(`Ask the user which match is meant for the ${open} ambiguous, or for the website.`);
  if (missing > 0) steps.push(`Ask for the website of the ${missing} not found.`);
  if (siteless > 0)
    steps.push(
      `As seeds, the ${siteless} without a website that OpenFunnel knows ${UNKNOWN_SEED} ${INSTEAD}`,
    );
  if (seeds.length > 0)
    steps.push(
      `Agree on the limit with the user, then call submit_lookalikes_bulk with seed_domains: ${named.length > MAX_SEEDS ? 'the values of use' : named}${seeds.length > 10 ? ' (at most 10)' : ''}.`,
    );
  const nextStep = steps.join(' ');
  const lines = results.flatMap(({ input, status, use, why, matches }) => [
    `${JSON.stringify(input)}: ${status}${use === null ? (why === null ? '' : ` (${why})`) : `, use ${use}`}`,
    ...matches.map(
      (match) =>
        `  - ${[
          match.name,
          match.domain ?? 'no domain',
          [match.city, match.country].filter(Boolean).join(', '),
          match.employees && `${match.employees} employees`,
          match.linkedin_url,
          match.matched_on && `by ${match.matched_on}`,
        ]
          .filter(Boolean)
          .map((fact) => tableCell(String(fact)))
          .join(' | ')}`,
    ),
  ]);
  const omitted = found.reduce(
    (sum, { matches }, index) => sum + matches.length - (results[index]?.matches.length ?? 0),
    0,
  );
  const notices = omitted > 0 ? [`${omitted} more matches are not shown.`] : [];
  return success(
    { untrusted: UNTRUSTED, results, next_step: nextStep },
    [UNTRUSTED, ...lines, `Next: ${nextStep}`].join('\n'),
    notices,
  );
}
