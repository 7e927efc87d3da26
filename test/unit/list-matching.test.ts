import { describe, expect, test } from 'vitest';
import { companyOf } from '../../src/companies/company.ts';
import { domainRoot } from '../../src/companies/domain-root.ts';
import { normalDomain } from '../../src/companies/identity.ts';
import { KnownList } from '../../src/companies/known.ts';
import { nameKey } from '../../src/companies/names.ts';
import { SeedMatcher } from '../../src/companies/seeds.ts';
import { realPages } from '../real-rows.ts';
import { LABELS } from './list-matching-labels.ts';

type Row = Record<string, unknown>;

describe('domainRoot', () => {
  test.each([
    ['adp.com', 'adp'],
    ['adp.co.uk', 'adp'],
    ['uk.adp.com', 'adp'],
    ['acme.github.io', 'acme'],
    ['acme.com.vn', 'acme'],
    ['co.uk', null],
  ])('of %s is %s', (domain, root) => expect(domainRoot(domain)).toBe(root));
});

describe('nameKey', () => {
  test.each([
    ['Acme, Inc.', 'acme'],
    ['ACME S.A.', 'acme'],
    ['The Acme Company', 'acme'],
    ['Acme GmbH & Co. KG', 'acme'],
    ['PT. Acme Tbk', 'acme'],
    ['Roto-Rooter', 'rotorooter'],
    ['Société Générale', 'societegenerale'],
    ['株式会社メルカリ', 'メルカリ'],
    ['Limited', 'limited'],
    ['---', ''],
  ])('of %j is %j', (name, key) => expect(nameKey(name)).toBe(key));
});

describe('SeedMatcher', () => {
  const adp = new SeedMatcher([{ domain: 'https://www.adp.com/' }]);
  test.each<[string, Row]>([
    ['itself', { name: 'ADP', domain: 'adp.com' }],
    ['a branch with a site of its own', { name: 'Whatever', domain: 'adp.co.uk' }],
    ['a part of its site', { name: 'Whatever', domain: 'jobs.adp.com' }],
    ['its name with a country', { name: 'ADP Canada', domain: '' }],
    ['its name with a region, on another site', { name: 'ADP - Asia Pacific', domain: 'somewhere.net' }],
    ['its name with the place of the row', { name: 'ADP Roseland', domain: null, hq_city: 'Roseland' }],
    ['its name with a unit, without a site', { name: 'ADP Research Institute', domain: '' }],
    ['its name with a legal form', { name: 'ADP, Inc.', domain: '' }],
    ['another name in brackets', { name: 'Payroll People (ADP India)', domain: '' }],
    ['what is said to be by it', { name: 'Celergo, an ADP company', domain: 'celergo.net' }],
  ])('knows %s', (_, row) => expect(adp.isSeed(companyOf(row))).toBe(true));

  test.each<[string, Row]>([
    ['a name that only begins alike', { name: 'Adpeople', domain: 'adpeople.com' }],
    ['another company behind its name', { name: 'ADP Mobiloitte', domain: '' }],
    ['a unit with a site that says nothing of it', { name: 'ADP Capital', domain: 'anthem.vc' }],
    ['a partner', { name: 'Acme Authorized ADP Partner', domain: 'acme.com' }],
    ['what is powered by it', { name: 'Paychecks powered by ADP', domain: 'acme.com' }],
    ['a row without anything', {}],
    ['a name that is no text', { name: 7, domain: 7 }],
  ])('does not take %s for it', (_, row) => expect(adp.isSeed(companyOf(row))).toBe(false));

  test("learns a seed's name from its own row", () => {
    const seeds = new SeedMatcher([{ domain: 'datadoghq.com' }]);
    const branch = { name: 'Datadog France', domain: '' };
    expect(seeds.isSeed(companyOf(branch))).toBe(false);
    seeds.learn(companyOf({ name: 'Datadog', domain: 'datadoghq.com' }));
    expect(seeds.isSeed(companyOf(branch))).toBe(true);
  });
});

