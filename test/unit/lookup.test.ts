import { describe, expect, it } from 'vitest';
import { checkSeeds, lookUp } from '../../src/lists/lookup.ts';
import { OpenFunnelError } from '../../src/openfunnel/errors.ts';
import { type LookupItem, lookupAnswer } from '../../src/openfunnel/wire.ts';
import { FakeClock } from '../fake-clock.ts';

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
  it('asks for each company by what it was given as, and says which domain to use', async () => {
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

  it.each<[string, Matches, string, string | null]>([
    [
      'the only one of that very name',
      [
        { name: 'Acme Inc', domain: 'acme.com', score: 0.9 },
        { name: 'Acme Labs', domain: 'labs.com', score: 0.9 },
      ],
      'resolved',
      'acme.com',
    ],
    [
      'two of that very name',
      [
        { name: 'Acme', domain: 'acme.com', score: 0.97 },
        { name: 'ACME, Inc.', domain: 'acme.io', score: 0.97 },
      ],
      'ambiguous',
      null,
    ],
    [
      'records of one domain',
      [
        { name: 'Acme', domain: 'acme.com', score: 0.97 },
        { name: 'Acme', domain: 'acme.com', score: 0.97 },
      ],
      'resolved',
      'acme.com',
    ],
    [
      'one that fits far better',
      [
        { name: 'Acme A', domain: 'a.com', score: 0.95 },
        { name: 'Acme B', domain: 'b.com', score: 0.7 },
      ],
      'resolved',
      'a.com',
    ],
    [
      'two that fit alike',
      [
        { name: 'Acme A', domain: 'a.com', score: 0.95 },
        { name: 'Acme B', domain: 'b.com', score: 0.93 },
      ],
      'ambiguous',
      null,
    ],
    ['one that hardly fits', [{ name: 'Zebra', domain: 'zebra.com', score: 0.3 }], 'ambiguous', null],
    ['one without a domain', [{ name: 'Acme', domain: '', score: 0.97 }], 'ambiguous', null],
  ])('takes for a name %s', async (_, matches, status, use) => {
    const [found] = await lookUp(finding({ Acme: matches }), ['Acme'], signal);
    expect([found?.status, found?.use]).toEqual([status, use]);
  });
});

describe('checkSeeds', () => {
  const known = finding({ 'a.com': [{ domain: 'a.com' }] });
  const check = (seeds: string[], hasQuery = false, allowed = false) =>
    checkSeeds(known, clock, seeds, { hasQuery, allowed, signal });

  it('refuses seeds of which none resolves, where nothing else says what to find', async () => {
    await expect(check(['b.com', 'c.com'])).rejects.toMatchObject({
      code: 'seeds_not_found',
      submitted: 'no',
      message: expect.stringContaining('b.com, c.com'),
    });
    expect((await check(['b.com'], true))[0]).toContain('the query alone');
    expect(await check(['b.com'], false, true)).toHaveLength(1);
    expect((await check(['a.com', 'b.com']))[0]).toContain('does not know 1 of 2 seeds (b.com)');
    expect(await check(['a.com'])).toEqual([]);
    expect(await check([])).toEqual([]);
  });

  it('stops nothing when the look-up fails', async () => {
    const failing = {
      lookup: async () => {
        throw new OpenFunnelError('not_found', '');
      },
    };
    const options = { hasQuery: false, allowed: false, signal };
    expect((await checkSeeds(failing, clock, ['b.com'], options))[0]).toContain('not_found');
  });
});
