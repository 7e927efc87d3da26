// Loaded into the server before its own code: at SIGUSR2 it writes how the process is, since the last time.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const histogram = monitorEventLoopDelay({ resolution: 1 });
histogram.enable();
process.on('SIGUSR2', () => {
  const ms = (nanoseconds) => nanoseconds / 1e6;
  const delay = {
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    max: ms(histogram.max),
  };
  // Garbage is no leak.
  globalThis.gc?.();
  histogram.reset();
  const kinds = process.getActiveResourcesInfo();
  const vitals = { rssMb: process.memoryUsage.rss() / 2 ** 20, handles: kinds.length, kinds, delay };
  const path = process.env.VITALS_FILE;
  writeFileSync(`${path}.new`, JSON.stringify(vitals));
  renameSync(`${path}.new`, path);
});
