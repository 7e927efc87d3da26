import { execFileSync } from 'node:child_process';

/** Tests drive the built server, so it is built from the sources under test first. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}
