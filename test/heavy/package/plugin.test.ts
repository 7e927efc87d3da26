import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchOf, SERVER_KEY } from '../../../.build/install.ts';
import { repositoryMarketplace } from '../../../.build/package/plugin.ts';
import { ownerOf } from '../../../.build/package/publication.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { toolNames, withLaunched } from '../../launch.ts';
import { temporaryFolder } from '../../upstream.ts';
import { makePackages, ROOT } from './packages.ts';

// The plugin as a folder, started as its manifest says. `npm run clients -- claude-code-plugin` has it validated,
// installed and used by Claude Code itself.

const folder = temporaryFolder(afterAll);
const marketplace = join(folder, 'dist/plugin');
const plugin = join(marketplace, SERVER_KEY);

beforeAll(() => makePackages('--into', folder), 120_000);

function json(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('the plugin', () => {
  test('starts from its folder alone, without a key as with one, and lists its tools', async () => {
    const built = { command: process.execPath, args: [join(ROOT, 'dist/index.js')], env: {} };
    const tools = await withLaunched(built, folder, toolNames);
    const { command, args, env } = json(join(plugin, '.claude-plugin/plugin.json')).mcpServers[SERVER_KEY];
    expect(env).toEqual({ OPENFUNNEL_API_KEY: '$' + '{OPENFUNNEL_API_KEY:-}' });
    const paths = args.map((arg: string) => arg.replace('$' + '{CLAUDE_PLUGIN_ROOT}', plugin));
    for (const key of ['', 'of_given']) {
      const launch = { command, args: paths, env: { OPENFUNNEL_API_KEY: key } };
      expect(await withLaunched(launch, join(folder, 'home'), toolNames)).toEqual(tools);
    }
  });

  test('is listed by the marketplace beside it, in this version', () => {
    const { plugins } = json(join(marketplace, '.claude-plugin/marketplace.json'));
    expect(plugins).toMatchObject([
      { name: SERVER_KEY, source: `./${SERVER_KEY}`, version: packageJson.version },
    ]);
    expect(json(join(plugin, '.claude-plugin/plugin.json'))).toMatchObject({
      name: SERVER_KEY,
      version: packageJson.version,
    });
  });

  test('holds the skill and the server, and nothing else of the repository', () => {
    const paths = readdirSync(plugin, { recursive: true, encoding: 'utf8' });
    expect(paths).toContain(join('skills', 'find-lookalikes', 'SKILL.md'));
    expect(readdirSync(plugin).sort()).toEqual([
      '.claude-plugin',
      'README.md',
      'icon.png',
      'server',
      'skills',
    ]);
    expect(readdirSync(join(plugin, 'server')).sort()).toEqual([
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
    ]);
    expect(paths.filter((path) => /\.map$|\.d\.[cm]?ts$|(^|\/)test\//.test(path))).toEqual([]);
  });

  test('once released, is in the repository too, and starts this version from npm', () => {
    expect(repositoryMarketplace({ owner: null, released: false })).toBeNull();
    const released = { owner: ownerOf('somebody'), released: true };
    const [entry] = JSON.parse(repositoryMarketplace(released) ?? '').plugins;
    expect(readdirSync(join(ROOT, entry.source))).toContain('skills');
    const { command, args } = launchOf(released);
    expect(entry.mcpServers[SERVER_KEY]).toMatchObject({ command, args });
    expect(args.at(-1)).toBe(`${packageJson.name}@${packageJson.version}`);
  });
});
