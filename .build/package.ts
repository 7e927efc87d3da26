import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { freshDocuments } from './documents/generate.ts';
import { makeBundle } from './package/bundle.ts';
import { projectPackageJson } from './package/package-json.ts';
import { makePlugin } from './package/plugin.ts';
import { ROOT } from './package/project.ts';
import { type Order, orderOf, recordedPublication, USAGE, UsageError } from './package/publication.ts';
import { writeServerJson } from './package/server-json.ts';
import { type Made, put } from './package/staging.ts';
import { makeTarball } from './package/tarball.ts';

// `npm run package`: documents, package.json and all packages for one publication, from what `npm run build` left in
// dist/. Nothing is published.
try {
  const order = orderOf(process.argv.slice(2), recordedPublication());
  if (order.help) process.stdout.write(USAGE);
  else for (const made of await make(order)) process.stdout.write(`${told(made)}\n`);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function make({ publication, into = ROOT }: Order): Promise<Made[]> {
  const documents = freshDocuments(publication);
  const dist = join(resolve(into), 'dist');
  const folder = mkdtempSync(join(tmpdir(), 'lookalikes-package-'));
  try {
    mkdirSync(dist, { recursive: true });
    put(into, { ...documents, 'package.json': projectPackageJson(publication) });
    const tarball = makeTarball(publication, documents, join(folder, 'npm'), dist);
    const bundle = await makeBundle(publication, join(folder, 'mcpb'), dist);
    const plugin = await makePlugin(publication, join(dist, 'plugin'));
    const { owner } = publication;
    return [tarball, bundle, plugin, ...(owner === null ? [] : [writeServerJson(owner, bundle, dist)])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function told({ path, bytes, unpackedBytes }: Made): string {
  return `${relative(process.cwd(), path)}: ${kilobytes(bytes)}, unpacked ${kilobytes(unpackedBytes)}`;
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}
