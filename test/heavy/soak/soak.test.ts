import { expect, test } from 'vitest';
import { runScript } from '../run-script.ts';

test('half a minute of life with faults keeps every promise, and its memory', {
  timeout: 180_000,
}, async () => {
  const { stdout, wrong } = await runScript(new URL('main.ts', import.meta.url), ['--minutes', '0.5']);
  expect(wrong).toEqual([]);
  expect(stdout).toMatch(/\n\d{3,} calls, 0 things wrong\n$/);
});
