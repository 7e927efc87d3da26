import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, blocksOf, cursorLink, SERVER_KEY, vscodeLink } from '../../../.build/install.ts';
import { ownerOf, type Publication } from '../../../.build/package/publication.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { callTool, type Launch, toolNames, withLaunched } from '../../launch.ts';
import { temporaryFolder } from '../../upstream.ts';
import { DIST, installTarball, makePackages, npm, ROOT, TARBALL } from './packages.ts';

// The package as a user gets it: what the README's configurations start is the tarball, in a folder where npx finds it
// as if it came from npm.

const UNRELEASED: Publication = { owner: null, released: false };
const RELEASED: Publication = { owner: ownerOf('somebody'), released: true };

const installed = temporaryFolder(afterAll);
let tools: string[] = [];

beforeAll(async () => {
  await makePackages();
  installTarball(installed, join(DIST, TARBALL));
  const built = { command: process.execPath, args: [join(ROOT, 'dist/index.js')], env: {} };
  tools = await withLaunched(built, installed, toolNames);
}, 180_000);

/** Tools of the server that a configuration starts, with the path of what was installed where one has to put it. */
function toolsOf({ command, args, env }: Launch): Promise<string[]> {
  const here = join(installed, 'node_modules', packageJson.name);
  const paths = args.map((arg) => arg.replace(`/path/to/${packageJson.name}`, here));
  return withLaunched({ command, args: paths, env }, installed, toolNames);
}

describe('the npm package', () => {
  test('holds only what runs, in at most 3 MB', () => {
    const [pack] = JSON.parse(
      npm(ROOT, 'pack', '--dry-run', '--ignore-scripts', '--json', join(DIST, TARBALL)),
    );
    const paths = pack.files.map(({ path }: { path: string }) => path);
    expect(
      paths.filter(
        (path: string) =>
          !/^(dist\/[^/]+\.(c?js|html|wasm)|dist\/LICENSES\.txt|LICENSE|README\.md|package\.json|mcp\.json\.example)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(pack.unpackedSize).toBeLessThan(3_000_000);
    expect(statSync(join(DIST, TARBALL)).size).toBeLessThan(1_500_000);
  });

  test('installs as two packages, in at most 6 MB', () => {
    const modules = join(installed, 'node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual([
      packageJson.name,
      'undici',
    ]);
    const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const bytes = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    expect(bytes).toBeLessThan(6_000_000);
  });

  test('holds a README without links to files that it does not hold', () => {
    const readme = readFileSync(join(installed, 'node_modules', packageJson.name, 'README.md'), 'utf8');
    expect(readme.match(/\]\((?!https:|#)[^)]*\)|src="(?!https:)[^"]*"/g)).toBeNull();
  });

  test('runs a job in the sandbox by npx, asks and exports it, from a folder in which nothing else is', async () => {
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
      const { rows } = await callTool(client, 'query_companies', { sql: 'SELECT count(*) FROM companies' });
      expect(rows).toEqual([[10]]);
      await callTool(client, 'export_bulk_results', { job_id });
    });
  });

  test('tells its version and help', () => {
    expect(npm(installed, 'exec', packageJson.name, '--', '--version').trim()).toBe(packageJson.version);
    expect(npm(installed, 'exec', packageJson.name, '--', '--help')).toContain('OPENFUNNEL_API_KEY');
  });
});

describe('install buttons', () => {
  test('Cursor: the link decodes to a configuration that starts', async () => {
    const link = new URL(cursorLink(RELEASED));
    expect(link.searchParams.get('name')).toBe(SERVER_KEY);
    const config = JSON.parse(Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString('utf8'));
    expect(await toolsOf(config)).toEqual(tools);
  });

  test('VS Code: the link decodes to a configuration that asks for the key and starts', async () => {
    const inner = new URL(vscodeLink(RELEASED)).searchParams.get('url') ?? '';
    expect(inner).toMatch(/^vscode:mcp\/install\?/);
    const config = JSON.parse(decodeURIComponent(inner.slice(inner.indexOf('?') + 1)));
    expect(config.name).toBe(SERVER_KEY);
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
  const server = servers[SERVER_KEY];
  if (server === undefined) throw new Error(`${client}: no server ${SERVER_KEY}`);
  if (Array.isArray(server.command)) {
    const [command, ...args] = server.command;
    return { command, args, env: server.environment };
  }
  return { ...server, env: answered(server.env, whole.inputs ?? []) };
}

describe.each([
  ['before the release', UNRELEASED],
  ['released', RELEASED],
])('configuration blocks, %s', (_when, publication) => {
  test.each(blocksOf(publication).map((block) => [block.client, block] as const))(
    '%s: parses and starts',
    async (_name, block) => {
      expect(await toolsOf(launchOf(block))).toEqual(tools);
    },
  );
});
