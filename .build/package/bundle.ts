import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packExtension } from '@anthropic-ai/mcpb';
import { iconPng } from './icon.ts';
import { bundleManifest } from './manifest.ts';
import { BUNDLE_FILE, ROOT, runtimePackageJson } from './project.ts';
import type { Publisher } from './publisher.ts';
import { dependencyFiles, publishedFiles } from './runtime-files.ts';
import { type Made, put, sizeOf, stage } from './staging.ts';

/** One file for Claude Desktop on every platform, with all that the server loads but Node itself. */
export async function makeBundle(publisher: Publisher, folder: string): Promise<Made> {
  const own = publishedFiles().filter((path) => path.startsWith('dist/') || path === 'LICENSE');
  stage(folder, [...own, ...(await dependencyFiles(own.filter((path) => path.endsWith('.js'))))]);
  put(folder, {
    'manifest.json': `${JSON.stringify(bundleManifest(publisher), null, 2)}\n`,
    'package.json': runtimePackageJson(publisher.mcpName),
    'icon.png': iconPng(512),
    'PRIVACY.md': readFileSync(join(ROOT, '.github/PRIVACY.md')),
  });
  const path = `dist/${BUNDLE_FILE}`;
  const packed = await packExtension({
    extensionPath: folder,
    outputPath: join(ROOT, path),
    silent: true,
  });
  if (!packed) throw new Error('mcpb could not pack the bundle; its reason is above');
  return { path, bytes: statSync(join(ROOT, path)).size, unpackedBytes: sizeOf(folder) };
}
