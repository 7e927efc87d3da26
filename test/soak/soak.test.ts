import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

test('half a minute of life with faults keeps every promise, and its memory', {
  timeout: 180_000,
}, async () => {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN, '--minutes', '0.5']);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  expect(stdout.split('\n').filter((line) => line.startsWith('WRONG'))).toEqual([]);
  expect(stdout).toMatch(/\n\d{3,} calls, 0 things wrong\n$/);
});
