import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCKS, type Block, cursorLink, LAUNCH, vscodeLink } from '../../../.build/install.ts';
import plugin from '../../../.claude-plugin/plugin.json' with { type: 'json' };
import packageJson from '../../../package.json' with { type: 'json' };
import { callTool, type Launch, toolNames, withLaunched } from '../../launch.ts';
import { installTarball, makePackages, npm, ROOT, remove, TARBALL } from './packages.ts';

// The package as a user gets it: what the README's configurations start is the tarball, in a folder where npx finds it.

let installed = '';
let tools: string[] = [];

beforeAll(async () => {
  await makePackages();
  installed = installTarball();
  const built = { command: process.execPath, args: [join(ROOT, 'dist/index.js')], env: {} };
  tools = await withLaunched(built, installed, toolNames);
}, 180_000);
afterAll(() => remove(installed));

/** Tools of the server that a configuration starts. */
const toolsOf = (launch: Launch) => withLaunched(launch, installed, toolNames);

describe('the npm package', () => {
  it('holds only what runs, in at most 3 MB', () => {
    const [pack] = JSON.parse(npm(ROOT, 'pack', '--dry-run', '--ignore-scripts', '--json', TARBALL));
    const paths = pack.files.map(({ path }: { path: string }) => path);
    expect(
      paths.filter(
        (path: string) =>
          !/^(dist\/.*\.(js|html|wasm)|dist\/LICENSES\.txt|LICENSE|README\.md|package\.json|mcp\.json\.example)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(pack.unpackedSize).toBeLessThan(3_000_000);
    expect(statSync(TARBALL).size).toBeLessThan(1_500_000);
  });

  it('runs a job in the sandbox by npx, from a folder in which nothing else is', async () => {
    const sandbox = {
      command: 'npx',
      args: [packageJson.name, '--sandbox'],
      env: { OPENFUNNEL_SANDBOX_SPEED: '20' },
    };
    await withLaunched(sandbox, installed, async (client) => {
      expect(await toolNames(client)).toEqual(tools);
      const { job_id } = await callTool(client, 'submit_lookalikes_bulk', { query: 'bakeries', limit: 10 });
      let collected = await callTool(client, 'wait_and_collect', { job_id });
      while (!collected.complete) collected = await callTool(client, 'wait_and_collect', { job_id });
      expect(collected.status).toBe('completed');
      await callTool(client, 'export_bulk_results', { job_id });
    });
  });

  it('tells its version and help', () => {
    expect(npm(installed, 'exec', packageJson.name, '--', '--version').trim()).toBe(packageJson.version);
    expect(npm(installed, 'exec', packageJson.name, '--', '--help')).toContain('OPENFUNNEL_API_KEY');
  });
});

describe('install buttons', () => {
  it('Cursor: the link decodes to a configuration that starts', async () => {
    const link = new URL(cursorLink());
    expect(link.searchParams.get('name')).toBe(LAUNCH.name);
    const config = JSON.parse(Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString('utf8'));
    expect(await toolsOf(config)).toEqual(tools);
  });

  it('VS Code: the link decodes to a configuration that asks for the key and starts', async () => {
    const inner = new URL(vscodeLink()).searchParams.get('url') ?? '';
    expect(inner).toMatch(/^vscode:mcp\/install\?/);
    const config = JSON.parse(decodeURIComponent(inner.slice(inner.indexOf('?') + 1)));
    expect(config.name).toBe(LAUNCH.name);
    expect(await toolsOf({ ...config, env: answered(config.env, config.inputs) })).toEqual(tools);
  });
});

/** The environment with what a user types in the place of VS Code's inputs. */
function answered(env: Record<string, string>, inputs: ReadonlyArray<{ id: string }>) {
  const ids = new Set(inputs.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const [, id] = /^\$\{input:(.+)\}$/.exec(value) ?? [];
      if (id !== undefined && !ids.has(id)) throw new Error(`no input ${id}`);
      return [name, id === undefined ? value : 'of_typed'];
    }),
  );
}

/** How the client that a block is for would start the server. */
function launchOf({ client, language, text }: Block): Launch {
  if (language === 'sh') {
    const words = text.split(/\s+/);
    const [command = '', ...args] = words.slice(words.indexOf('--') + 1);
    const env = words.flatMap((word, index) =>
      word === '--env' ? [words[index + 1]?.split('=') ?? []] : [],
    );
    return { command, args, env: Object.fromEntries(env) };
  }
  const whole = language === 'toml' ? parseToml(text) : JSON.parse(text);
  const servers =
    whole.mcpServers ?? whole.mcp_servers ?? whole.servers ?? whole.context_servers ?? whole.mcp ?? {};
  const server = servers[LAUNCH.name];
  if (server === undefined) throw new Error(`${client}: no server ${LAUNCH.name}`);
  if (Array.isArray(server.command)) {
    const [command, ...args] = server.command;
    return { command, args, env: server.environment };
  }
  return { ...server, env: answered(server.env, whole.inputs ?? []) };
}

describe('configuration blocks', () => {
  it.each(BLOCKS.map((block) => [block.client, block] as const))(
    '%s: parses and starts',
    async (_name, block) => {
      expect(await toolsOf(launchOf(block))).toEqual(tools);
    },
  );

  it('Claude Code plugin: has this version, and starts without a key as with one', async () => {
    expect(plugin.version).toBe(packageJson.version);
    const server = plugin.mcpServers[LAUNCH.name as 'openfunnel-lookalikes'];
    expect(server.env.OPENFUNNEL_API_KEY).toMatch(/^\$\{OPENFUNNEL_API_KEY:-\}$/);
    for (const key of ['', 'of_given'])
      expect(await toolsOf({ ...server, env: { OPENFUNNEL_API_KEY: key } })).toEqual(tools);
  });
});
