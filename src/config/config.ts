import { DEFAULT_CONFIRM_ABOVE, EXPORT_FOLDER } from '../lib/defaults.ts';
import { type Folders, folder, foldersOf, type Machine } from './folders.ts';
import {
  apiKey,
  baseUrl,
  ConfigError,
  coreTools,
  credits,
  DEFAULT_BASE_URL,
  type Environment,
  flag,
  port,
  proxy,
  refuseKey,
  speed,
} from './values.ts';

export type { Machine } from './folders.ts';
export { ConfigError, type Environment } from './values.ts';

/** Settings of one process, read from its environment and arguments. */
export interface Config extends Folders {
  mode: 'serve' | 'help' | 'version' | 'serve-sandbox';
  apiKey: string | undefined;
  baseUrl: URL;
  sandbox: boolean;
  /** Whether the settings were filled into a form (see `form.ts`), and messages speak of its fields. */
  fromForm: boolean;
  /** Factor by which sandbox jobs run faster than by default. */
  sandboxSpeed: number;
  /** Port of a sandbox that is served alone. */
  sandboxPort: number;
  /** Whether rows of jobs that were read whole are kept in the state folder. */
  keepRows: boolean;
  /** Whether only the first eight tools are offered, for small models. */
  coreTools: boolean;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
  /** The limits of all submits within 24 hours together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
  /** Invalid values; the default replaces each. */
  problems: readonly ConfigProblem[];
}

/** A value that can't be used. */
export interface ConfigProblem {
  /** The variable that holds it. */
  variable: string;
  /** What is wrong with it, in one line that names the variable and never carries the value. */
  says: string;
}

const DEFAULT_SANDBOX_PORT = 8787;

export const HELP = `openfunnel-lookalikes-mcp: an MCP server (stdio) for OpenFunnel's bulk lookalike search

Usage: openfunnel-lookalikes-mcp [--sandbox]
       openfunnel-lookalikes-mcp --serve-sandbox [PORT]
       openfunnel-lookalikes-mcp doctor [--json]

  --sandbox               use a built-in simulator with made-up companies; no key, no costs
  --serve-sandbox [PORT]  serve only that simulator over HTTP on 127.0.0.1 (default port ${DEFAULT_SANDBOX_PORT})
  doctor [--json]         check the installation: key, network, folders; --json for bug reports, without private data
  --form                  the settings come from a form of the client's: messages use its field names, an empty key means --sandbox
  --help, --version

Environment:
  OPENFUNNEL_API_KEY        your API key; without one the server lists its tools and says how to get one
  OPENFUNNEL_BASE_URL       default ${DEFAULT_BASE_URL}; https, or http on a loopback host
  OPENFUNNEL_SANDBOX        1 is the same as --sandbox
  OPENFUNNEL_SANDBOX_SPEED  how many times faster than usual sandbox jobs run; default 1
  OPENFUNNEL_STATE_DIR      folder of the ledger of submitted jobs; default the platform's state folder
  OPENFUNNEL_EXPORT_DIR     folder that exports are written to; default ~/${EXPORT_FOLDER}
  OPENFUNNEL_CONFIRM_ABOVE  credits above which a submit needs the user's yes; default ${DEFAULT_CONFIRM_ABOVE}, 0 always, off never
  OPENFUNNEL_DAILY_CREDITS  the limits of all submits of the last 24 hours together never exceed this; default off
  OPENFUNNEL_TOOLS          core: only the first eight tools, for small models; default all
  OPENFUNNEL_KEEP_ROWS      off: rows of finished jobs are not kept in the state folder; default on
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
`;

/**
 * The settings of this process. Invalid values don't prevent startup: they are listed in `problems`.
 *
 * @throws {ConfigError} for an argument that is unknown.
 */
