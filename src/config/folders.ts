import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ConfigError, EXPORT_FOLDER } from './values.ts';

const STATE_FOLDER = 'openfunnel-lookalikes-mcp';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where this process runs, as far as folders depend on it. */
export interface Machine {
  platform: NodeJS.Platform;
  /** The user's home; null for a user who has none. */
  home: string | null;
  /** Folder for what has no home: one of this user's own below the system's. */
  temporary?: string;
}

/**
 * The folders of this process. @param state A folder that the user has named, as is `exports`. @param sandbox Whether what
 * is kept is about made-up companies: nothing of it lies beside what is real.
 */
export function foldersOf(
  state: string | undefined,
  exports: string | undefined,
  sandbox: boolean,
  env: Environment,
  machine: Machine,
) {
  const { home, temporary = '/tmp/openfunnel' } = machine;
  const usual = home === null ? join(temporary, STATE_FOLDER) : usualStateFolder(home, machine.platform);
  const used = state ?? movedStateFolder(env, machine.platform) ?? usual;
  return {
    /** Folder of the ledger and of everything else that is kept; the sandbox has one of its own in it. */
    stateDirectory: sandbox ? join(used, 'sandbox') : used,
    /** Where the ledger is looked for as well; null where the user has chosen a folder, or in the sandbox. */
    usualStateDirectory: state === undefined && !sandbox ? usual : null,
    exportDirectory: exports ?? join(home ?? temporary, EXPORT_FOLDER),
    /** The temporary folder that contains them if the user has no home; null otherwise. */
    temporary: home === null && (state === undefined || exports === undefined) ? temporary : null,
  };
}

/** A folder that the user has named. @throws {ConfigError} for one that is relative to the folder that the client starts in. */
export function folder(path: string, { home, platform }: Machine): string {
  const inHome = path === '~' || path.startsWith('~/') || (platform === 'win32' && path.startsWith('~\\'));
  if (inHome && home !== null) return join(home, path.slice(1));
  if (isAbsolute(path) && !path.includes('\0')) return path;
  throw new ConfigError('must be an absolute path');
}

/** Where programs keep what should outlive a restart, by the platform's own custom. */
function usualStateFolder(home: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', STATE_FOLDER);
  if (platform === 'win32') return join(home, 'AppData', 'Local', STATE_FOLDER);
  return join(home, '.local', 'state', STATE_FOLDER);
}

/** Where the environment has moved that to. Some clients pass these variables on, and others don't. */
function movedStateFolder(env: Environment, platform: NodeJS.Platform): string | undefined {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (xdg && isAbsolute(xdg)) return join(xdg, STATE_FOLDER);
  return platform === 'win32' && local && isAbsolute(local) ? join(local, STATE_FOLDER) : undefined;
}

/** Where this process runs. A user without a home, such as one of a container, gets folders of its own below the system's temporary one. */
export function thisMachine(): Machine {
  // What is empty or relative would be below the folder that the client happens to start the server in.
  const absolute = (path: string) => (isAbsolute(path) ? path : null);
  const user = process.getuid?.() ?? tried(() => userInfo().username.replace(/[^A-Za-z0-9_-]/g, '_'));
  return {
    platform: process.platform,
    home: tried(() => absolute(homedir())),
    temporary: join(absolute(tmpdir()) ?? '/tmp', `openfunnel-${user ?? 'user'}`),
  };
}

function tried<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
