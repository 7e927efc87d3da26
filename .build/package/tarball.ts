import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, ROOT, runtimePackageJson } from './project.ts';
import type { Publisher } from './publisher.ts';
import { publishedFiles } from './runtime-files.ts';
import { type Made, put, sizeOf, stage } from './staging.ts';

/** The npm package as a tarball in dist/, with the publisher's name in its package.json. */
export function makeTarball(publisher: Publisher, folder: string): Made {
  stage(folder, publishedFiles());
  put(folder, { 'package.json': runtimePackageJson(publisher.mcpName) });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', join(ROOT, 'dist'), '--silent'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const path = `dist/${PROJECT.name}-${PROJECT.version}.tgz`;
  return { path, bytes: statSync(join(ROOT, path)).size, unpackedBytes: sizeOf(folder) };
}