export function readConfig(args: readonly string[], given: Environment, machine: Machine): Config {
  const command = readArguments(args);
  const env = withoutUnset(given);
  const problems: ConfigProblem[] = [];
  const read = <T>(variable: string, value: () => T, instead: T): T => {
    try {
      if (variable !== 'OPENFUNNEL_API_KEY') refuseKey(variable, env);
      return value();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push({ variable, says: error.message });
      return instead;
    }
  };
  const isOn = (name: string, unset: boolean) =>
    read(name, () => flag(name, env[name]?.trim() || (unset ? 'on' : 'off')), unset);
  const path = (name: string) => read(name, () => folder(name, env[name], machine), undefined);
  const limit = (name: string, unset: number | null) =>
    read(name, () => credits(name, env[name], unset), unset);
  const key = read('OPENFUNNEL_API_KEY', () => apiKey(env.OPENFUNNEL_API_KEY) ?? null, undefined);
  // An invalid key is reported instead.
  const sandbox = isOn('OPENFUNNEL_SANDBOX', false) || command.sandbox || (command.fromForm && key === null);
  return {
    mode: command.mode,
    sandboxPort: command.sandboxPort,
    fromForm: command.fromForm,
    apiKey: key ?? undefined,
    baseUrl: read('OPENFUNNEL_BASE_URL', () => baseUrl(env.OPENFUNNEL_BASE_URL), new URL(DEFAULT_BASE_URL)),
    sandbox,
    sandboxSpeed: read('OPENFUNNEL_SANDBOX_SPEED', () => speed(env.OPENFUNNEL_SANDBOX_SPEED), 1),
    ...foldersOf(
      { state: path('OPENFUNNEL_STATE_DIR'), exports: path('OPENFUNNEL_EXPORT_DIR') },
      sandbox,
      env,
      machine,
    ),
    keepRows: isOn('OPENFUNNEL_KEEP_ROWS', true),
    coreTools: read('OPENFUNNEL_TOOLS', () => coreTools(env.OPENFUNNEL_TOOLS), false),
    confirmAbove: limit('OPENFUNNEL_CONFIRM_ABOVE', DEFAULT_CONFIRM_ABOVE),
    dailyCredits: limit('OPENFUNNEL_DAILY_CREDITS', null),
    httpProxy: read('HTTP_PROXY', () => proxy(env, 'HTTP_PROXY'), ''),
    httpsProxy: read('HTTPS_PROXY', () => proxy(env, 'HTTPS_PROXY'), ''),
    noProxy: env.no_proxy || env.NO_PROXY || '',
    problems,
  };
}

function readArguments(
  args: readonly string[],
): Pick<Config, 'mode' | 'sandbox' | 'sandboxPort' | 'fromForm'> {
  const command: ReturnType<typeof readArguments> = {
    mode: 'serve',
    sandbox: false,
    fromForm: false,
    sandboxPort: DEFAULT_SANDBOX_PORT,
  };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--sandbox') command.sandbox = true;
    else if (arg === '--form') command.fromForm = true;
    else if (arg === '--help' || arg === '-h') command.mode = 'help';
    else if (arg === '--version' || arg === '-v') command.mode = 'version';
    else if (arg === '--serve-sandbox') command.mode = 'serve-sandbox';
    else if (command.mode === 'serve-sandbox' && args[index - 1] === '--serve-sandbox')
      command.sandboxPort = port(arg);
    else throw new ConfigError(`unknown argument${named(arg)}; see --help`);
  }
  return command;
}

/**
 * Without the values that a user of the Claude Desktop bundle left empty, which some of its versions pass on as the
 * name of the field they would stand in.
 */
function withoutUnset(given: Environment): Environment {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => !/^\s*\$\{user_config\.\w+\}\s*$/.test(value ?? '')),
  );
}

/** An option's own name; what else stands there may be the key, like the value of any variable, and is never shown. */
function named(arg: string): string {
  const name = /^--?[a-z][a-z-]{0,30}(?==|$)/.exec(arg)?.[0];
  return name === undefined ? '' : ` ${name}`;
}
