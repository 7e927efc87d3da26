import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { StdioServer } from '../../stdio-server.ts';
import { median, megabytes, milliseconds, times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const TARGET_RATIO = 1.5;
const TARGET_RSS_MB = 60;

/** From spawn to the answers that a client waits for before it shows the tools, against `node -e 0`. */
export async function benchStartup({ short }: BenchOptions): Promise<Figure[]> {
  const bare: number[] = [];
  const initialized: number[] = [];
  const listed: number[] = [];
  const rss: number[] = [];
  // One run of each in turn, so that both meet the same weather; the first of each only warms the disk's cache.
  for (let run = 0; run < (short ? 2 : 21); run += 1) {
    const bareMs = await bareNode();
    const server = new StdioServer({ env: { OPENFUNNEL_API_KEY: 'of_bench' } });
    await server.initialize();
    const initializedMs = performance.now() - server.spawnedAt;
    await server.request('tools/list');
    const listedMs = performance.now() - server.spawnedAt;
    const rssMb = server.rssMb();
    await server.close();
    if (run === 0) continue;
    bare.push(bareMs);
    initialized.push(initializedMs);
    listed.push(listedMs);
    if (rssMb !== null) rss.push(rssMb);
  }
  const baseline = `${milliseconds(median(bare))} (node -e 0)`;
  const ratio = median(listed) / median(bare);
  return [
    {
      area: 'start-up',
      what: 'spawn to initialize',
      ours: milliseconds(median(initialized)),
      baseline,
      ratio: times(median(initialized) / median(bare)),
      target: '',
      met: null,
    },
    {
      area: 'start-up',
      what: 'spawn to tools/list',
      ours: milliseconds(median(listed)),
      baseline,
      ratio: times(ratio),
      target: `≤ × ${TARGET_RATIO}`,
      met: ratio <= TARGET_RATIO,
    },
    {
      area: 'start-up',
      what: 'RSS after tools/list',
      ours: rss.length === 0 ? 'not known: no /proc here' : megabytes(median(rss)),
      baseline: '',
      ratio: '',
      target: `< ${TARGET_RSS_MB} MB`,
      met: rss.length === 0 ? null : median(rss) < TARGET_RSS_MB,
    },
  ];
}

async function bareNode(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}
