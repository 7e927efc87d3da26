import { isAbsolute, join } from 'node:path';

/** Settings of one process, read from its environment and arguments. */
export interface Config {
  mode: 'serve' | 'help' | 'version' | 'serve-sandbox';
  apiKey: string | undefined;
  baseUrl: URL;
  sandbox: boolean;
  /** Factor by which sandbox jobs run faster than by default. */
  sandboxSpeed: number;
  /** Port of a sandbox that is served alone. */
  sandboxPort: number;
  /** Folder of the ledger. */
  stateDirectory: string;
  /** Folder that exports are written to. */
  exportDirectory: string;
  /** Whether rows of jobs that were read whole are kept in the state folder. */
  keepRows: boolean;
  /** Submits with a higher limit need the user's yes; null asks never. Credits. */
  confirmAbove: number | null;
  /** The limits of all submits within 24 hours together stay within this; null for no ceiling. Credits. */
  dailyCredits: number | null;
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
}

/** A value that can't be used; the message names its variable in one line, and never carries the value, which may be the key in the wrong place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const DEFAULT_BASE_URL = 'https://api.openfunnel.dev';
const DEFAULT_SANDBOX_PORT = 8787;
const DEFAULT_CONFIRM_ABOVE = 500;
/** In the user's home. */
const EXPORT_FOLDER = 'openfunnel-exports';
const STATE_FOLDER = 'openfunnel-lookalikes-mcp';

export const HELP = `openfunnel-lookalikes-mcp: an MCP server (stdio) for OpenFunnel's bulk lookalike search

Usage: openfunnel-lookalikes-mcp [--sandbox]
       openfunnel-lookalikes-mcp --serve-sandbox [PORT]
       openfunnel-lookalikes-mcp doctor [--json]

  --sandbox               use a built-in simulator with made-up companies; no key, no costs
  --serve-sandbox [PORT]  serve only that simulator over HTTP on 127.0.0.1 (default port ${DEFAULT_SANDBOX_PORT})
  doctor [--json]         look for what is wrong: key, network, folders; --json for bug reports, without anything private
  --help, --version

Environment:
  OPENFUNNEL_API_KEY        your API key; without one the server lists its tools and tells how to get one
  OPENFUNNEL_BASE_URL       default ${DEFAULT_BASE_URL}; https, or http on a loopback host
  OPENFUNNEL_SANDBOX        1 is the same as --sandbox
  OPENFUNNEL_SANDBOX_SPEED  how many times faster than usual sandbox jobs run; default 1
  OPENFUNNEL_STATE_DIR      folder of the ledger of submitted jobs; default the platform's state folder
  OPENFUNNEL_EXPORT_DIR     folder that exports are written to; default ~/${EXPORT_FOLDER}
  OPENFUNNEL_CONFIRM_ABOVE  credits above which a submit needs the user's yes; default ${DEFAULT_CONFIRM_ABOVE}, 0 always, off never
  OPENFUNNEL_DAILY_CREDITS  the limits of all submits of the last 24 hours together never exceed this; default off
  OPENFUNNEL_KEEP_ROWS      off: rows of finished jobs are not kept in the state folder; default on
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
`;

