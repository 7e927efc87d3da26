import * as z from 'zod';
import { oneLine } from '../lib/text.ts';
import type { Found } from '../lists/lookup.ts';
import { DEFAULT_BUDGET, largestFitting } from '../results/budget.ts';
import { UNTRUSTED } from '../results/render.ts';
import { success, type ToolResult } from '../results/result.ts';
import { nextStep, untrusted } from '../results/schema.ts';
import { defineTool } from './define-tool.ts';

const MAX_MATCHES = 10;
/** Longest texts of a match, tried in this order where one match a company is still too much. Characters. */
const MATCH_CHARS = [200, 80, 40];
/** Longest list of seeds that the next step names. Characters. */
const MAX_SEEDS = 600;

export const lookupCompanies = defineTool({
  name: 'lookup_companies',
  title: 'Look up companies and their domains',
  description:
    'Finds companies by name, LinkedIn URL or domain and gives the domain (`use`) to take as one of seed_domains of a lookalike search (submit_lookalikes_bulk) or for import_companies. Not needed where the user gave the website, and finds no similar companies. Before a submit, tell the user which company each is. Where `use` is null, ask which match is meant (ambiguous), else for the website. Free.',
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
          input: z.string().describe('As it was given.'),
          status: z
            .enum(['resolved', 'ambiguous', 'not_found'])
            .describe('resolved: one company; ambiguous: several fit, ask the user; not_found: none.'),
          use: z
            .string()
            .nullable()
            .describe('The domain to take as seed; null where none is sure, or the company has none.'),
          matches: z
            .array(
              z.object({
                name: z.string().nullable().describe('Name of the company.'),
                domain: z.string().nullable().describe('Its website.'),
                country: z.string().nullable().describe('Country of its headquarters.'),
                employees: z.string().nullable().describe('Range, such as "5000–10000".'),
                linkedin_url: z.string().nullable().describe('Its LinkedIn page.'),
                match_score: z
                  .number()
                  .nullable()
                  .describe('How well a name fits, up to 1; null for exact matches.'),
                matched_on: z.string().nullable().describe('name, domain or linkedin_url.'),
              }),
            )
            .describe('Companies that fit, best first.'),
        }),
      )
      .describe('One for each of companies, in the same order.'),
    next_step: nextStep,
  }),
  async handle({ companies }, { lists }, call) {
    const found = await lists.lookUp(companies, call);
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
    ...one,
    input: oneLine(one.input, Math.min(100, chars)),
    matches: one.matches.slice(0, one.status === 'resolved' ? Math.min(3, shown) : shown).map((match) => ({
      ...match,
      name: cut(match.name),
      domain: cut(match.domain),
      country: cut(match.country),
      employees: cut(match.employees),
      linkedin_url: cut(match.linkedin_url),
      matched_on: cut(match.matched_on),
    })),
  }));
  const seeds = [...new Set(found.flatMap(({ use }) => use ?? []))];
  const named = JSON.stringify(seeds.slice(0, 10));
  const open = found.filter(({ status }) => status === 'ambiguous').length;
  const missing = found.filter(({ status }) => status === 'not_found').length;
  const steps: string[] = [];
  if (open > 0) steps.push(`ask the user which match is meant for the ${open} ambiguous`);
  if (missing > 0) steps.push(`ask for the website of the ${missing} not found`);
  if (seeds.length > 0)
    steps.push(
      `agree on the limit with the user, then submit_lookalikes_bulk with seed_domains: ${named.length > MAX_SEEDS ? 'what stands under use' : named}${seeds.length > 10 ? ' (10 of them at the most)' : ''}`,
    );
  const nextStep = `${steps.join('; ')}.`;
  const lines = results.flatMap(({ input, status, use, matches }) => [
    `${JSON.stringify(input)}: ${status}${use === null ? '' : `, use ${use}`}`,
    ...matches.map(
      (match) =>
        `  - ${[
          match.name,
          match.domain ?? 'no domain',
          match.country,
          match.employees && `${match.employees} employees`,
          match.linkedin_url,
          match.matched_on && `by ${match.matched_on}`,
          match.match_score !== null && `score ${match.match_score}`,
        ]
          .filter(Boolean)
          .join(' | ')}`,
    ),
  ]);
  const omitted = found.reduce(
    (sum, { matches }, index) => sum + matches.length - (results[index]?.matches.length ?? 0),
    0,
  );
  const notices = omitted > 0 ? [`${omitted} further matches are not shown.`] : [];
  return success(
    { untrusted: UNTRUSTED, results, next_step: nextStep },
    [UNTRUSTED, ...lines, `Next: ${nextStep}`].join('\n'),
    notices,
  );
}
