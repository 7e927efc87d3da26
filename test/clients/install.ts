import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const MODULES = join(HERE, 'node_modules');

/**
 * Installs the frozen versions, without anybody's install scripts; a registry that stumbles is asked again.
 *
 * @param ciOnly Without the clients that only `npm run clients` needs.
 */
export function install(ciOnly: boolean): void {
  const marker = join(MODULES, ciOnly ? '.package-lock.json' : '@anthropic-ai/claude-code/package.json');
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8');
  const stamp = join(MODULES, '.installed-lock');
  if (existsSync(marker) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  for (let attempt = 1; ; attempt += 1) {
    const { status } = spawnSync(
      'npm',
      [
        // Not `ci`: it refuses a lock file without the platforms' packages that a registry did not have, optional as
        // they are. The versions are the lock file's all the same, and it is left as it is.
        'install',
        '--no-save',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        ...(ciOnly ? ['--omit=dev'] : []),
      ],
      { cwd: HERE, stdio: 'inherit', shell: process.platform === 'win32' },
    );
    if (status === 0) break;
    if (attempt === 3) throw new Error('the clients could not be installed');
  }
  writeFileSync(stamp, lock);
}

/** Path of a Node.js of that major version, where the registry has it for this platform. */
export function nodeOf(major: 20 | 22 | 24): string | undefined {
  const path = join(MODULES, `node${major}-${process.platform}-${process.arch}/bin/node`);
  return existsSync(path) ? path : undefined;
}
