import { expect, test } from 'vitest';
import { runScript } from '../../npm-script.ts';

// What it measured is for people to read; that it measures every area, and ends well, is for CI.
test('the short form of the benchmarks works', { timeout: 300_000 }, async () => {
  const { code, stdout, stderr } = await runScript('bench', { args: ['--short'] });
  expect(code, stderr).toBe(0);
  const areas = new Set(stdout.split('\n').map((line) => line.split('  ')[0]));
  for (const area of ['start-up', 'collection', 'polling', 'tokens', 'concurrency', 'queries', 'imports'])
    expect(areas).toContain(area);
  expect(stdout).not.toContain('NaN');
});
