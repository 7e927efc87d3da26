// Loaded into the server before its own code: at SIGUSR2 it writes how the process is, since the last time.
import { renameSync, writeFileSync } from 'node:fs';
import { loopDelay, seenDelay } from '../loop-delay.mjs';

loopDelay.enable();
process.on('SIGUSR2', () => {
  const delay = seenDelay();
  // Garbage is no leak; what finalizers held is gone the second time.
  globalThis.gc?.();
  globalThis.gc?.();
  loopDelay.reset();
  const kinds = process.getActiveResourcesInfo();
  const { rss, heapUsed, external } = process.memoryUsage();
  const inUseMb = (heapUsed + external) / 2 ** 20;
  const vitals = { rssMb: rss / 2 ** 20, inUseMb, handles: kinds.length, kinds, delay };
  const path = process.env.VITALS_FILE;
  writeFileSync(`${path}.new`, JSON.stringify(vitals));
  renameSync(`${path}.new`, path);
});
