import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countriesIn } from '../../src/companies/regions.ts';
import type { SubmitBody } from '../../src/openfunnel/wire.ts';
import { searchKey } from '../../src/spending/search-key.ts';
import { submitInput, toBody } from '../../src/tools/parts/submit-input.ts';

const body = fc.record<SubmitBody>(
  {
    query: fc.constantFrom('spend management', 'bikes'),
    seed_domains: fc.uniqueArray(fc.constantFrom('a.com', 'b.com', 'c.com'), { minLength: 1 }),
    limit: fc.integer({ min: 1, max: 3 }),
    min_employees: fc.integer({ min: 0, max: 2 }),
    funding_stages: fc.uniqueArray(fc.constantFrom('Seed', 'Series A'), { minLength: 1 }),
    search_type: fc.constantFrom('semantic', 'agentic'),
  },
  { requiredKeys: ['limit'] },
);

/** The key of a search as a client gives it. */
const keyOf = (args: Partial<SubmitBody>) => searchKey(toBody(submitInput.parse({ query: 'q', ...args })));

describe('the same search', () => {
  test('has one key however it is written', () => {
    fc.assert(
      fc.property(body, ({ query, seed_domains, search_type, ...rest }) => {
        const given: SubmitBody = {
          ...(search_type === undefined ? {} : { search_type }),
          ...(query === undefined ? {} : { query }),
          ...(seed_domains === undefined ? {} : { seed_domains }),
          ...rest,
        };
        const otherwise: SubmitBody = {
          ...rest,
          search_type: search_type ?? 'semantic',
          ...(query === undefined ? {} : { query: `\t ${query.replace(' ', ' \n ')} ` }),
          ...(seed_domains === undefined
            ? {}
            : { seed_domains: [...seed_domains].reverse().map((seed) => seed.toUpperCase()) }),
        };
        expect(keyOf(otherwise)).toBe(keyOf(given));
      }),
    );
  });

  const invisible = [
    '\u200b',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u2060',
    '\u180e',
    '\u202e',
    '\ufe0f',
    '\u{e0041}',
    '\u{e0101}',
    '\u034f',
    '\u3164',
  ];
  test('invisible characters make no difference, wherever they are', () => {
    const query = 'Zürich "spend" -management – für Ärzte';
    fc.assert(
      fc.property(
        fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'),
        fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...invisible)), { maxLength: 6 }),
        fc.constantFrom(' ', '\u00a0', '\u2003', '\t', '\n', '\u3000', '  '),
        (form, signs, blank) => {
          const text = [...query.normalize(form).replaceAll(' ', blank)];
          for (const [at, sign] of signs) text.splice(at, 0, sign);
          expect(keyOf({ query: text.join('') })).toBe(keyOf({ query }));
        },
      ),
    );
  });

  test.each([
    [{ query: 'spend management.' }, { query: 'spend management' }],
    [{ query: '“spend” — it’s' }, { query: '"spend" - it\'s' }],
    [{ query: 'ｓｐｅｎｄ' }, { query: 'spend' }],
    [{ seed_domains: ['WWW.Acme.com', 'b.de'] }, { seed_domains: ['https://b.de/about?x=1', 'acme.com.'] }],
    [{ seed_domains: ['bücher.de'] }, { seed_domains: ['xn--bcher-kva.de'] }],
    [{ seed_domains: ['acme.com', 'acme.com'] }, { seed_domains: ['acme.com'] }],
    [{ locations: ['usa', 'DEU'] }, { locations: ['DEU', 'USA'] }],
    [{ locations: ['EU', 'FRA'] }, { locations: ['EU'] }],
    [{ locations: ['USA', 'EU'] }, { locations: ['USA', ...(countriesIn('EU') ?? [])].reverse() }],
    [{ funding_stages: ['Series A', 'Pre-Seed'] }, { funding_stages: ['Pre-Seed', 'Series A'] }],
    [{ search_type: 'semantic' }, {}],
  ])('is the same: %j and %j', (one, two) => {
    expect(keyOf(one)).toBe(keyOf(two));
  });

  test.each([
    [{ query: 'SaaS' }, { query: 'saas' }],
    [{ query: 'no SaaS' }, { query: 'SaaS' }],
    [{ seed_domains: ['acme.com'] }, { seed_domains: ['shop.acme.com'] }],
    [{ seed_domains: ['acme.com'] }, { seed_domains: ['acme.co'] }],
    [{ min_employees: 10 }, { max_employees: 10 }],
    [{ locations: ['EU'] }, { locations: countriesIn('EU')?.slice(1) ?? [] }],
  ])('is another one: %j and %j', (one, two) => {
    expect(keyOf(one)).not.toBe(keyOf(two));
  });

  test('another search has another key', () => {
    const plain = (given: SubmitBody) => JSON.stringify({ search_type: 'semantic', ...sorted(given) });
    const sorted = (given: SubmitBody) =>
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [
          name,
          Array.isArray(value) ? [...value].sort() : value,
        ]),
      );
    fc.assert(
      fc.property(body, body, (one, two) => {
        const same = sortedKeys(plain(one)) === sortedKeys(plain(two));
        expect(searchKey(one) === searchKey(two)).toBe(same);
      }),
    );
  });
});

function sortedKeys(json: string): string {
  return JSON.stringify(Object.entries(JSON.parse(json) as object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
