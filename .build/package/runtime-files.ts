import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { runtimePackageJson } from './package-json.ts';
import { PROJECT, ROOT } from './project.ts';
import type { Publication } from './publication.ts';
import { put, stage } from './staging.ts';

/** Puts into a folder all that the server loads but Node itself, with the licences. */
export async function stageServer(publication: Publication, folder: string): Promise<void> {
  const own = publishedFiles().filter((path) => path.startsWith('dist/') || path === 'LICENSE');
  stage(folder, [...own, ...(await dependencyFiles(own.filter((path) => path.endsWith('.js'))))]);
  put(folder, { 'package.json': runtimePackageJson(publication) });
}

/** Files of the repository that npm publishes, by its own rules and `files` of package.json; relative paths. */
export function publishedFiles(): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [pack] = JSON.parse(output) as Array<{ files: Array<{ path: string }> }>;
  return (pack?.files ?? []).map(({ path }) => path).sort();
}

/**
 * The files of the runtime dependencies that the built server can load, relative to the root: what a bundler
 * reaches from the imports that stand in `scripts`, and each package's package.json and licence. Packages bring
 * tenfold that: types, documents, builds for browsers.
 */
async function dependencyFiles(scripts: readonly string[]): Promise<string[]> {
  const sources = scripts.map((path) => readFileSync(join(ROOT, path), 'utf8'));
  const specifiers = new Set(sources.flatMap(importedPackages));
  const { metafile } = await build({
    stdin: {
      contents: [...specifiers].map((specifier) => `import(${JSON.stringify(specifier)});`).join('\n'),
      resolveDir: ROOT,
    },
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const loaded = Object.keys(metafile.inputs).filter((path) => path.startsWith('node_modules/'));
  const folders = new Set(loaded.map(packageFolder));
  const besides = [...folders].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => /^(package\.json|licen[cs]e(\.\w+)?|notice(\.\w+)?)$/i.test(name))
      .map((name) => `${folder}/${name}`),
  );
  return [...new Set([...loaded, ...besides])].sort();
}

/** Runtime dependencies (and paths in them) that a built script names in quotes. */
function importedPackages(script: string): string[] {
  const names = Object.keys(PROJECT.dependencies).map((name) => name.replaceAll('.', '\\.'));
  const quoted = new RegExp(`["'\`]((?:${names.join('|')})(?:/[\\w./-]+)?)["'\`]`, 'g');
  return [...script.matchAll(quoted)].map((match) => match[1] ?? '');
}

/** `node_modules/undici` of `node_modules/undici/lib/api.js`. */
function packageFolder(path: string): string {
  const [, folder = path] = /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return folder;
}
