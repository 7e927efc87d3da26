import { describe, expect, test } from 'vitest';
import { OpenFunnelError } from '../../src/lib/errors.ts';
import { checkSeeds, type Lookup, lookUp } from '../../src/lists/lookup.ts';
import { type LookupItem, lookupAnswer } from '../../src/openfunnel/wire.ts';
import { FakeClock } from '../fake-clock.ts';
import { recordedLookups } from '../real-rows.ts';
import { LOOKUP_CASES } from './lookup-cases.ts';

type Matches = Array<Record<string, unknown>>;
const signal = new AbortController().signal;
const clock = new FakeClock();

/** A look-up that finds for each input what is given for it, and notes what it was asked. */
function finding(found: Record<string, Matches>) {
  const asked: LookupItem[] = [];
  return {
    asked,
    async lookup(companies: readonly LookupItem[]) {
      asked.push(...companies);
      const results = companies.map((item) => {
        const matches = found[item.domain ?? item.linkedin_url ?? item.name ?? ''] ?? [];
        return { input: item, status: matches.length > 0 ? 'resolved' : 'not_found', matches };
      });
      return lookupAnswer.parse({ results });
    },
  };
}

describe('lookUp', () => {
  test('asks for each company by what it was given as, and says which domain to use', async () => {
    const api = finding({
      'stripe.com': [
        { name: 'Stripe UK', domain: 'stripe.com', employee_count_min: 1, employee_count_max: 10 },
        { name: 'Stripe', domain: 'stripe.com', location_country_code: 'us', employee_count_min: 5000 },
      ],
      'https://www.linkedin.com/company/ramp': [{ name: 'Ramp', domain: 'https://Ramp.com/' }],
      'No Body': [],
    });
    const found = await lookUp(
      api,
      [' https://www.Stripe.com/pay ', 'www.linkedin.com/company/ramp', 'No Body'].map((text) =>
        text.startsWith('www') ? `https://${text}` : text,
      ),
      signal,
    );
    expect(api.asked).toEqual([
      { domain: 'stripe.com' },
      { linkedin_url: 'https://www.linkedin.com/company/ramp' },
      { name: 'No Body' },
    ]);
    expect(found.map(({ status, use }) => [status, use])).toEqual([
      ['resolved', 'stripe.com'],
      ['resolved', 'ramp.com'],
      ['not_found', null],
    ]);
    expect(found[0]?.matches[0]?.employees).toBe('1–10');
    expect(found[0]?.matches[1]).toMatchObject({ employees: '5000+', country: 'United States' });
  });

  test('asks by the website that stands behind a name', async () => {
    const api = finding({});
    const given = ['Acme (acme.com)', 'Acme <info@acme.com>', 'Acme (Germany)', 'Acme <a@gmail.com>'];
    await lookUp(api, given, signal);
    expect(api.asked).toEqual([
      { domain: 'acme.com' },
      { domain: 'acme.com' },
      { name: 'Acme (Germany)' },
      { name: 'Acme <a@gmail.com>' },
    ]);
  });

  const acme = (name: string, domain: string | null, country: string | null = 'USA'): Matches[number] => ({
    name,
    domain,
    location_country_code: country,
    score: 300,
  });

  test.each<[string, Matches, string | null]>([
    [
      'the only one of that very name',
      [acme('Acme Inc', 'acme.com'), acme('Acme Labs', 'labs.com')],
      'acme.com',
    ],
    ['one named in capitals, with "The"', [acme('THE ACMÉ CO.', 'acme.com')], 'acme.com'],
    ['records of one domain', [acme('Acme', 'acme.com'), acme('Acme', 'www.acme.com')], 'acme.com'],
    ['one whose domain says "get"', [acme('Acme', 'getacme.com')], 'getacme.com'],
    [
      'one at home in its own country, of some size',
      [
        {
          ...acme('Acme', 'acme.de', 'DEU'),
          employee_count_max: 90,
          linkedin_url: 'linkedin.com/company/acme',
        },
      ],
      'acme.de',
    ],
    ["one at a country's ending that may be a branch", [acme('Acme', 'acme.de', 'DEU')], null],
    ['two of that very name', [acme('Acme', 'acme.com'), acme('ACME, Inc.', 'acme.io')], null],
    [
      'one beside another at the domain of that name',
      [acme('Acme', 'acme.io'), acme('Acme North', 'acme.com')],
      null,
    ],
    ['one beside its group', [acme('Acme', 'acme.io'), acme('Acme Group', 'acme-grp.com')], null],
    ['one beside another without a website', [acme('Acme', 'acme.com'), acme('Acme', null)], null],
    ['one at the top whose name is longer', [acme('Acme A', 'a.com'), acme('Acme B', 'b.com')], null],
    ["a country's branch", [acme('Acme', 'acme.no', 'NOR'), acme('Acme Sweden', 'acme.se', 'SWE')], null],
    ['one at the ending of another country', [acme('Acme', 'acme.co.id', 'USA')], null],
    ['one at the ending of a country, who knows where', [acme('Acme', 'acme.fr', null)], null],
    ['an agency at a domain that says so', [acme('Acme', 'acmemedia.com')], null],
    ['one at a domain of another name', [acme('Acme', 'zebra.com')], null],
    ['one of another name', [acme('Zebra', 'zebra.com')], null],
    ['one without a domain', [acme('Acme', '')], null],
  ])('takes for a name %s, whatever the scores are, or asks', async (_, matches, use) => {
    const [found] = await lookUp(finding({ Acme: matches }), ['Acme'], signal);
    expect([found?.status, found?.use]).toEqual([use === null ? 'ambiguous' : 'resolved', use]);
    expect(found?.why === null).toBe(use !== null);
    expect(found?.matches).toHaveLength(matches.length);
  });

  test('takes no wrong company in 95 made-up look-ups, and the right one in all that are clear', async () => {
    const wrong: string[] = [];
    const missed: string[] = [];
    for (const { asked, right, clear, matches } of LOOKUP_CASES) {
      const [found] = await lookUp(finding({ [asked]: matches }), [asked], signal);
      if (found?.use && found.use !== right) wrong.push(`${asked}: ${found.use}`);
      if (clear && !found?.use) missed.push(`${asked}: ${found?.why}`);
    }
    expect({ wrong, missed }).toEqual({ wrong: [], missed: [] });
    expect(LOOKUP_CASES).toHaveLength(95);
    expect(LOOKUP_CASES.filter(({ clear }) => clear)).toHaveLength(34);
  });

  test('asks for nobody by a page on a site of others, and by an address for its company', async () => {
    const api = finding({
      'acme.com': [acme('Acme', 'acme.com')],
      'facebook.com': [acme('Facebook', 'facebook.com')],
      'https://www.linkedin.com/company/acme': [acme('Acme', 'linktr.ee')],
    });
    const texts = [
      'https://www.linkedin.com/in/jane-doe',
      'facebook.com/acme',
      'info@acme.com',
      'facebook.com',
      'https://www.linkedin.com/company/acme',
    ];
    const found = await lookUp(api, texts, signal);
    expect(found.map(({ status, use }) => [status, use])).toEqual([
      ['not_found', null],
      ['not_found', null],
      ['resolved', 'acme.com'],
      ['resolved', 'facebook.com'],
      ['resolved', null],
    ]);
    expect(found[0]?.why).toContain('a page on linkedin.com');
    expect(api.asked).toHaveLength(3);
  });

  test.skipIf(!recordedLookups)(
    'takes no recorded name for a wrong company, and four for the right one',
    async () => {
      const used: Array<'right' | 'wrong' | null> = [];
      for (const { name, domain, answer } of recordedLookups ?? []) {
        const api = { lookup: async () => answer };
        const [found] = await lookUp(api, [name.replace('.', ' ')], signal);
        used.push(found?.use ? (found.use === domain ? 'right' : 'wrong') : null);
      }
      expect(used).not.toContain('wrong');
      expect(used.filter((use) => use === 'right')).toHaveLength(4);
    },
  );
});

describe('checkSeeds', () => {
  const known: Lookup = finding({ 'a.com': [{ domain: 'a.com' }] });
  const check = (seed_domains: string[], query?: string, allowed = false, lookup: Lookup = known) =>
    checkSeeds({ api: lookup, clock }, { query, seed_domains, limit: 1 }, allowed, signal);

  test('refuses seeds of which none resolves, where nothing else says what to find', async () => {
    await expect(check(['b.com', 'c.com'])).rejects.toMatchObject({
      code: 'seeds_not_found',
      submitted: 'no',
      message: expect.stringContaining('b.com, c.com'),
    });
    expect((await check(['b.com'], 'cards'))[0]).toContain('the query alone');
    expect(await check(['b.com'], undefined, true)).toHaveLength(1);
    expect((await check(['a.com', 'b.com']))[0]).toContain('does not know 1 of 2 seeds (b.com)');
    expect(await check(['a.com'])).toEqual([]);
    expect(await check([])).toEqual([]);
  });

  test('stops nothing when the look-up fails', async () => {
    const failing = {
      lookup: async () => {
        throw new OpenFunnelError('not_found', '');
      },
    };
    expect((await check(['b.com'], undefined, false, failing))[0]).toContain('not_found');
  });
});
