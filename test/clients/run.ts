import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../temporary-folder.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** No run takes longer, whatever a client waits for. Milliseconds. */
const LONGEST_RUN_MS = 180_000;

/** How the server is started, as all clients' configurations know it. */
export interface ServerLaunch {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** A server on the sandbox, with folders of its own. */
export function serverIn(home: string): ServerLaunch {
  return {
    command: process.execPath,
    args: [join(ROOT, 'dist/index.js')],
    env: {
      PATH: process.env.PATH ?? '',
      OPENFUNNEL_SANDBOX: '1',
      OPENFUNNEL_SANDBOX_SPEED: '20',
      OPENFUNNEL_STATE_DIR: join(home, 'state'),
      OPENFUNNEL_EXPORT_DIR: join(home, 'exports'),
    },
  };
}

/** An environment in which no client finds the settings of the person who runs this. */
export function bare(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.data'),
    XDG_CACHE_HOME: join(home, '.cache'),
    NO_COLOR: '1',
  };
}

/** Gives `use` an empty folder that stands for a user's home, and removes it. */
export async function inHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = makeFolder();
  try {
    return await use(home.path);
  } finally {
    home.remove();
  }
}

/** Runs a command to its end, at most so long; what it printed, both streams together. */
export function run(command: string, args: readonly string[], env: Record<string, string>, cwd: string) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    // A group of its own, so that nothing that the client started outlives it.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let output = '';
    const endGroup = () => {
      try {
        if (child.pid) process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // All of it has ended.
      }
    };
    const timer = setTimeout(endGroup, LONGEST_RUN_MS);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', (error) => resolve({ code: null, output: `${error}` }));
    child.on('exit', (code) => {
      clearTimeout(timer);
      endGroup();
      resolve({ code, output });
    });
  });
}
