import { expect, test } from 'vitest';
import { runScript } from '../../npm-script.ts';
import { scaled } from '../../scale.ts';

// All of them, as by `npm run faults`, where more than usual is asked for.
const args = scaled(1) > 1 ? [] : ['--sample'];

test('no fault loses anything unsaid, lets the key out or leaves anything behind', {
  timeout: 1_200_000,
}, async () => {
  const { stdout } = await runScript('faults', { args });
  expect(stdout.split('\n').filter((line) => line.startsWith('WRONG'))).toEqual([]);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d{3,} cases, 0 of them wrong$/);
});
