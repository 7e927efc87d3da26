import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { runScript } from '../../npm-script.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const DIST = join(ROOT, 'dist');
export const BUNDLE = 'openfunnel-lookalikes.mcpb';
export const TARBALL = `${packageJson.name}-${packageJson.version}.tgz`;

/** Makes all packages, as the README's command does. */
export async function makePackages(...args: string[]): Promise<void> {
  const { code, stderr } = await runScript('package', { args });
  if (code !== 0) throw new Error(`the packages could not be made: ${stderr}`);
}

/** Installs a tarball into an empty folder, as a user would. */
export function installTarball(folder: string, tarball: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', '--silent', tarball);
}

export function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
}
