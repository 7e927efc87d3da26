import { expect, test } from 'vitest';
import { runScript } from '../run-script.ts';

test('no fault loses anything unsaid, lets the key out or leaves anything behind', {
  timeout: 300_000,
}, async () => {
  const { stdout, wrong } = await runScript(new URL('main.ts', import.meta.url));
  expect(wrong).toEqual([]);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d{3,} cases, 0 of them wrong$/);
});
