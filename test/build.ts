import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What the build is made of. */
const SOURCES = ['src', '.build', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** What it writes last. */
const LAST = 'dist/LICENSES.txt';
let built = false;

/** Tests drive the built server, so it is built first where a source is newer than it; once for all projects. */
export default function build(): void {
  if (built) return;
  built = true;
  const builtAt = changedAt(`${ROOT}${LAST}`);
  if (SOURCES.every((path) => changedAt(`${ROOT}${path}`) < builtAt)) return;
  // As `npm run build` does, without the time that npm takes to start.
  execFileSync(process.execPath, ['--import', 'tsx', '.build/build.ts'], { cwd: ROOT, stdio: 'inherit' });
}

/** When a file, or anything in a folder, was last changed, in ms since the epoch; 0 where there is none. */
function changedAt(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedAt(`${path}/${name}`)));
}
