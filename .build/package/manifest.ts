import { LATEST_MANIFEST_VERSION } from '@anthropic-ai/mcpb';
import { PROMPTS, promptText } from '../../src/prompts/prompts.ts';
import { modelTools } from '../model-tools.ts';
import { DISPLAY_NAME, PROJECT, TAGLINE } from './project.ts';
import type { Publisher } from './publisher.ts';

/**
 * What a person is asked for in the client's own form, by the name that the manifest uses for it. All of it may
 * stay empty: without a key the server lists its tools and says how to get one.
 */
const USER_CONFIG = {
  api_key: {
    variable: 'OPENFUNNEL_API_KEY',
    type: 'string',
    title: 'OpenFunnel API key',
    description: 'Starts with of_. Kept in your system’s keychain. Leave it empty to try the sandbox.',
    sensitive: true,
    required: false,
  },
  export_folder: {
    variable: 'OPENFUNNEL_EXPORT_DIR',
    type: 'directory',
    title: 'Folder for exported lists',
    description:
      'CSV and JSON files of your lists are written here, and nowhere else. Empty: openfunnel-exports in your home.',
    required: false,
  },
  confirm_above: {
    variable: 'OPENFUNNEL_CONFIRM_ABOVE',
    type: 'number',
    title: 'Ask me above this many credits',
    description: 'A search that may cost more needs your yes first; 0 asks always.',
    required: false,
    default: 500,
    min: 0,
    max: 10_000,
  },
  sandbox: {
    variable: 'OPENFUNNEL_SANDBOX',
    type: 'boolean',
    title: 'Sandbox',
    description: 'Use a built-in simulator with made-up companies: no key, no costs.',
    required: false,
    default: false,
  },
};

/** manifest.json of the bundle, in the newest version that the packer knows. */
export function bundleManifest({ account, repository }: Publisher): Record<string, unknown> {
  return {
    manifest_version: LATEST_MANIFEST_VERSION,
    name: 'openfunnel-lookalikes',
    display_name: DISPLAY_NAME,
    version: PROJECT.version,
    description: TAGLINE,
    long_description: `${PROJECT.description}\n\nCompletion is read from the job's status, never from a null next_cursor, so a list is never silently half. Each submit is noted on your disk, so it is found again tomorrow and never billed twice.`,
    author: { name: account, url: `https://github.com/${account}` },
    repository: { type: 'git', url: `${repository}.git` },
    homepage: repository,
    documentation: `${repository}#readme`,
    support: `${repository}/issues`,
    icon: 'icon.png',
    icons: [{ src: 'icon.png', size: '512x512' }],
    server: {
      type: 'node',
      entry_point: 'dist/index.js',
      mcp_config: {
        command: 'node',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the client puts the bundle's folder in
        args: ['${__dirname}/dist/index.js'],
        env: Object.fromEntries(
          Object.entries(USER_CONFIG).map(([name, { variable }]) => [variable, `\${user_config.${name}}`]),
        ),
      },
    },
    tools: modelTools().map(({ name, description }) => ({ name, description })),
    prompts: PROMPTS.map(({ name, description, arguments: parameters }) => ({
      name,
      description,
      arguments: parameters.map((parameter) => parameter.name),
      text: promptText(
        name,
        Object.fromEntries(
          parameters.map((parameter) => [parameter.name, `\${arguments.${parameter.name}}`]),
        ),
      ),
    })),
    keywords: ['lookalike', 'companies', 'prospecting', 'lead list', 'sales', 'openfunnel'],
    license: PROJECT.license,
    privacy_policies: [`${repository}/blob/main/.github/PRIVACY.md`],
    compatibility: {
      claude_desktop: '>=1.0.0',
      platforms: ['darwin', 'win32', 'linux'],
      runtimes: { node: PROJECT.engines.node },
    },
    user_config: Object.fromEntries(
      Object.entries(USER_CONFIG).map(([name, { variable: _variable, ...option }]) => [name, option]),
    ),
  };
}
