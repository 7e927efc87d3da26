import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packExtension } from '@anthropic-ai/mcpb';
import { iconPng } from './icon.ts';
import { bundleManifest } from './manifest.ts';
import { BUNDLE_FILE, ROOT } from './project.ts';
import type { Publication } from './publication.ts';
import { stageServer } from './runtime-files.ts';
import { type Made, put, sizeOf } from './staging.ts';

/**
 * One file for Claude Desktop on every platform, with all that the server loads but Node itself.
 *
 * @param folder An empty one, to put the parts in.
 * @param to Folder for the bundle.
 */
export async function makeBundle(publication: Publication, folder: string, to: string): Promise<Made> {
  await stageServer(publication, folder);
  put(folder, {
    'manifest.json': `${JSON.stringify(bundleManifest(publication), null, 2)}\n`,
    'icon.png': iconPng(512),
    'PRIVACY.md': readFileSync(join(ROOT, '.github/PRIVACY.md')),
  });
  mkdirSync(to, { recursive: true });
  const path = join(to, BUNDLE_FILE);
  if (!(await packExtension({ extensionPath: folder, outputPath: path, silent: true })))
    throw new Error('mcpb could not pack the bundle; its reason is above');
  return { path, bytes: statSync(path).size, unpackedBytes: sizeOf(folder) };
}
