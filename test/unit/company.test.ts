import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { companyOf } from '../../src/companies/company.ts';
import { COUNTRIES } from '../../src/companies/countries.ts';
import { groupsOf } from '../../src/companies/groups.ts';
import { countriesIn, isInEu, REGIONS, regionOf } from '../../src/companies/regions.ts';
import { anyText } from '../untrusted-text.ts';

const page = (slug: string) => `https://www.linkedin.com/company/${slug}`;

describe('companyOf', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['a site', { domain: 'acme.com' }, ['acme.com']],
    [
      'a site and a page',
      { domain: 'acme.com', linkedin_url: page('Acme-Inc/') },
      ['acme.com', 'linkedin:acme-inc'],
    ],
    ['a page alone', { domain: '', linkedin_url: page('acme') }, ['linkedin:acme']],
    ['a LinkedIn page as site', { domain: 'linkedin.com/company/acme' }, ['linkedin:acme']],
    ['several sites', { domain: 'acme.com; https://www.acme.io/en' }, ['acme.com', 'acme.io']],
    ['another spelling', { domain: ' HTTP://WWW2.Acme.COM.:80/About ' }, ['acme.com']],
    ['two schemes', { domain: 'http://https://acme.com' }, ['acme.com']],
    ['a formula', { domain: '=HYPERLINK("https://acme.com","Acme")' }, ['acme.com']],
    ['an address', { domain: 'info@acme.com' }, ['acme.com']],
    ['a telephone number behind it', { domain: 'acme.com / +49 30 123' }, ['acme.com']],
    ['a shared site', { name: 'Acme', domain: 'facebook.com' }, []],
    [
      'a page on it',
      { name: 'Acme', domain: 'https://m.facebook.com/Acme/about?x=1' },
      ['facebook.com/acme'],
    ],
    ['a numbered page', { domain: 'facebook.com/profile.php?id=7&x=1' }, ['facebook.com/profile.php?id=7']],
    ['the owner of a shared site', { name: 'GitHub, Inc.', domain: 'github.com' }, ['github.com']],
    ['a site under a shared one', { name: 'Acme', domain: 'acme.github.io/x' }, ['acme.github.io']],
    ['the shared one itself', { name: 'Acme', domain: 'github.io' }, []],
    ['a site builder', { name: 'Acme', domain: 'www.wixsite.com' }, []],
    ['a site builder that no public list has', { name: 'Acme', domain: 'business.site' }, []],
    ['a site made with it', { name: 'Acme', domain: 'acme.business.site' }, ['acme.business.site']],
    ['the owner of a site builder', { name: 'Weebly', domain: 'weebly.com' }, ['weebly.com']],
    ['a link page', { name: 'Acme', domain: 'linktr.ee/Acme' }, ['linktr.ee/acme']],
    [
      'an app store',
      { name: 'Acme', domain: 'play.google.com/store/apps/details?id=com.acme&hl=en' },
      ['play.google.com/store/apps/details?id=com.acme'],
    ],
    ['a provider of mail', { name: 'Acme', domain: 'gmail.com' }, []],
    ["a person's page", { name: 'Acme', domain: 'linkedin.com/in/ann' }, []],
    ['nothing', {}, []],
  ])('tells %s by its keys', (_, row, keys) => {
    const company = companyOf(row);
    expect([company.keys, company.company_key]).toEqual([keys, keys[0] ?? null]);
  });

  test('gives one country, its region, and what headquarters say otherwise', () => {
    const place = (hq_country: string | null, headquarters: string | null) => {
      const company = companyOf({ hq_country, headquarters });
      return [company.country_code, company.region, company.in_eu, company.headquarters_country];
    };
    expect(place('Germany', 'Berlin, Germany')).toEqual(['DEU', 'Europe', 1, null]);
    expect(place('DEU', 'Singapore, Singapore')).toEqual(['DEU', 'Europe', 1, 'Singapore']);
    expect(place(null, 'London, United Kingdom')).toEqual(['GBR', 'Europe', 0, null]);
    expect(place('United States', 'Atlanta, Georgia')).toEqual(['USA', 'North America', 0, null]);
    expect(place(null, 'San Francisco, CA')).toEqual([null, null, null, null]);
    expect(place(null, null)).toEqual([null, null, null, null]);
  });

  test.each<[unknown, unknown, Array<number | null>]>([
    [12, null, [12, 12, 12]],
    ['12', null, [12, 12, 12]],
    ['11-50', null, [null, 11, 50]],
    [null, '51 to 200 employees', [null, 51, 200]],
    [null, '10,001+', [null, 10_001, null]],
    [null, '1K-5K', [null, 1_000, 5_000]],
    [null, 'less than 10', [null, null, 10]],
    [-3, 'many', [null, null, null]],
    [null, null, [null, null, null]],
  ])('reads a size of %j and %j', (employee_count, company_size, size) => {
    const { employees, employees_min, employees_max } = companyOf({ employee_count, company_size });
    expect([employees, employees_min, employees_max]).toEqual(size);
  });

  test('takes what stands for no website for none, and keeps what it can not read', () => {
    for (const domain of ['N/A', '-', 'unknown', ' ', null]) expect(companyOf({ domain }).domain).toBeNull();
    expect(companyOf({ domain: 'https://WWW.Acme.com/x' }).domain).toBe('acme.com');
    expect(companyOf({ domain: 'facebook.com/acme' }).domain).toBe('facebook.com/acme');
  });

  test('answers any row', () => {
    const value = fc.oneof(anyText({ maxLength: 300 }), fc.jsonValue());
    const row = fc.record({
      name: value,
      domain: value,
      linkedin_url: value,
      headquarters: value,
      hq_country: value,
    });
    fc.assert(
      fc.property(row, (any) => {
        const { keys } = companyOf(any);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(key).toMatch(/^(?:linkedin:\S+|[a-z0-9.-]+\.[a-z0-9-]+(?:\/\S+)?)$/);
      }),
    );
  });
});

