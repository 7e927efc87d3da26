import { type Environment, folder, foldersOf, type Machine } from './folders.ts';
import * as value from './values.ts';

export type { Environment, Machine } from './folders.ts';
export { ConfigError } from './values.ts';

interface Command {
  mode: 'serve' | 'help' | 'version' | 'serve-sandbox';
  sandbox: boolean;
  /** Whether the settings were filled into a form (see `form.ts`), and messages speak of its fields. */
  fromForm: boolean;
  sandboxPort: number;
}

/** A value that can't be used; its default replaces it. `says` names the variable and never carries the value. */
interface ConfigProblem {
  variable: string;
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
  OPENFUNNEL_BASE_URL       default ${value.DEFAULT_BASE_URL}; https, or http on a loopback host
  OPENFUNNEL_SANDBOX        1 is the same as --sandbox
  OPENFUNNEL_SANDBOX_SPEED  how many times faster than usual sandbox jobs run; default 1
  OPENFUNNEL_STATE_DIR      folder of the ledger of submitted jobs; default the platform's state folder
  OPENFUNNEL_EXPORT_DIR     folder that exports are written to; default ~/${value.EXPORT_FOLDER}
  OPENFUNNEL_CONFIRM_ABOVE  credits above which a submit needs the user's yes; default ${value.DEFAULT_CONFIRM_ABOVE}, 0 always, off never
  OPENFUNNEL_DAILY_CREDITS  the limits of all submits of the last 24 hours together never exceed this; default off
  OPENFUNNEL_TOOLS          core: only the first eight tools, for small models; default all
  OPENFUNNEL_KEEP_ROWS      off: rows of finished jobs are not kept in the state folder; default on
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
`;

/** The settings of this process; invalid values are listed in `problems`. @throws {ConfigError} for an unknown argument. */
export function readConfig(args: readonly string[], given: Environment, machine: Machine) {
  const command = readArguments(args);
  const env = whatIsSet(given);
  const key = env.OPENFUNNEL_API_KEY ?? '';
  const problems: ConfigProblem[] = [];
  /** @param holds The variable that holds the value, where it may be another. */
  const read = <T, U>(variable: string, parse: (text: string) => T, unset: U, holds = variable): T | U => {
    const text = env[holds] ?? '';
    try {
      if (variable !== 'OPENFUNNEL_API_KEY') value.refuseStray(text, key);
      return text === '' ? unset : parse(text);
    } catch (error) {
      if (!(error instanceof value.ConfigError)) throw error;
      problems.push({ variable, says: `${holds} ${error.message}` });
      return unset;
    }
  };
  const proxy = (variable: string) => {
    const own = [variable.toLowerCase(), variable].find((name) => env[name]);
    const all = env.all_proxy ? 'all_proxy' : 'ALL_PROXY';
    return read(variable, (text) => value.proxyUrl(text, own !== undefined), '', own ?? all);
  };
  const path = (variable: string) => read(variable, (text) => folder(text, machine), undefined);
  const sandbox =
    read('OPENFUNNEL_SANDBOX', value.flag, false) || command.sandbox || (command.fromForm && key === '');
  return {
    ...command,
    apiKey: read('OPENFUNNEL_API_KEY', value.apiKey, undefined),
    baseUrl: read('OPENFUNNEL_BASE_URL', value.baseUrl, new URL(value.DEFAULT_BASE_URL)),
    sandbox,
    /** Factor by which sandbox jobs run faster than by default. */
    sandboxSpeed: read('OPENFUNNEL_SANDBOX_SPEED', value.speed, 1),
    ...foldersOf(path('OPENFUNNEL_STATE_DIR'), path('OPENFUNNEL_EXPORT_DIR'), sandbox, env, machine),
    /** Whether rows of jobs that were read whole are kept in the state folder. */
    keepRows: read('OPENFUNNEL_KEEP_ROWS', value.flag, true),
    /** Whether only the first eight tools are offered, for small models. */
    coreTools: read('OPENFUNNEL_TOOLS', value.coreTools, false),
    /** Submits with a higher limit need the user's yes; null asks never. Credits. */
    confirmAbove: read('OPENFUNNEL_CONFIRM_ABOVE', value.credits, value.DEFAULT_CONFIRM_ABOVE),
    /** The limits of all submits within 24 hours together stay within this; null for no ceiling. Credits. */
    dailyCredits: read('OPENFUNNEL_DAILY_CREDITS', value.credits, null),
    httpProxy: proxy('HTTP_PROXY'),
    httpsProxy: proxy('HTTPS_PROXY'),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
    problems,
  };
}

export type Config = ReturnType<typeof readConfig>;

const OPTIONS = new Map<string, Partial<Command>>([
  ['--sandbox', { sandbox: true }],
  ['--form', { fromForm: true }],
  ['--help', { mode: 'help' }],
  ['-h', { mode: 'help' }],
  ['--version', { mode: 'version' }],
  ['-v', { mode: 'version' }],
  ['--serve-sandbox', { mode: 'serve-sandbox' }],
]);

function readArguments(args: readonly string[]): Command {
  const none = { mode: 'serve', sandbox: false, fromForm: false } as const;
  const command: Command = { ...none, sandboxPort: DEFAULT_SANDBOX_PORT };
  for (const [index, arg] of args.entries()) {
    const option = OPTIONS.get(arg);
    if (option) Object.assign(command, option);
    else if (args[index - 1] === '--serve-sandbox') command.sandboxPort = value.port(arg);
    else {
      // What is no option's own name may be the key, like the value of any variable, and is never shown.
      const [name] = /^--?[a-z][a-z-]{0,30}(?==|$)/.exec(arg) ?? [];
      throw new value.ConfigError(`unknown argument${name === undefined ? '' : ` ${name}`}; see --help`);
    }
  }
  return command;
}

/** The values that are set, trimmed. Some versions of Claude Desktop pass on an empty field as its name. */
function whatIsSet(given: Environment): Environment {
  const all = Object.entries(given).map(([name, text = '']) => [name, text.trim()] as const);
  return Object.fromEntries(all.filter(([, text]) => !/^(?:|""|''|\$\{user_config\.\w+\})$/.test(text)));
}
