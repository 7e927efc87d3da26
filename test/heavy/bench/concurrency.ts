import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StdioServer } from '../../stdio-server.ts';
import { makeFolder } from '../../temporary-folder.ts';
import { type ApiProcess, serverEnv, startApi } from './api-process.ts';
import { times } from './measure.ts';
import type { BenchOptions, Figure } from './types.ts';

const WAITS = 50;
const TARGET_P99_MS = 20;
const PRELOAD = new URL('loop-delay.mjs', import.meta.url).href;
const BLIND_INTERVAL_MS = 4_000;

/** Fifty jobs waited for at once, against the same server with nothing to do. */
export async function benchConcurrency({ short }: BenchOptions): Promise<Figure[]> {
  const jobMs = short ? 1_500 : 20_000;
  const api = await startApi(20);
  try {
    const idle = await loopDelay(api, () => sleep(short ? 1_000 : 5_000));
    await api.stats();
    const busy = await loopDelay(api, async (server) => {
      await sleep(600);
      const waits = Array.from({ length: WAITS }, (_, job) =>
        server.call('wait_and_collect', { job_id: `running-${jobMs}-${job}`, max_wait_seconds: 45 }),
      );
      for (const { structuredContent } of await Promise.all(waits))
        if (structuredContent.status !== 'completed') throw new Error('a wait did not see its job end');
    });
    const stats = await api.stats();
    const blindPolls = WAITS * (Math.ceil(jobMs / BLIND_INTERVAL_MS) + 1);
    const what = `${WAITS} waits at once on jobs of ${jobMs / 1000} s`;
    return [
      {
        area: 'concurrency',
        what: `event-loop delay p99, ${what}`,
        ours: `${busy.p99.toFixed(1)} ms (max ${busy.max.toFixed(1)})`,
        baseline: `${idle.p99.toFixed(1)} ms (idle)`,
        ratio: times(busy.p99 / idle.p99),
        target: `< ${TARGET_P99_MS} ms`,
        met: busy.p99 < TARGET_P99_MS,
      },
      {
        area: 'concurrency',
        what: 'requests, all told',
        ours: String(stats.requests),
        baseline: `${blindPolls} (a poll every 4 s)`,
        ratio: times(stats.requests / blindPolls),
        target: '',
        met: null,
      },
      {
        area: 'concurrency',
        what: 'requests in flight, peak; in the busiest second',
        ours: `${stats.peak}; ${stats.busiestSecond}`,
        baseline: '',
        ratio: '',
        target: '≤ 8; ≤ 200',
        met: stats.peak <= 8 && stats.busiestSecond <= 200,
      },
    ];
  } finally {
    api.stop();
  }
}

/** The event loop's delay in a server while `work` goes on. Milliseconds; the sampling's own 1 ms is in it. */
async function loopDelay(
  api: ApiProcess,
  work: (server: StdioServer) => Promise<unknown>,
): Promise<{ p99: number; max: number }> {
  const folder = makeFolder();
  const file = join(folder.path, 'delay.json');
  const server = new StdioServer({
    env: { ...serverEnv(api), LOOP_DELAY_FILE: file },
    nodeArgs: ['--import', PRELOAD],
  });
  try {
    await server.initialize();
    await work(server);
    await server.close();
    return JSON.parse(readFileSync(file, 'utf8')) as { p99: number; max: number };
  } finally {
    server.process.kill();
    folder.remove();
  }
}