describe('groupsOf', () => {
  test('takes rows for one company that share a key, be it through others', () => {
    expect([...groupsOf([['a'], [], ['b'], ['a', 'b'], ['c'], [], ['b']])]).toEqual([0, 1, 0, 0, 4, 5, 0]);
  });

  test('agrees with the definition on any keys', () => {
    const rows = fc.array(fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { maxLength: 3 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(rows, (keys) => {
        const expected = keys.map((_, index) => index);
        for (let changed = true; changed; ) {
          changed = false;
          for (const [one, first] of keys.entries())
            for (const [two, second] of keys.entries()) {
              const least = Math.min(expected[one] ?? 0, expected[two] ?? 0);
              if (!first.some((key) => second.includes(key)) || expected[one] === expected[two]) continue;
              expected[one] = least;
              expected[two] = least;
              changed = true;
            }
        }
        expect([...groupsOf(keys)]).toEqual(expected);
      }),
    );
  });
});

describe('regions', () => {
  test('has every country in one region, but for Antarctica and its like', () => {
    const without = COUNTRIES.filter(({ code }) => regionOf(code) === null).map(({ code }) => code);
    expect(without.sort()).toEqual(['ATA', 'ATF', 'BVT', 'HMD', 'SGS']);
    const counted = REGIONS.flatMap((region) => COUNTRIES.filter(({ code }) => regionOf(code) === region));
    expect(counted).toHaveLength(COUNTRIES.length - without.length);
  });

  test('knows the groups that people name', () => {
    expect(countriesIn('DACH')).toEqual(['AUT', 'CHE', 'DEU']);
    expect(countriesIn('the Nordics')).toContain('SWE');
    expect(countriesIn('European Union')).toHaveLength(27);
    expect(countriesIn('EU')?.every(isInEu)).toBe(true);
    expect(countriesIn('Asia-Pacific')).toContain('AUS');
    expect(countriesIn('LATAM')).toContain('MEX');
    expect(countriesIn('Germany')).toBeNull();
    expect(countriesIn('x'.repeat(1_000))).toBeNull();
  });
});
