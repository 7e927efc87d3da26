import { join } from 'node:path';
import { startBridge } from './bridge.ts';
import { MODULES, nodeOf } from './install.ts';
import type { ClientRow } from './results.ts';
import { bare, run, serverIn } from './run.ts';

const SUITE = join(MODULES, '@modelcontextprotocol/conformance/dist/index.js');

/**
 * The scenarios of the protocol's own suite that need no tools, resources or prompts of its invention, by the step that
 * each stands for. The others call fixtures such as `test_image_content`, or are about HTTP, which is the bridge here.
 */
const SCENARIOS: Readonly<Record<string, string>> = {
  connect: 'server-initialize',
  ping: 'ping',
  list: 'tools-list',
  completion: 'completion-complete',
  resources: 'resources-list',
  prompts: 'prompts-list',
};

/** Runs the suite against the built server, with Node 22, the oldest that it runs on. */
export async function runConformance(home: string): Promise<Pick<ClientRow, 'steps'>> {
  const bridge = await startBridge(serverIn(home));
  const steps: ClientRow['steps'] = {};
  try {
    for (const [step, scenario] of Object.entries(SCENARIOS)) {
      const args = [SUITE, 'server', '--url', bridge.url, '--scenario', scenario];
      const { code, output } = await run(nodeOf('22') ?? process.execPath, args, bare(home), home);
      steps[step] = code === 0 || `${scenario}: exit code ${code}: ${output.slice(-600)}`;
    }
  } finally {
    await bridge.close();
  }
  return { steps };
}
