import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install, NODE_LINES, nodeOf } from './install.ts';
import { installPackage } from './quick-start.ts';
import { ROOT } from './run.ts';

// The oldest and the newer lines of Node.js that are supported: with each, the quick start from the packed package, and
// the tests that start the built server. The line that runs this has had those tests with `npm test`; the oldest
// version is too old for the runner of tests.
install(true);
const own = String(process.versions.node.split('.')[0]);
const installed = await installPackage();
let failed = 0;
try {
  for (const line of NODE_LINES) {
    const node = nodeOf(line);
    if (node === undefined) {
      process.stdout.write(`Node ${line}: not to be had for this platform, skipped\n`);
      continue;
    }
    const wrong = await installed.quickStart(node).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    process.stdout.write(
      `Node ${line}: quick start ${wrong === undefined ? 'passed' : `failed: ${wrong}`}\n`,
    );
    const tested = line === own || line === NODE_LINES[0] || runTests(node);
    if (!tested) process.stdout.write(`Node ${line}: tests failed\n`);
    if (wrong !== undefined || !tested) failed += 1;
  }
} finally {
  installed.remove();
}
process.exitCode = failed === 0 ? 0 : 1;

/** Whether the tests of the built server pass. */
function runTests(node: string): boolean {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'test/vitest.config.ts', '--project', 'light', 'test/process'];
  return spawnSync(node, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}