/** Where this process runs, as far as folders depend on it. */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigError} for an argument or value that can't be used. */
export function readConfig(args: readonly string[], given: Environment, machine: Machine): Config {
  const env = withoutUnset(given);
  const config: Config = {
    mode: 'serve',
    apiKey: apiKey(env.OPENFUNNEL_API_KEY),
    baseUrl: baseUrl(env.OPENFUNNEL_BASE_URL),
    sandbox: flag('OPENFUNNEL_SANDBOX', env.OPENFUNNEL_SANDBOX),
    sandboxSpeed: speed(env.OPENFUNNEL_SANDBOX_SPEED),
    sandboxPort: DEFAULT_SANDBOX_PORT,
    stateDirectory:
      folder('OPENFUNNEL_STATE_DIR', env.OPENFUNNEL_STATE_DIR, machine) ?? stateFolder(env, machine),
    exportDirectory:
      folder('OPENFUNNEL_EXPORT_DIR', env.OPENFUNNEL_EXPORT_DIR, machine) ??
      join(machine.home, EXPORT_FOLDER),
    confirmAbove: credits('OPENFUNNEL_CONFIRM_ABOVE', env.OPENFUNNEL_CONFIRM_ABOVE, DEFAULT_CONFIRM_ABOVE),
    dailyCredits: credits('OPENFUNNEL_DAILY_CREDITS', env.OPENFUNNEL_DAILY_CREDITS, null),
    keepRows: flag('OPENFUNNEL_KEEP_ROWS', env.OPENFUNNEL_KEEP_ROWS?.trim() || 'on'),
    httpProxy: proxy(env, 'HTTP_PROXY'),
    httpsProxy: proxy(env, 'HTTPS_PROXY'),
    noProxy: env.no_proxy || env.NO_PROXY || '',
  };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--sandbox') config.sandbox = true;
    else if (arg === '--help' || arg === '-h') config.mode = 'help';
    else if (arg === '--version' || arg === '-v') config.mode = 'version';
    else if (arg === '--serve-sandbox') config.mode = 'serve-sandbox';
    else if (config.mode === 'serve-sandbox' && args[index - 1] === '--serve-sandbox')
      config.sandboxPort = port(arg);
    else throw new ConfigError(`unknown argument${named(arg)}; see --help`);
  }
  return config;
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

function apiKey(value: string | undefined): string | undefined {
  const key = value?.trim();
  if (!key) return undefined;
  if (!/^[!-~]{1,500}$/.test(key)) {
    throw new ConfigError(
      'OPENFUNNEL_API_KEY holds characters that no key has (it should be one word such as of_…)',
    );
  }
  return key;
}

function baseUrl(value: string | undefined): URL {
  const text = value?.trim() || DEFAULT_BASE_URL;
  const wrong = (why: string) => new ConfigError(`OPENFUNNEL_BASE_URL ${why}`);
  if (!URL.canParse(text)) throw wrong('is not a URL');
  const url = new URL(text.endsWith('/') ? text : `${text}/`);
  if (url.username !== '' || url.password !== '') throw wrong('must not hold a user name or password');
  if (url.search !== '' || url.hash !== '') throw wrong('must not hold a query or fragment');
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) return url;
  throw wrong('must be https (plain http only for a loopback host)');
}

function flag(name: string, value: string | undefined): boolean {
  const text = value?.trim().toLowerCase() ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(text)) return false;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  throw new ConfigError(`${name} must be 1 or 0`);
}

function speed(value: string | undefined): number {
  if (!value?.trim()) return 1;
  const factor = Number(value);
  if (factor > 0 && factor <= 100_000) return factor;
  throw new ConfigError('OPENFUNNEL_SANDBOX_SPEED must be a number above 0');
}

function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new ConfigError('the port must be 0 to 65535');
}

function folder(name: string, value: string | undefined, { home }: Machine): string | undefined {
  const path = value?.trim();
  if (!path) return undefined;
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  if (isAbsolute(path) && !path.includes('\0')) return path;
  // A client starts the server in a folder of its own choice, so a relative one would be anywhere.
  throw new ConfigError(`${name} must be an absolute path`);
}

/** Where programs keep what should outlive a restart, by the platform's own custom. */
function stateFolder(env: Environment, { platform, home }: Machine): string {
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, STATE_FOLDER);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', STATE_FOLDER);
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), STATE_FOLDER);
  return join(home, '.local', 'state', STATE_FOLDER);
}

/** A number of credits, or null for `off`. */
function credits(name: string, value: string | undefined, unset: number | null): number | null {
  const text = value?.trim().toLowerCase();
  if (!text) return unset;
  if (text === 'off') return null;
  // Some clients write a number of their settings page with a fraction.
  if (/^\d{1,9}(\.0+)?$/.test(text)) return Number(text);
  throw new ConfigError(`${name} must be a whole number of credits or off`);
}

/** The proxy that `name` or else ALL_PROXY names, lower case first, as curl has it; '' for none. */
function proxy(env: Environment, name: string): string {
  const own = env[name.toLowerCase()] || env[name];
  const value = (own || env.all_proxy || env.ALL_PROXY || '').trim();
  if (value === '') return '';
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  // ALL_PROXY often names a SOCKS proxy that is meant for other programs.
  if (!own) return '';
  throw new ConfigError(`${name} must be the http:// or https:// URL of a proxy`);
}
