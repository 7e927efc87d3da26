// Loaded into the server before its own code: at SIGUSR2 it writes how the process is, since the last time.
import { renameSync, writeFileSync } from 'node:fs';
import { loopDelay, seenDelay } from '../loop-delay.mjs';

loopDelay.enable();
process.on('SIGUSR2', () => {
  const delay = seenDelay();
  // Garbage is no leak.
  globalThis.gc?.();
  loopDelay.reset();
  const kinds = process.getActiveResourcesInfo();
  const vitals = { rssMb: process.memoryUsage.rss() / 2 ** 20, handles: kinds.length, kinds, delay };
  const path = process.env.VITALS_FILE;
  writeFileSync(`${path}.new`, JSON.stringify(vitals));
  renameSync(`${path}.new`, path);
});
