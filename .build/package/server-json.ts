import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILE, DISPLAY_NAME, PROJECT, TAGLINE } from './project.ts';
import type { Owner } from './publication.ts';
import type { Made } from './staging.ts';

/** What the registry's clients ask a person for before they start the npm package. */
const ENVIRONMENT = [
  { name: 'OPENFUNNEL_API_KEY', description: 'OpenFunnel API key, starts with of_', isSecret: true },
  {
    name: 'OPENFUNNEL_EXPORT_DIR',
    description: 'Folder that exported lists are written to; an absolute path',
    format: 'filepath',
  },
  {
    name: 'OPENFUNNEL_CONFIRM_ABOVE',
    description: 'Credits above which a search needs your yes; 0 always, off never',
    default: '500',
  },
  {
    name: 'OPENFUNNEL_SANDBOX',
    description: 'true for the built-in simulator: made-up companies, no key, no costs',
    format: 'boolean',
    default: 'false',
  },
];

/** The MCP registry's description of one version: the bundle by its address and hash, and the npm package. */
function serverJson({ mcpName, repository, downloads }: Owner, bundleSha256: string) {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: mcpName,
    title: DISPLAY_NAME,
    description: TAGLINE,
    version: PROJECT.version,
    repository: { url: repository, source: 'github' },
    websiteUrl: `${repository}#readme`,
    packages: [
      {
        registryType: 'npm',
        identifier: PROJECT.name,
        version: PROJECT.version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        environmentVariables: ENVIRONMENT,
      },
      {
        registryType: 'mcpb',
        identifier: `${downloads}/${BUNDLE_FILE}`,
        fileSha256: bundleSha256,
        transport: { type: 'stdio' },
      },
    ],
  };
}

/** Writes server.json for a bundle that is there. */
export function writeServerJson(owner: Owner, bundle: Made, to: string): Made {
  const sha256 = createHash('sha256').update(readFileSync(bundle.path)).digest('hex');
  const text = `${JSON.stringify(serverJson(owner, sha256), null, 2)}\n`;
  const path = join(to, 'server.json');
  writeFileSync(path, text);
  return { path, bytes: Buffer.byteLength(text), unpackedBytes: Buffer.byteLength(text) };
}
