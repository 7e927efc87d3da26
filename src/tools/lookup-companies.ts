import * as z from 'zod';
import { counted, oneLine } from '../lib/text.ts';
import { type Found, INSTEAD, lookUp } from '../lists/lookup.ts';
import { part, saidOf, type ToolAnswer } from '../results/answer.ts';
import { DEFAULT_BUDGET, fitting } from '../results/budget.ts';
import { rowLine } from '../results/rows.ts';
import * as field from '../results/schema.ts';
import { defineTool, READS_ONLY } from './parts/define-tool.ts';

const MAX_MATCHES = 10;
/** Longest texts of a match, and where one match a company is still too much. Characters. */
const MATCH_CHARS = 200;
const FEW_CHARS = 40;
/** Longest list of seeds that the next step names. Characters. */
const MAX_SEEDS = 600;

const match = {
  name: field.someText,
  domain: field.someText,
  city: field.someText,
  country: field.someText,
  employees: field.someText.describe('A range.'),
  linkedin_url: field.someText,
  matched_on: field.someText.describe('name, domain or linkedin_url.'),
};

export const lookupCompanies = defineTool({
  name: 'lookup_companies',
  title: 'Look up companies and their domains',
  description:
    'Finds companies by name, domain or LinkedIn URL and returns their website domains. Use it before a lookalike search, if the user gave names rather than websites. Free and changes nothing. Tell the user which company each match is before submitting it as a seed. Finds the named companies only, not similar ones. For similar companies, use submit_lookalikes_bulk.',
  annotations: READS_ONLY,
  input: z.strictObject({
    companies: z
      .array(z.string().trim().min(1).max(500))
      .min(1)
      .max(20)
      .describe('Names, domains or LinkedIn URLs.'),
  }),
  output: z.object({
    results: field.objects(
      {
        input: field.text('As given.'),
        status: z
          .enum(['resolved', 'ambiguous', 'not_found'])
          .describe('ambiguous: ask the user which match is meant.'),
        use: field.someText.describe('The domain to use as a seed.'),
        why: field.someText.describe('Why `use` is null.'),
        matches: field.objects(match, 'Companies that may be meant.'),
      },
      'One for each company, in the order given.',
    ),
  }),
  async handle({ companies }, { api }, call) {
    const found = await lookUp(api, companies, call.signal);
    const way = (chars: number, least: number) => ({
      most: MAX_MATCHES,
      least,
      build: (shown: number) => tell(found, shown, chars),
    });
    return fitting(DEFAULT_BUDGET, [way(MATCH_CHARS, 1), way(FEW_CHARS, 0)]);
  },
});

function tell(found: readonly Found[], shown: number, chars: number): ToolAnswer {
  const results = found.map(({ input, status, use, why, matches }) => ({
    input: oneLine(input, Math.min(100, chars)),
    status,
    use,
    why,
    matches: matches.slice(0, status === 'resolved' ? Math.min(3, shown) : shown).map((each) => {
      const said = Object.entries(each).map(([fact, text]) => [fact, (text && oneLine(text, chars)) || null]);
      return Object.fromEntries(said) as typeof each;
    }),
  }));
  const lines = results.flatMap(({ input, status, use, why, matches }) => [
    `${JSON.stringify(input)}: ${status}${use === null ? ` (${why})` : `, use ${use}`}`,
    ...matches.map((each) => `  - ${rowLine(Object.values(each))}`),
  ]);
  if (results.some(({ matches }) => matches.length > 0))
    lines.unshift(`Below each company, what it may be: ${Object.keys(match).join('|')}`);
  const count = (all: ReadonlyArray<{ matches: readonly unknown[] }>) =>
    all.flatMap((each) => each.matches).length;
  const omitted = count(found) - count(results);
  return {
    notices: [omitted > 0 && `${counted(omitted, 'more match', 'are')} not shown.`],
    parts: [part({ results }, ...lines)],
    nextStep: stepAfter(found),
  };
}

function stepAfter(found: readonly Found[]): string {
  const seeds = [...new Set(found.flatMap(({ use }) => use ?? []))];
  const named = JSON.stringify(seeds.slice(0, 10));
  const open = found.filter(({ status }) => status === 'ambiguous').length;
  const isMissing = ({ status, asked_as }: Found) => status === 'not_found' && asked_as !== 'domain';
  const missing = found.filter(isMissing).length;
  const siteless = found.filter(
    (one) => one.use === null && one.status !== 'ambiguous' && !isMissing(one),
  ).length;
  return saidOf([
    open > 0 && `Ask the user which match is meant for the ${open} ambiguous, or for the website.`,
    missing > 0 && `Ask for the website of the ${missing} not found.`,
    // What becomes of a seed that OpenFunnel does not know: contract, "submit".
    siteless > 0 &&
      `As seeds, the ${siteless} without a website that OpenFunnel knows are skipped beside other seeds and find nothing alone. ${INSTEAD}`,
    seeds.length > 0 &&
      `Agree on the limit with the user, then call submit_lookalikes_bulk with seed_domains: ${named.length > MAX_SEEDS ? 'the values of use' : named}${seeds.length > 10 ? ' (at most 10)' : ''}.`,
  ]).join(' ');
}
