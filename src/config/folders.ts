import { isAbsolute, join } from 'node:path';
import { EXPORT_FOLDER } from '../lib/defaults.ts';
import { ConfigError, type Environment, expanded } from './values.ts';

const STATE_FOLDER = 'openfunnel-lookalikes-mcp';
const SANDBOX_FOLDER = 'sandbox';

/** Where this process runs, as far as folders depend on it. */
export interface Machine {
  platform: NodeJS.Platform;
  /** The user's home; null for a user who has none. */
  home: string | null;
  /** Folder for what has no home: one of this user's own below the system's. */
  temporary?: string;
}

/** Where this process keeps things. */
export interface Folders {
  /** Folder of the ledger and of everything else that is kept; the sandbox has one of its own in it. */
  stateDirectory: string;
  /** The platform's own place for it, where the ledger is looked for as well; null where the user has chosen one, or in the sandbox. */
  usualStateDirectory: string | null;
  /** Folder that exports are written to. */
  exportDirectory: string;
  /** The temporary folder that contains them if the user has no home; null otherwise. */
  temporary: string | null;
}

/**
 * The folders that the environment and the platform's custom give.
 *
 * @param chosen Folders that the user has named.
 * @param sandbox Whether what is kept is about made-up companies: nothing of it lies beside what is real.
 */
export function foldersOf(
  chosen: { state: string | undefined; exports: string | undefined },
  sandbox: boolean,
  env: Environment,
  machine: Machine,
): Folders {
  const usual = usualStateFolder(machine);
  const state = chosen.state ?? movedStateFolder(env, machine) ?? usual;
  return {
    stateDirectory: sandbox ? join(state, SANDBOX_FOLDER) : state,
    usualStateDirectory: chosen.state === undefined && !sandbox ? usual : null,
    exportDirectory:
      chosen.exports ??
      (machine.home === null
        ? join(temporaryFolder(machine), EXPORT_FOLDER)
        : join(machine.home, EXPORT_FOLDER)),
    temporary:
      machine.home === null && (chosen.state === undefined || chosen.exports === undefined)
        ? temporaryFolder(machine)
        : null,
  };
}

/**
 * A folder that the user has named.
 *
 * @throws {ConfigError} for one that is not absolute: a client starts the server in a folder of its own choice.
 */
export function folder(
  name: string,
  value: string | undefined,
  { home, platform }: Machine,
): string | undefined {
  const path = expanded(name, value);
  if (!path) return undefined;
  const inHome = path === '~' || path.startsWith('~/') || (platform === 'win32' && path.startsWith('~\\'));
  if (inHome && home !== null) return join(home, path.slice(1));
  if (isAbsolute(path) && !path.includes('\0')) return path;
  throw new ConfigError(`${name} must be an absolute path`);
}

/** Where programs keep what should outlive a restart, by the platform's own custom. */
function usualStateFolder(machine: Machine): string {
  const { home, platform } = machine;
  if (home === null) return join(temporaryFolder(machine), STATE_FOLDER);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', STATE_FOLDER);
  if (platform === 'win32') return join(home, 'AppData', 'Local', STATE_FOLDER);
  return join(home, '.local', 'state', STATE_FOLDER);
}

/** Where the environment has moved that to. Some clients pass these variables on, and others don't. */
function movedStateFolder(env: Environment, { platform }: Machine): string | undefined {
  const [xdg, local] = [env.XDG_STATE_HOME, env.LOCALAPPDATA];
  if (xdg && isAbsolute(xdg)) return join(xdg, STATE_FOLDER);
  return platform === 'win32' && local && isAbsolute(local) ? join(local, STATE_FOLDER) : undefined;
}

function temporaryFolder({ temporary = '/tmp/openfunnel' }: Machine): string {
  return temporary;
}
