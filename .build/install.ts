/** How a client starts the published package. The one definition that buttons and configuration blocks come from. */
export const LAUNCH = {
  name: 'openfunnel-lookalikes',
  command: 'npx',
  args: ['-y', 'openfunnel-lookalikes-mcp'],
  /** The variable of the key, with what stands in for one. */
  env: { OPENFUNNEL_API_KEY: 'of_...' },
};

/** A client's configuration, as the README shows it. */
export interface Block {
  client: string;
  /** The file it goes into, or the words for where to type it. */
  where: string;
  language: 'json' | 'toml' | 'sh';
  text: string;
}

const { name, command, args, env } = LAUNCH;
const JSON_ARGS = `[${args.map((arg) => JSON.stringify(arg)).join(', ')}]`;
const JSON_ENV = `{ ${Object.entries(env)
  .map(([variable, value]) => `${JSON.stringify(variable)}: ${JSON.stringify(value)}`)
  .join(', ')} }`;

/** `{ "KEY": { "NAME": { … } } }` in few lines: most clients differ in KEY and a field or two only. */
function servers(key: string, more = ''): string {
  return `{ "${key}": { "${name}": {
  "command": "${command}", "args": ${JSON_ARGS}, "env": ${JSON_ENV}${more} } } }`;
}

export const BLOCKS: readonly Block[] = [
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
    text: `claude mcp add ${name} ${Object.entries(env)
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
  "servers": { "${name}": {
    "type": "stdio", "command": "${command}", "args": ${JSON_ARGS},
    "env": { "OPENFUNNEL_API_KEY": "\${input:openfunnel-key}" } } } }`,
  },
  {
    client: 'Codex',
    where: '`~/.codex/config.toml`',
    language: 'toml',
    text: `[mcp_servers.${name}]
command = "${command}"
args = ${JSON_ARGS}
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
    text: `{ "mcp": { "${name}": {
  "type": "local", "command": ${JSON.stringify([command, ...args]).replaceAll(',', ', ')}, "environment": ${JSON_ENV} } } }`,
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

/** Deep link that adds the server to Cursor; a web address, since a README can't link to `cursor:`. */
export function cursorLink(): string {
  const config = Buffer.from(JSON.stringify({ command, args, env })).toString('base64');
  return `https://cursor.com/install-mcp?name=${encodeURIComponent(name)}&config=${encodeURIComponent(config)}`;
}

/** Deep link that adds the server to VS Code, which asks for the key; by way of its redirecting site. */
export function vscodeLink(): string {
  const config = {
    name,
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
