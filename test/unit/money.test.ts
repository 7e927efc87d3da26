import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countriesIn } from '../../src/companies/regions.ts';
import { Secret } from '../../src/lib/secret.ts';
import { findJobId } from '../../src/openfunnel/job-id.ts';
import type { SubmitBody } from '../../src/openfunnel/wire.ts';
import { searchKey } from '../../src/spending/search-key.ts';
import { submitInput, toBody } from '../../src/tools/parts/submit-input.ts';
import { scaled } from '../scale.ts';

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

describe('the id in an answer', () => {
  const UUID = 'd8a1bddb-44f1-4c7f-87a7-f37496354ff6';
  test.each([
    [`{"job_id":"${UUID}"}`, UUID],
    [`\ufeff{"job_id":" ${UUID} "}`, UUID],
    [`{"JobId":7715}`, '7715'],
    [`{"result":{"job":{"id":"${UUID}","status":"pending"}}}`, UUID],
    [`[{"job_id":"a1"}]`, 'a1'],
    [`{"id":"request-1","job_id":"a1"}`, 'a1'],
    [`"${UUID}"`, UUID],
    [`Accepted: ${UUID}`, UUID],
    [`{"job_id":"a1","message":`, 'a1'],
    [`event: x\ndata: {"job_id":"a1"}`, 'a1'],
    [`[{"id":"a1"},{"id":"a2"}]`, null],
    ['{"status":"pending"}', null],
    [`{"error":"no","request_id":"${UUID}"}`, null],
    ['{"job_id":"../x"}', null],
    [`{"job_id":"${UUID.slice(0, 20)}`, null],
    ['', null],
  ])('%s', (answer, id) => {
    expect(findJobId(answer, true)).toBe(id);
  });

  test('is not guessed where the answer may be about something else', () => {
    expect(findJobId(`{"id":"${UUID}"}`, false)).toBeNull();
    expect(findJobId(`<html>request ${UUID}</html>`, false)).toBeNull();
    expect(findJobId(`{"error":{"job_id":"a1"}}`, false)).toBe('a1');
  });
});

describe('a secret', () => {
  // A backslash in a key is as good as none: any number of them may stand before any of its characters.
  const key = fc.stringMatching(/^[!-[\]-~]{8,40}$/);
  const escaped = (each: string, how: number): string => {
    const hex = each.charCodeAt(0).toString(16).padStart(2, '0');
    const forms = [each, `\\u00${hex.toUpperCase()}`, `%${hex}`, `&#${each.charCodeAt(0)};`, `${each}\u200b`];
    return forms[how % forms.length] ?? each;
  };

  test('is found however each of its characters is written, and is gone once masked', () => {
    fc.assert(
      fc.property(key, fc.array(fc.nat(4), { minLength: 40, maxLength: 40 }), (value, how) => {
        const secret = new Secret(value);
        const text = `before ${[...value].map((each, at) => escaped(each, how[at] ?? 0)).join('')} after`;
        expect(secret.isIn(text)).toBe(true);
        expect(secret.mask(text)).not.toContain(value);
        expect(secret.isIn(secret.mask(text))).toBe(false);
      }),
      { numRuns: scaled(50) },
    );
  });

  test('leaves JSON whole, and other text alone', () => {
    fc.assert(
      fc.property(key, fc.jsonValue(), (value, around) => {
        const secret = new Secret(value);
        const json = JSON.stringify({ around, said: `x ${value} y`, end: value });
        expect(JSON.parse(secret.mask(json))).toMatchObject({ end: '[api key]' });
      }),
      { numRuns: scaled(50) },
    );
    const secret = new Secret('of_0123456789');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(secret.mask(text)).toBe(text);
      }),
    );
    expect(new Secret('short').isIn('short')).toBe(false);
  });

  test('costs no more than one walk through the text, whatever that holds', () => {
    const secret = new Secret('of_0123456789');
    // A walk back over any of these would take minutes.
    for (const unit of [
      '\\',
      'o',
      'o\u200b',
      '%25',
      '&#0',
      'of_\\u200b',
      'o\\',
      'of_012345678\u001b[1',
      'o\u0001[1;1',
    ])
      expect(secret.mask(`${unit.repeat(100_000)} of_0123456789`)).toMatch(/ \[api key\]$/);
  });
});
