import { expect, test } from 'vitest';
import { submitInput, toBody } from '../../src/tools/parts/submit-input.ts';

const body = (args: Record<string, unknown>) => toBody(submitInput.parse({ query: 'q', ...args }));
const seed = (text: string) => body({ seed_domains: [text] }).seed_domains;

test.each([
  'https://www.linkedin.com/company/ramp',
  'linkedin.com/company/ramp/',
  'https://de.linkedin.com/company/ramp?trk=x',
  'HTTPS://LinkedIn.com/Company/Ramp',
  'crunchbase.com/organization/ramp',
  'github.com/ramp',
  'https://apps.apple.com/us/app/ramp/id1',
  'apps.apple.com',
  'https://play.google.com/store/apps/details?id=com.ramp',
  'https://en.wikipedia.org/wiki/Ramp',
  'x.com/tryramp',
  'twitter.com/tryramp',
  'https://m.facebook.com/ramp',
  'facebook.com/?id=1',
  'instagram.com/ramp',
  'youtube.com/@ramp',
  'tiktok.com/@ramp',
  'g2.com/products/ramp',
  'capterra.com/p/1/ramp',
  'capterra.co.uk/software/1/ramp',
  'glassdoor.co.in/Overview/ramp',
  'https://de.indeed.com/cmp/ramp',
  'docs.google.com/spreadsheets/d/1',
  'google.de/maps/place/ramp',
  'google.com/search?q=ramp',
  'maps.app.goo.gl/abc',
  'medium.com/@ramp',
  'ramp.medium.com',
  'ramp.substack.com',
  'angel.co/company/ramp',
  'wellfound.com/company/ramp',
  'producthunt.com/products/ramp',
  'uk.trustpilot.com/review/ramp.com',
  'yelp.com/biz/ramp',
  'jobs.lever.co/ramp',
  'boards.greenhouse.io/ramp',
  'ycombinator.com/companies/ramp',
  'amazon.co.uk/stores/ramp',
  'zapier.com/apps/ramp',
])('a page about a company on a site of another is no seed: %s', (text) => {
  expect(() => seed(text)).toThrow(/is a page on .* own website/);
  expect(() => seed(text)).toThrow(`"${text}"`);
});

test.each([
  ['linkedin.com', 'linkedin.com'],
  ['https://www.linkedin.com/', 'linkedin.com'],
  ['github.com', 'github.com'],
  ['https://x.com', 'x.com'],
  ['medium.com', 'medium.com'],
  ['www.medium.com', 'medium.com'],
  ['netflix.com/browse', 'netflix.com'],
  ['box.com/business', 'box.com'],
  ['notlinkedin.com/company/x', 'notlinkedin.com'],
  ['stripe.com/pricing?x=1', 'stripe.com'],
  ['zapier.com/pricing', 'zapier.com'],
  ['google-partner.de/about', 'google-partner.de'],
  ['shop.myshopify.com/collections', 'shop.myshopify.com'],
  ['acme.github.io/docs', 'acme.github.io'],
  ['münchen.de', 'xn--mnchen-3ya.de'],
])('%s is a website of its own', (text, host) => expect(seed(text)).toEqual([host]));

test.each([
  [['Germany', 'GER', 'de'], ['DEU']],
  [
    ['UK', 'uae', 'United States of America'],
    ['GBR', 'ARE', 'USA'],
  ],
  [['eu', 'E.U.', 'European Union'], ['EU']],
  [
    ['USA', 'Holland'],
    ['USA', 'NLD'],
  ],
  [['DACH'], ['AUT', 'CHE', 'DEU']],
  [
    ['the Nordics', 'Sweden', 'EU'],
    ['ALA', 'DNK', 'FIN', 'FRO', 'GRL', 'ISL', 'NOR', 'SWE', 'EU'],
  ],
  [
    ['Benelux', 'United Kingdom'],
    ['BEL', 'LUX', 'NLD', 'GBR'],
  ],
])('locations %j are sent as %j', (given, sent) =>
  expect(body({ locations: given }).locations).toEqual(sent),
);

test.each([
  ['Germny', 'DEU (Germany)'],
  ['ZZZ', 'alpha-3'],
  ['Virgin Islands', 'VGB (British Virgin Islands)'],
])('%s is no country, and near ones are named', (place, said) => {
  expect(() => body({ locations: ['USA', place] })).toThrow(`"${place}" is not a country or a group`);
  expect(() => body({ locations: [place] })).toThrow(said);
});

test.each([
  ['Europe', 'GBR', 'EGY'],
  ['Latin America', 'BRA', 'USA'],
  ['LATAM', 'MEX', 'ESP'],
  ['APAC', 'AUS', 'IRN'],
  ['Middle East', 'ARE', 'EGY'],
  ['Africa', 'NGA', 'ARE'],
])('%s is sent as the codes of its countries', (group, within, without) => {
  const sent = body({ locations: [group] }).locations;
  expect(sent?.length).toBeGreaterThan(10);
  for (const code of sent ?? []) expect(code).toMatch(/^[A-Z]{3}$/);
  expect(sent).toContain(within);
  expect(sent).not.toContain(without);
});
