import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';

const SECRET = 'of_SECRET0123456789';
const machine = { platform: 'linux', home: '/home/me' } as const;

test.each([
  'OPENFUNNEL_BASE_URL',
  'OPENFUNNEL_STATE_DIR',
  'OPENFUNNEL_EXPORT_DIR',
  'OPENFUNNEL_CONFIRM_ABOVE',
  'OPENFUNNEL_DAILY_CREDITS',
  'OPENFUNNEL_KEEP_ROWS',
  'OPENFUNNEL_SANDBOX',
  'OPENFUNNEL_SANDBOX_SPEED',
  'HTTPS_PROXY',
  'http_proxy',
])('the key in %s is refused by the name of the variable, and never shown', (variable) => {
  for (const value of [SECRET, `https://${SECRET}`, `/home/${SECRET}/x`, `https://api.example/${SECRET}`]) {
    const { problems } = readConfig([], { OPENFUNNEL_API_KEY: SECRET, [variable]: value }, machine);
    expect(problems.map(({ says }) => says).join()).toContain(variable);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  }
  const { problems } = readConfig([], { [variable]: SECRET }, machine);
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain(SECRET);
});

test.each([[SECRET], [`--key=${SECRET}`], [`--${SECRET}`]])(
  'the key among the arguments is not shown: %s',
  (arg) => {
    expect(() => readConfig([arg], {}, machine)).toThrow(/unknown argument/);
    expect(() => readConfig([arg], {}, machine)).not.toThrow(SECRET);
  },
);

test('a ceiling that can’t be read is a problem, and no ceiling that is off', () => {
  expect(readConfig([], { OPENFUNNEL_DAILY_CREDITS: '1000' }, machine).dailyCredits).toBe(1_000);
  expect(readConfig([], { OPENFUNNEL_DAILY_CREDITS: '' }, machine).dailyCredits).toBeNull();
  expect(readConfig([], { OPENFUNNEL_DAILY_CREDITS: '0' }, machine).dailyCredits).toBe(0);
  for (const value of ['-1', '1e3', 'many', '10.5'])
    expect(readConfig([], { OPENFUNNEL_DAILY_CREDITS: value }, machine).problems).toHaveLength(1);
});
