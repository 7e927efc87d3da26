// Loaded into the server before its own code: measures its event loop, and writes what it saw when it ends.
import { writeFileSync } from 'node:fs';
import { loopDelay, seenDelay } from '../loop-delay.mjs';

// Start-up is measured elsewhere.
setTimeout(() => loopDelay.enable(), 500).unref();
process.on('exit', () => writeFileSync(process.env.LOOP_DELAY_FILE, JSON.stringify(seenDelay())));
