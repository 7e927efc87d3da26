import { PROJECT } from './package/project.ts';
import type { Publication } from './package/publication.ts';

/**
 * Name of the server in every client's configuration. Hosts put it before the name of each tool, and several
 * providers refuse tools whose name is longer than 64 characters then: it has to be short.
 */
export const SERVER_KEY = 'openfunnel';

/** How a client starts the server. The one definition that buttons, configuration blocks and examples come from. */
export interface Launch {
  command: string;
  args: string[];
  /** The variable of the key, with a placeholder. */
  env: Record<string, string>;
}

/** A client's configuration, as the README shows it. */
export interface Block {
  client: string;
  /** The file it goes into, or the words for where to type it. */
  where: string;
  language: 'json' | 'toml' | 'sh';
  text: string;
}

/** From npm, pinned to this version, once it is there; until then from a clone. */
export function launchOf({ released }: Publication): Launch {
  const env = { OPENFUNNEL_API_KEY: 'of_...' };
  return released
    ? { command: 'npx', args: ['-y', `${PROJECT.name}@${PROJECT.version}`], env }
    : { command: 'node', args: [`/path/to/${PROJECT.name}/dist/index.js`], env };
}

/** The command line that starts the doctor. */
export function doctorCommand(publication: Publication): string {
  const { command, args } = launchOf(publication);
  return [command, ...args, 'doctor'].join(' ');
}

export function blocksOf(publication: Publication): Block[] {
  const { command, args, env } = launchOf(publication);
  const jsonArgs = inline(args);
  const jsonEnv = inline(env);
  /** `{ "KEY": { "NAME": { … } } }` in few lines: most clients differ in KEY and a field or two only. */
  const servers = (key: string, more = '') => `{ "${key}": { "${SERVER_KEY}": {
  "command": "${command}", "args": ${jsonArgs}, "env": ${jsonEnv}${more} } } }`;
  return [
    {
      client: 'Claude Desktop',
      where: '`claude_desktop_config.json` (Settings → Developer → Edit Config)',
      language: 'json',
      text: servers('mcpServers'),
    },
    {
      client: 'Claude Code',
      where: 'a terminal',
      language: 'sh',
      text: `claude mcp add ${SERVER_KEY} ${Object.entries(env)
        .map(([variable, value]) => `--env ${variable}=${value}`)
        .join(' ')} -- ${command} ${args.join(' ')}`,
    },
    {
      client: 'Cursor',
      where: '`~/.cursor/mcp.json`, or `.cursor/mcp.json` in a project',
      language: 'json',
      text: servers('mcpServers'),
    },
    {
      client: 'VS Code',
      where: '`.vscode/mcp.json`; it asks for the key once and stores it safely',
      language: 'json',
      text: `{ "inputs": [
    { "type": "promptString", "id": "openfunnel-key", "description": "OpenFunnel API key", "password": true } ],
  "servers": { "${SERVER_KEY}": {
    "type": "stdio", "command": "${command}", "args": ${jsonArgs},
    "env": { "OPENFUNNEL_API_KEY": "\${input:openfunnel-key}" } } } }`,
    },
    {
      client: 'Codex',
      where: '`~/.codex/config.toml`',
      language: 'toml',
      text: `[mcp_servers.${SERVER_KEY}]
command = "${command}"
args = ${jsonArgs}
env = { ${Object.entries(env)
        .map(([variable, value]) => `${variable} = ${JSON.stringify(value)}`)
        .join(', ')} }
tool_timeout_sec = 120`,
    },
    {
      client: 'Gemini CLI',
      where: '`~/.gemini/settings.json`',
      language: 'json',
      text: servers('mcpServers', ', "timeout": 120000'),
    },
    {
      client: 'opencode',
      where: '`opencode.json` in a project, or `~/.config/opencode/opencode.json`',
      language: 'json',
      text: `{ "mcp": { "${SERVER_KEY}": {
  "type": "local", "command": ${inline([command, ...args])}, "environment": ${jsonEnv} } } }`,
    },
    {
      client: 'Cline',
      where: '`cline_mcp_settings.json` (MCP Servers → Configure)',
      language: 'json',
      text: servers('mcpServers', ', "timeout": 120'),
    },
    {
      client: 'Zed',
      where: '`settings.json`',
      language: 'json',
      text: servers('context_servers'),
    },
    {
      client: 'Windsurf',
      where: '`~/.codeium/windsurf/mcp_config.json`',
      language: 'json',
      text: servers('mcpServers'),
    },
  ];
}

/** mcp.json.example: the server, and beside it one on the sandbox. */
export function exampleConfiguration(publication: Publication): string {
  const { command, args, env } = launchOf(publication);
  const servers = {
    [SERVER_KEY]: { command, args, env },
    [`${SERVER_KEY}-sandbox`]: { command, args: [...args, '--sandbox'] },
  };
  return `${JSON.stringify({ mcpServers: servers }, null, 2)}\n`;
}

/** Deep link that adds the server to Cursor; a web address, since a README can't link to `cursor:`. */
export function cursorLink(publication: Publication): string {
  const config = Buffer.from(JSON.stringify(launchOf(publication))).toString('base64');
  return `https://cursor.com/install-mcp?name=${SERVER_KEY}&config=${encodeURIComponent(config)}`;
}

/** Deep link that adds the server to VS Code, which asks for the key; through its redirecting site. */
export function vscodeLink(publication: Publication): string {
  const { command, args } = launchOf(publication);
  const config = {
    name: SERVER_KEY,
    command,
    args,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code puts in what it asked for
    env: { OPENFUNNEL_API_KEY: '${input:openfunnel-key}' },
    inputs: [
      { type: 'promptString', id: 'openfunnel-key', description: 'OpenFunnel API key', password: true },
    ],
  };
  const link = `vscode:mcp/install?${encodeURIComponent(JSON.stringify(config))}`;
  return `https://insiders.vscode.dev/redirect?url=${encodeURIComponent(link)}`;
}

/** JSON in one line, with a space behind each comma and colon. */
function inline(value: readonly string[] | Readonly<Record<string, string>>): string {
  const parts = Array.isArray(value)
    ? value.map((each) => JSON.stringify(each))
    : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`);
  return Array.isArray(value) ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
}
