import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onPackagePage } from '../documents/package-page.ts';
import { runtimePackageJson } from './package-json.ts';
import { TARBALL_FILE } from './project.ts';
import type { Publication } from './publication.ts';
import { publishedFiles } from './runtime-files.ts';
import { type Made, put, sizeOf, stage } from './staging.ts';

/**
 * The npm package as a tarball.
 *
 * @param documents Texts of the repository's documents as they are to be for this publication.
 * @param folder An empty one, to put the parts in.
 * @param to Folder for the tarball.
 */
export function makeTarball(
  publication: Publication,
  documents: Readonly<Record<string, string>>,
  folder: string,
  to: string,
): Made {
  stage(folder, publishedFiles());
  put(folder, {
    'package.json': runtimePackageJson(publication),
    'README.md': onPackagePage(documents['README.md'] ?? '', publication.owner),
    'mcp.json.example': documents['mcp.json.example'] ?? '',
  });
  mkdirSync(to, { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', to, '--silent'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const path = join(to, TARBALL_FILE);
  return { path, bytes: statSync(path).size, unpackedBytes: sizeOf(folder) };
}
