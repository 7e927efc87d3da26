import { expect, test } from 'vitest';
import { runScript } from '../../npm-script.ts';

test('half a minute of life with faults keeps every promise, and its memory', {
  timeout: 180_000,
}, async () => {
  const { stdout } = await runScript('soak', { args: ['--minutes', '0.5'] });
  expect(stdout.split('\n').filter((line) => line.startsWith('WRONG'))).toEqual([]);
  expect(stdout).toMatch(/\n\d{3,} calls, 0 things wrong\n$/);
});
