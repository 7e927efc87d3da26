import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

test('no fault loses anything unsaid, lets the key out or leaves anything behind', {
  timeout: 300_000,
}, async () => {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN], { maxBuffer: 2 ** 24 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('WRONG'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^\d{3,} cases, 0 of them wrong$/);
});
