import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_KEY } from '../../.build/install.ts';
import { PLUGIN_ID } from '../../.build/package/plugin.ts';
import { ROOT, type ServerLaunch } from './run.ts';

/** What an agent needs to be run against the scripted provider. */
export interface AgentRun {
  /** Commands to run first, which have to succeed. */
  before?: string[][];
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** Where things are for one run. */
export interface Place {
  /** Empty folder that stands for the user's home. */
  home: string;
  /** node_modules of the clients' package. */
  modules: string;
  /** Node.js that is new enough for every client. */
  node: string;
  /** Address of the scripted provider, without a slash at the end. */
  provider: string;
  server: ServerLaunch;
}

/** What runs TypeScript, found from here whatever folder a command runs in. */
const TSX = import.meta.resolve('tsx');
const PROMPT = 'Find 30 companies that do spend management for startups.';

/** Prepares an agent's home and says how to start it. */
export const AGENTS: Readonly<Record<string, (place: Place) => AgentRun>> = {
  codex({ home, modules, node, provider, server }) {
    write(
      home,
      '.codex/config.toml',
      `model = "scripted"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
base_url = "${provider}/v1"
wire_api = "responses"

[mcp_servers.${SERVER_KEY}]
command = ${JSON.stringify(server.command)}
args = ${JSON.stringify(server.args)}
env = { ${Object.entries(server.env)
        .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
        .join(', ')} }
`,
    );
    return {
      command: node,
      args: [
        join(modules, '@openai/codex/bin/codex.js'),
        'exec',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        PROMPT,
      ],
      env: { CODEX_HOME: join(home, '.codex') },
    };
  },

  'claude-code'(place) {
    const { home, server } = place;
    write(home, 'mcp.json', JSON.stringify({ mcpServers: { [SERVER_KEY]: { type: 'stdio', ...server } } }));
    return claudeCode(
      place,
      `mcp__${SERVER_KEY}`,
      '--mcp-config',
      join(home, 'mcp.json'),
      '--strict-mcp-config',
    );
  },

  /** With what is packed for it, validated and installed by itself; it starts the server that is in there. */
  'claude-code-plugin'(place) {
    const { home, server } = place;
    const run = claudeCode(place, `mcp__plugin_${SERVER_KEY}_${SERVER_KEY}`);
    const plugin = (...args: string[]) => [run.command, 'plugin', ...args];
    const packed = join(home, 'dist/plugin');
    return {
      ...run,
      before: [
        [process.execPath, '--import', TSX, join(ROOT, '.build/package.ts'), '--into', home],
        plugin('validate', '--strict', packed),
        plugin('marketplace', 'add', packed),
        plugin('install', PLUGIN_ID),
      ],
      env: { ...run.env, ...server.env },
    };
  },

  'gemini-cli'({ home, modules, node, provider, server }) {
    write(
      home,
      '.gemini/settings.json',
      JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        mcpServers: { [SERVER_KEY]: { ...server, trust: true } },
      }),
    );
    return {
      command: node,
      args: [
        join(modules, '@google/gemini-cli/bundle/gemini.js'),
        '--yolo',
        '-m',
        'gemini-2.5-pro',
        '-p',
        PROMPT,
      ],
      env: {
        GEMINI_API_KEY: 'scripted',
        GOOGLE_GEMINI_BASE_URL: provider,
        GEMINI_CLI_TRUST_WORKSPACE: 'true',
      },
    };
  },

  opencode({ home, modules, provider, server }) {
    write(
      home,
      'opencode.json',
      JSON.stringify({
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            name: 'scripted',
            options: { baseURL: `${provider}/v1`, apiKey: 'scripted' },
            models: { scripted: { name: 'scripted', tool_call: true } },
          },
        },
        model: 'scripted/scripted',
        small_model: 'scripted/scripted',
        autoupdate: false,
        share: 'disabled',
        mcp: {
          [SERVER_KEY]: {
            type: 'local',
            command: [server.command, ...server.args],
            environment: server.env,
            enabled: true,
          },
        },
      }),
    );
    return {
      command: join(modules, `opencode-${process.platform}-${process.arch}/bin/opencode`),
      args: ['run', '--auto', '--model', 'scripted/scripted', PROMPT],
      env: {
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      },
    };
  },

  cline({ home, modules, provider, server }) {
    const data = join(home, 'cline');
    write(
      home,
      'cline/settings/providers.json',
      JSON.stringify({
        version: 1,
        lastUsedProvider: 'openai-compatible',
        providers: {
          'openai-compatible': {
            settings: {
              provider: 'openai-compatible',
              apiKey: 'scripted',
              model: 'scripted',
              baseUrl: `${provider}/v1`,
            },
            updatedAt: '2026-01-01T00:00:00.000Z',
            tokenSource: 'manual',
          },
        },
      }),
    );
    write(
      home,
      'cline/settings/cline_mcp_settings.json',
      JSON.stringify({ mcpServers: { [SERVER_KEY]: { type: 'stdio', ...server, disabled: false } } }),
    );
    return {
      command: join(modules, `@cline/cli-${process.platform}-${process.arch}/bin/cline`),
      args: [
        '--data-dir',
        data,
        '--auto-approve',
        'true',
        '-P',
        'openai-compatible',
        '-m',
        'scripted',
        '-t',
        '90',
        PROMPT,
      ],
      env: { CLINE_TELEMETRY_DISABLED: '1', CLINE_NO_AUTO_UPDATE: '1' },
    };
  },
};

function write(home: string, path: string, text: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), text);
}

/** Claude Code asking once, and allowed to call the tools of one server. */
function claudeCode({ modules, provider }: Place, allowedTools: string, ...args: string[]): AgentRun {
  return {
    command: join(modules, `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`),
    args: ['-p', PROMPT, ...args, '--allowedTools', allowedTools],
    env: {
      ANTHROPIC_BASE_URL: provider,
      ANTHROPIC_API_KEY: 'scripted',
      ENABLE_TOOL_SEARCH: 'false',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  };
}
