import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getMcpConfigForManifest,
  LATEST_MANIFEST_VERSION,
  MANIFEST_SCHEMAS,
  unpackExtension,
} from '@anthropic-ai/mcpb';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { callTool, type Launch, toolNames, withLaunched } from '../../launch.ts';
import { temporaryFolder } from '../../upstream.ts';
import { BUNDLE, makePackages } from './packages.ts';
import schema from './server-2025-12-11.schema.json' with { type: 'json' };

const folder = temporaryFolder(afterAll);
const DIST = join(folder, 'dist');
const unpacked = join(folder, 'unpacked');
let manifest: ReturnType<(typeof MANIFEST_SCHEMAS)['0.4']['parse']>;

beforeAll(async () => {
  await makePackages('--owner', 'somebody', '--into', folder);
  await unpackExtension({ mcpbPath: join(DIST, BUNDLE), outputDir: unpacked, silent: true });
  manifest = MANIFEST_SCHEMAS[LATEST_MANIFEST_VERSION].parse(json(join(unpacked, 'manifest.json')));
}, 120_000);

function json(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The command line that the client's own code makes of the manifest and what its user filled in. */
async function launch(userConfig: Record<string, string | number | boolean>): Promise<Launch> {
  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: unpacked,
    systemDirs: { HOME: folder },
    userConfig,
    pathSeparator: '/',
  });
  if (!config) throw new Error('the manifest gives no command');
  return { command: config.command, args: config.args ?? [], env: config.env ?? {} };
}

describe('the bundle for Claude Desktop', () => {
  test('works from an empty folder with the values of its form: submit, wait, query, export', async () => {
    const exports = join(folder, 'my lists');
    const filled = await launch({
      api_key: '',
      export_folder: exports,
      confirm_above: 300,
      sandbox: true,
    });
    expect(filled.env.OPENFUNNEL_EXPORT_DIR).toBe(exports);
    const fast = { ...filled, env: { ...filled.env, OPENFUNNEL_SANDBOX_SPEED: '20' } };
    await withLaunched(fast, join(folder, 'home'), async (client) => {
      const tools = await toolNames(client);
      // This client shows no views; the manifest names what those do that show them.
      expect([...tools, 'show_companies'].sort()).toEqual(manifest.tools?.map(({ name }) => name).sort());
      const { job_id } = await callTool(client, 'submit_lookalikes_bulk', {
        query: 'payroll for restaurants',
        limit: 120,
      });
      let collected = await callTool(client, 'wait_and_collect', { job_id });
      while (!collected.complete) collected = await callTool(client, 'wait_and_collect', { job_id });
      expect(collected.status).toBe('completed');
      if (tools.includes('query_companies')) {
        const { rows } = await callTool(client, 'query_companies', {
          sql: 'SELECT count(*) AS n FROM companies',
        });
        expect(rows).toEqual([[120]]);
      }
      await callTool(client, 'export_bulk_results', { job_id });
    });
    expect(readdirSync(exports)).toHaveLength(1);
  });

  test.each([
    ['empty', () => ''],
    ['not put in at all', (name: string) => `\${user_config.${name}}`],
  ])(
    'runs on the sandbox, and says how to leave it, when what is optional is left %s',
    async (_how, left) => {
      const names = Object.keys(manifest.user_config ?? {});
      const { command, args, env } = await launch(
        Object.fromEntries(names.map((name) => [name, `<${name}>`])),
      );
      const bare = Object.fromEntries(
        Object.entries(env).map(([variable, value]) => [
          variable,
          names.includes(value.slice(1, -1)) ? left(value.slice(1, -1)) : value,
        ]),
      );
      expect(Object.values(bare).every((value) => value === left('') || value.startsWith('${'))).toBe(true);
      await withLaunched({ command, args, env: bare }, join(folder, 'home'), async (client) => {
        const { notices } = await callTool(client, 'get_credit_balance', {});
        expect(notices.join('\n')).toMatch(/SANDBOX[\s\S]*“OpenFunnel API key” \(Settings → Extensions/);
      });
    },
  );

  test('names the prompts that the server has', async () => {
    const prompts = await withLaunched(await launch({ sandbox: true }), join(folder, 'home'), (client) =>
      client.listPrompts(),
    );
    expect(manifest.prompts?.map(({ name, arguments: names }) => ({ name, names }))).toEqual(
      prompts.prompts.map(({ name, arguments: given }) => ({ name, names: given?.map((one) => one.name) })),
    );
  });

  test('holds licences, the privacy policy and an icon, and no map, test or type', () => {
    const paths = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'PRIVACY.md', 'icon.png']));
    expect(paths.filter((path) => /\.map$|\.d\.[cm]?ts$|(^|\/)test\//.test(path))).toEqual([]);
    for (const name of Object.keys(packageJson.dependencies))
      expect(paths).toContain(join('node_modules', name, 'package.json'));
  });
});

describe('server.json', () => {
  const validate = addFormats.default(new Ajv2020({ allErrors: true, strict: false })).compile(schema);

  test('is valid, and names the owner, the address of the release, this version and this bundle', () => {
    const server = json(join(DIST, 'server.json'));
    expect(validate(server), JSON.stringify(validate.errors)).toBe(true);
    expect(server).toMatchObject({
      name: 'io.github.somebody/openfunnel-lookalikes-mcp',
      version: packageJson.version,
      packages: [
        { registryType: 'npm', identifier: packageJson.name, version: packageJson.version },
        {
          registryType: 'mcpb',
          identifier: `https://github.com/somebody/${packageJson.name}/releases/download/v${packageJson.version}/${BUNDLE}`,
          fileSha256: createHash('sha256')
            .update(readFileSync(join(DIST, BUNDLE)))
            .digest('hex'),
        },
      ],
    });
    expect(json(join(unpacked, 'package.json')).mcpName).toBe(server.name);
  });

  test.each([
    ['a range for a version', { version: '^1.0.0' }],
    ['a long description', { description: 'x'.repeat(101) }],
    ['a name without an owner', { name: 'openfunnel' }],
    [
      'a bundle without its hash',
      { packages: [{ registryType: 'mcpb', identifier: 'https://x/mcp', transport: { type: 'stdio' } }] },
    ],
  ])('would not be valid with %s', (_what, change) => {
    expect(validate({ ...json(join(DIST, 'server.json')), ...change })).toBe(false);
  });
});
