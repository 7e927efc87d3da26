import { execFileSync } from 'node:child_process';

let built = false;

/** Tests drive the built server, so it is built from the sources under test first; once for all projects. */
export default function build(): void {
  if (built) return;
  built = true;
  execFileSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
