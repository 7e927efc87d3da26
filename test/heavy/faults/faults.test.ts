import { expect, test } from 'vitest';
import { scaled } from '../../scale.ts';
import { runScript } from '../run-script.ts';

// All of them, as by `npm run faults`, where more than usual is asked for.
const args = scaled(1) > 1 ? [] : ['--sample'];

test('no fault loses anything unsaid, lets the key out or leaves anything behind', {
  timeout: 1_200_000,
}, async () => {
  const { stdout, wrong } = await runScript(new URL('main.ts', import.meta.url), args);
  expect(wrong).toEqual([]);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d{3,} cases, 0 of them wrong$/);
});
