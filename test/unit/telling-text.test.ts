import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellingText } from '../../src/judging/telling.ts';
import { cutWords } from '../../src/lib/text.ts';

type Text = string | null;
const told = ({ reason = null, tagline = null, description = null }: Record<string, Text>) =>
  tellingText(reason, tagline, description);

test.each([
  ['Acme fits because it is a card for start-ups', 'a card for start-ups'],
  ['Acme Card Ltd matches the trait with its "cards for start-ups"', '"cards for start-ups"'],
  ['It fits well since it offers "cards"', 'offers "cards"'],
  ['Yes — it is a "full-service" firm', 'a "full-service" firm'],
  ['Acme is a strong match because it sells cards', 'sells cards'],
  // What is no formula stays, and so does what the company says.
  ['Acme sells cards to start-ups', 'Acme sells cards to start-ups'],
  ['Acme is "a fit because it pays" for everybody', 'Acme is "a fit because it pays" for everybody'],
  ['Acme fits because', 'Acme fits because'],
])('the reason %j is told as %j', (reason, said) => {
  expect(told({ reason })).toBe(said);
});

test('what says most comes first, and what is missing is passed over', () => {
  const [tagline, description] = [
    'Cards for small firms.',
    `They issue payments. ${'Support abroad. '.repeat(20)}`,
  ];
  expect(told({ tagline })).toBe('says: Cards for small firms.');
  expect(told({ reason: 'Acme fits as a bank', tagline, description })).toMatch(
    /^a bank · says: Cards for small firms\. · They issue payments\. Support/,
  );
  expect(told({ description })).toMatch(/^says: They issue/);
  expect(told({})).toBeNull();
  expect(told({ reason: ' ', tagline: '\u200b', description: '' })).toBeNull();
});

test('nothing is told twice', () => {
  const reason = 'Acme fits because it is a "corporate card platform for German dentists"';
  const said = told({ reason, tagline: 'Corporate card platform for dentists' });
  expect(said).toBe('a "corporate card platform for German dentists"');
  const description = 'Payroll for farms. Founded by farmers in 2019.';
  expect(told({ tagline: 'Payroll for farms.', description })).toBe(`says: ${description}`);
});

test('of a text that has more there are 140 characters at least, and hardly more than were asked for', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'é', '文', ' ', '|', '"'),
    minLength: 1,
    maxLength: 40,
  });
  const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 156, max: 900 }), (reason, description, length) => {
      const whole = told({ reason, tagline: null, description }) ?? '';
      const said = cutWords(whole, length);
      expect(said.length).toBeLessThanOrEqual(length);
      expect(said.length).toBeGreaterThanOrEqual(Math.min(whole.length, length - 16));
      expect(whole.startsWith(said.replace(/…$/, ''))).toBe(true);
    }),
  );
});
