import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COUNTRIES, countryOf, nearCountries } from '../../src/companies/countries.ts';
import { editDistance } from '../../src/lib/edit-distance.ts';
import { anyText } from '../untrusted-text.ts';

const code = (text: string) => countryOf(text)?.code ?? null;

test('there are 250 countries, each with its own codes and name', () => {
  expect(COUNTRIES).toHaveLength(250);
  for (const key of ['code', 'alpha2', 'name'] as const)
    expect(new Set(COUNTRIES.map((country) => country[key])).size).toBe(250);
  for (const country of COUNTRIES) {
    expect(country.code).toMatch(/^[A-Z]{3}$/);
    expect(country.alpha2).toMatch(/^[A-Z]{2}$/);
    for (const text of [country.code, country.alpha2, country.name, country.code.toLowerCase()])
      expect(countryOf(text)).toBe(country);
    const names = new Intl.DisplayNames('en', { type: 'region' });
    expect([country.alpha2, code(names.of(country.alpha2) ?? '')]).toEqual([country.alpha2, country.code]);
  }
});

test.each(
  Object.entries({
    DEU: ['Germany', 'GER', 'germany', 'Deutschland', 'Federal Republic of Germany', 'Allemagne', ' de '],
    GBR: ['UK', 'U.K.', 'Great Britain', 'England', 'United Kingdom of Great Britain and Northern Ireland'],
    ARE: ['UAE', 'U.A.E.', 'United Arab Emirates', 'the United Arab Emirates'],
    USA: ['US', 'U.S.', 'U.S.A.', 'usa', 'United States of America', 'The United States', 'America'],
    NLD: ['Holland', 'The Netherlands', 'NED', 'Nederland'],
    KOR: ['South Korea', 'Korea, Republic of', 'Korea (the Republic of)', 'Republic of Korea', 'Korea'],
    PRK: ['North Korea', "Korea (the Democratic People's Republic of)"],
    COD: ['Congo (the Democratic Republic of the)', 'DRC', 'Congo, The Democratic Republic of the'],
    COG: ['Congo', 'Republic of the Congo'],
    CHE: ['SUI', 'Schweiz', 'Suisse', 'Switzerland'],
    CZE: ['Czech Republic', 'Czechia', 'Česko'],
    CIV: ['Ivory Coast', "Cote d'Ivoire", 'Côte d’Ivoire'],
    TUR: ['Turkey', 'Turkiye', 'Türkiye'],
    IRN: ['Iran (Islamic Republic of)', 'Iran'],
    VNM: ['Viet Nam', 'Vietnam'],
    IRL: ['Republic of Ireland', 'Ireland'],
    IND: ['Republic of India', 'IN'],
    TWN: ['Taiwan', 'Republic of China'],
    CHN: ["People's Republic of China", 'CHN'],
    ESP: ['España', 'Spain'],
    JPN: ['日本', 'JP'],
    BIH: ['Bosnia & Herzegovina', 'Bosnia-Herzegovina'],
    VGB: ['Virgin Islands (British)', 'BVI'],
    LCA: ['St. Lucia', 'Saint Lucia'],
  }),
)('%s is understood in %j', (expected, texts) => {
  for (const text of texts) expect([text, code(text)]).toEqual([text, expected]);
});

test.each([
  '',
  ' ',
  'EU',
  'Europe',
  'Atlantis',
  'Berlin',
  'California',
  'XYZ',
  '...',
  '12',
  'the',
  'Timbuktu',
])('%j is no country', (text) => expect(countryOf(text)).toBeNull());

test('near ones are named, nearest first', () => {
  expect(nearCountries('Germny')[0]).toBe('DEU (Germany)');
  expect(nearCountries('Gemrany')[0]).toBe('DEU (Germany)');
  expect(nearCountries('Virgin Islands')).toEqual(
    expect.arrayContaining(['VGB (British Virgin Islands)', 'VIR (U.S. Virgin Islands)']),
  );
  expect(nearCountries('Frankreihc')).toEqual([]);
  expect(nearCountries('Untied States')[0]).toBe('USA (United States)');
  expect(nearCountries('USB')).toContain('USA (United States)');
  expect(nearCountries('Berlin, Germany')).toContain('DEU (Germany)');
  expect(nearCountries('qqqqqqqq')).toEqual([]);
});

test('any text is answered, and nearness is bounded', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      const found = countryOf(text);
      expect(found === null || COUNTRIES.includes(found)).toBe(true);
      expect(nearCountries(text).length).toBeLessThanOrEqual(5);
    }),
  );
});

test('edit distance is that of Levenshtein, with swaps as one, cut at its maximum', () => {
  for (const [a, b, max, distance] of [
    ['kitten', 'sitting', 9, 3],
    ['kitten', 'sitting', 2, 3],
    ['limt', 'limit', 2, 1],
    ['', 'ab', 2, 2],
    ['abc', 'abc', 0, 0],
    ['a', 'abcdef', 2, 3],
    ['nmae', 'name', 1, 1],
    ['emplyoees', 'employees', 2, 1],
    ['ba', 'abc', 2, 2],
    ['aa', 'a', 2, 1],
  ] as const)
    expect(editDistance(a, b, max)).toBe(distance);
});