describe('KnownList', () => {
  const list = new KnownList([
    { keys: ['adp.com', 'linkedin:adp'], name: null },
    { keys: [], name: 'Acme Holdings, Inc.' },
  ]);
  test('surely has what has the domain or the LinkedIn page', () => {
    expect(list.has(['adp.com'])).toBe(true);
    expect(list.has(['other.com', 'linkedin:adp'])).toBe(true);
    expect(list.has([])).toBe(false);
    expect(list.has(['adp.co.uk', 'linkedin:adp-uk'])).toBe(false);
  });
  test('may have what is named alike, which stays for a person to decide', () => {
    const why = (name: string, ...keys: string[]) => list.mayHave({ keys, name })?.why ?? null;
    expect(why('ADP Workforce Now')).toBe('the name begins like adp.com');
    expect(why('ACME Holdings', 'x.com')).toBe('same name');
    expect(why('Acme Widgets', 'acme.io')).toBe('its name begins like acme.io');
    expect(why('Payroll', 'jobs.adp.com')).toBe('jobs.adp.com and adp.com are parts of one site');
    expect(why('Acme Widgets', 'widgets.io')).toBe(null);
    expect(why('Acme')).toBe(null);
    expect(why('')).toBe(null);
  });
});

describe.skipIf(!realPages)('against labels made by hand, on the recorded rows', () => {
  const pages = realPages ?? [];
  const at = (reference: string): Row => {
    const [search = '', index = ''] = reference.split(':');
    return pages[Number(search)]?.[Number(index)] ?? {};
  };
  const references = (text: string) => text.split(' ').filter((reference) => reference !== '');

  test('tells seeds and their branches, and companies that may be known', () => {
    const seed = new Score();
    const maybe = new Score();
    for (const { of, same, other } of LABELS) {
      const self = 'domain' in of ? { domain: of.domain } : at(of.join(':'));
      const domain = normalDomain(self.domain);
      const name = 'name' in self && typeof self.name === 'string' ? self.name : null;
      const seeds = new SeedMatcher([{ domain, name }]);
      for (const row of pages['domain' in of ? of.search : of[0]] ?? []) seeds.learn(companyOf(row));
      const known = new KnownList([{ keys: domain === null ? [] : [domain], name }]);
      for (const [label, rows] of [
        [true, same],
        [false, other],
      ] as const) {
        for (const reference of references(rows)) {
          const row = at(reference);
          expect(typeof row.name).toBe('string');
          seed.count(seeds.isSeed(companyOf(row)), label, reference);
          const company = companyOf(row);
          if (!known.has(company.keys)) maybe.count(known.mayHave(company) !== null, label, reference);
        }
      }
    }
    process.stdout.write(`is_seed: ${seed}\nknown_maybe: ${maybe}\n`);
    expect(seed.pairs).toBeGreaterThanOrEqual(200);
    expect(seed.precision).toBeGreaterThanOrEqual(0.95);
    expect(seed.recall).toBeGreaterThanOrEqual(0.9);
    expect(maybe.precision).toBeGreaterThanOrEqual(0.85);
    expect(maybe.recall).toBeGreaterThanOrEqual(0.6);
  });
});

class Score {
  #right = 0;
  #found = 0;
  #wanted = 0;
  pairs = 0;
  readonly #wrong: string[] = [];

  count(found: boolean, wanted: boolean, reference: string): void {
    this.pairs += 1;
    if (found) this.#found += 1;
    if (wanted) this.#wanted += 1;
    if (found && wanted) this.#right += 1;
    if (found !== wanted) this.#wrong.push(`${found ? '+' : '-'}${reference}`);
  }

  get precision(): number {
    return this.#right / this.#found;
  }

  get recall(): number {
    return this.#right / this.#wanted;
  }

  toString(): string {
    return `${this.pairs} pairs, precision ${this.precision.toFixed(3)}, recall ${this.recall.toFixed(3)}, wrong: ${this.#wrong.join(' ') || 'none'}`;
  }
}
