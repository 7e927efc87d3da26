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

/** The lines of Node.js that are there to run with; the first is the oldest version that is supported. */
export const NODE_LINES = ['20.18', '20', '22', '24', '26'] as const;

/** Path of a Node.js of that line, where the registry has it for this platform. */
export function nodeOf(line: (typeof NODE_LINES)[number]): string | undefined {
  const path = join(MODULES, `node${line}-${process.platform}-${process.arch}/bin/node`);
  return existsSync(path) ? path : undefined;
}
