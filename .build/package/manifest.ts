import { LATEST_MANIFEST_VERSION } from '@anthropic-ai/mcpb';
import { FORM_FIELDS } from '../../src/config/form.ts';
import { PROMPTS, promptText } from '../../src/prompts/prompts.ts';
import { SERVER_KEY } from '../install.ts';
import { modelTools } from '../model-tools.ts';
import { AUTHORS, DISPLAY_NAME, PROJECT, TAGLINE } from './project.ts';
import type { Publication } from './publication.ts';

/**
 * What a person is asked for in the client's own form, by the name that the manifest uses for it. All of it may
 * stay empty: without a key the server runs on the sandbox, and says so.
 */
const USER_CONFIG = {
  api_key: {
    variable: 'OPENFUNNEL_API_KEY',
    type: 'string',
    description:
      'Starts with of_. Kept in your system’s keychain. Leave it empty to try the sandbox: made-up companies, no costs.',
    sensitive: true,
    required: false,
  },
  export_folder: {
    variable: 'OPENFUNNEL_EXPORT_DIR',
    type: 'directory',
    description:
      'CSV and JSON files of your lists are written here, and nowhere else. Empty: openfunnel-exports in your home.',
    required: false,
  },
  confirm_above: {
    variable: 'OPENFUNNEL_CONFIRM_ABOVE',
    type: 'number',
    description: 'A search that may cost more needs your yes first; 0 asks always.',
    required: false,
    default: 500,
    min: 0,
    max: 10_000,
  },
  sandbox: {
    variable: 'OPENFUNNEL_SANDBOX',
    type: 'boolean',
    description: 'Use made-up companies although there is a key: no costs.',
    required: false,
    default: false,
  },
};

/** manifest.json of the bundle, in the newest version that the packer knows. */
export function bundleManifest({ owner }: Publication): Record<string, unknown> {
  return {
    manifest_version: LATEST_MANIFEST_VERSION,
    name: SERVER_KEY,
    display_name: DISPLAY_NAME,
    version: PROJECT.version,
    description: TAGLINE,
    long_description: `${PROJECT.description}\n\nCompletion is read from the job's status, never from a null next_cursor, so an incomplete list is never shown as complete. Each submit is recorded on your disk, so it is found again tomorrow and not billed twice.`,
    ...addresses(owner),
    icon: 'icon.png',
    icons: [{ src: 'icon.png', size: '512x512' }],
    server: {
      type: 'node',
      entry_point: 'dist/index.js',
      mcp_config: {
        command: 'node',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the client puts the bundle's folder in
        args: ['${__dirname}/dist/index.js', '--form'],
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
        false,
        'The findings come from the running server.',
      ),
    })),
    keywords: ['lookalike', 'companies', 'prospecting', 'lead list', 'sales', 'openfunnel'],
    license: PROJECT.license,
    compatibility: {
      claude_desktop: '>=1.0.0',
      platforms: ['darwin', 'win32', 'linux'],
      runtimes: { node: PROJECT.engines.node },
    },
    user_config: Object.fromEntries(
      Object.entries(USER_CONFIG).map(([name, { variable, ...option }]) => [
        name,
        { title: FORM_FIELDS[variable], ...option },
      ]),
    ),
  };
}

/** Who made it, and where more is to be found; nothing leads anywhere before there is a repository. */
function addresses(owner: Publication['owner']): Record<string, unknown> {
  if (owner === null) return { author: { name: AUTHORS } };
  const { account, repository } = owner;
  return {
    author: { name: account, url: `https://github.com/${account}` },
    repository: { type: 'git', url: `${repository}.git` },
    homepage: repository,
    documentation: `${repository}#readme`,
    support: `${repository}/issues`,
    privacy_policies: [`${repository}/blob/HEAD/.github/PRIVACY.md`],
  };
}
