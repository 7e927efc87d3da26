// Loaded into the server before its own code: measures its event loop, and writes what it saw when it ends.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
// Start-up is measured elsewhere.
setTimeout(() => histogram.enable(), 500).unref();
process.on('exit', () => {
  const ms = (nanoseconds) => nanoseconds / 1e6;
  const seen = {
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    max: ms(histogram.max),
  };
  writeFileSync(process.env.LOOP_DELAY_FILE, JSON.stringify(seen));
});
