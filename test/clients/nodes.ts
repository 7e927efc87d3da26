import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, nodeOf } from './install.ts';

// Runs the tests that start the built server with the oldest and the newer Node.js lines that it supports; the one
// that runs this has had its turn with `npm test`.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
install(true);
const own = Number(process.versions.node.split('.')[0]);
let failed = 0;
for (const major of [20, 22, 24] as const) {
  const node = nodeOf(major);
  if (major === own || node === undefined) {
    process.stdout.write(
      `Node ${major}: ${major === own ? 'runs this' : 'not to be had for this platform'}, skipped\n`,
    );
    continue;
  }
  const { status } = spawnSync(
    node,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      'process',
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (status !== 0) failed += 1;
  process.stdout.write(`Node ${major}: ${status === 0 ? 'passed' : 'failed'}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
