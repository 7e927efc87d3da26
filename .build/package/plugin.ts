import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { launchOf, SERVER_KEY } from '../install.ts';
import { iconPng } from './icon.ts';
import { AUTHORS, DISPLAY_NAME, NEEDED_NODE, PROJECT, ROOT, TAGLINE } from './project.ts';
import type { Publication } from './publication.ts';
import { stageServer } from './runtime-files.ts';
import { type Made, put, sizeOf } from './staging.ts';

/** Name of the plugin; hosts put it before the names of tools as well, so it is short too. */
const PLUGIN_NAME = SERVER_KEY;
/** By which it is installed: its name, and that of the marketplace. */
export const PLUGIN_ID = `${PLUGIN_NAME}@${PLUGIN_NAME}`;
/** Folder of the hand-written skills, in the repository. */
const SKILLS = '.claude-plugin/skills';
/** The catalogue that Claude Code reads, in the folder or repository that is added as a marketplace. */
export const MARKETPLACE_FILE = '.claude-plugin/marketplace.json';

/**
 * The plugin for Claude Code as a folder that can be added as a marketplace: skill, server, and all that the server
 * loads, so that it needs nothing but Node.js.
 *
 * @param folder Is emptied first.
 */
export async function makePlugin(publication: Publication, folder: string): Promise<Made> {
  rmSync(folder, { recursive: true, force: true });
  const plugin = join(folder, PLUGIN_NAME);
  put(folder, { [MARKETPLACE_FILE]: asText(marketplace(publication, { source: `./${PLUGIN_NAME}` })) });
  put(plugin, {
    '.claude-plugin/plugin.json': asText({
      ...facts(publication),
      mcpServers: {
        [SERVER_KEY]: {
          command: 'node',
          // biome-ignore lint/suspicious/noTemplateCurlyInString: Claude Code puts the plugin's folder in
          args: ['${CLAUDE_PLUGIN_ROOT}/server/dist/index.js'],
          env: ENVIRONMENT,
        },
      },
    }),
    'icon.png': iconPng(128),
    'README.md': readme(),
  });
  cpSync(join(ROOT, SKILLS), join(plugin, 'skills'), { recursive: true });
  await stageServer(publication, join(plugin, 'server'));
  return { path: folder, bytes: sizeOf(folder), unpackedBytes: sizeOf(folder) };
}

/**
 * The same for the repository, once the package is released: its skill, and the server from npm.
 *
 * @returns Text of `MARKETPLACE_FILE`, or null where there is nothing that a plugin could start.
 */
export function repositoryMarketplace(publication: Publication): string | null {
  if (!publication.released) return null;
  const { command, args } = launchOf(publication);
  return asText(
    marketplace(publication, {
      source: './.claude-plugin',
      strict: false,
      mcpServers: { [SERVER_KEY]: { command, args, env: ENVIRONMENT } },
    }),
  );
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: Claude Code puts in what its user's environment has
const ENVIRONMENT = { OPENFUNNEL_API_KEY: '${OPENFUNNEL_API_KEY:-}' };

function marketplace(publication: Publication, plugin: Record<string, unknown>) {
  return {
    name: PLUGIN_NAME,
    owner: { name: publication.owner?.account ?? AUTHORS },
    metadata: { description: `${DISPLAY_NAME} for Claude Code` },
    plugins: [{ ...facts(publication), ...plugin }],
  };
}

/** What catalogue and plugin say of it. */
function facts({ owner }: Publication) {
  return {
    name: PLUGIN_NAME,
    version: PROJECT.version,
    description: `${TAGLINE} Needs OPENFUNNEL_API_KEY in the environment.`,
    author: { name: owner?.account ?? AUTHORS },
    ...(owner === null ? {} : { homepage: `${owner.repository}#readme`, repository: owner.repository }),
    license: PROJECT.license,
    keywords: ['lookalike', 'companies', 'prospecting', 'lead list', 'mcp'],
  };
}

function readme(): string {
  return `# ${DISPLAY_NAME}

${TAGLINE}

The plugin brings the MCP server \`${SERVER_KEY}\` and the skill \`find-lookalikes\`. It needs Node.js ${NEEDED_NODE} or
newer and takes the API key from \`OPENFUNNEL_API_KEY\` in the environment of Claude Code. To try it with made-up companies
and without a key, start Claude Code with \`OPENFUNNEL_SANDBOX=1\`.
`;
}

function asText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
