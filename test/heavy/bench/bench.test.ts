import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

// What it measured is for people to read; that it measures every area, and ends well, is for CI.
test('the short form of the benchmarks works', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN, '--short']);
  const areas = new Set(stdout.split('\n').map((line) => line.split('  ')[0]));
  for (const area of ['start-up', 'collection', 'polling', 'tokens', 'concurrency', 'queries'])
    expect(areas).toContain(area);
  expect(stdout).not.toContain('NaN');
});
