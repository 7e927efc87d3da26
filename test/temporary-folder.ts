import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder, and what removes it with all that is in it by then. */
export interface TemporaryFolder {
  /** Its real path, whatever links lead to it. */
  path: string;
  remove: () => void;
}

/** For what runs outside of a test, and removes it itself; in a test `temporaryFolder` does. */
export function makeFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'lookalikes-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
