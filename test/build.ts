import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let built = false;

/** Tests drive the built server, so it is built from the sources under test first; once for all projects. */
export default function build(): void {
  if (built) return;
  built = true;
  // As `npm run build` does, without the time that npm takes to start.
  execFileSync(process.execPath, ['--import', 'tsx', '.build/build.ts'], { cwd: ROOT, stdio: 'inherit' });
}
