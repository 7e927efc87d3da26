import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBundle } from './package/bundle.ts';
import { publisherOf, USAGE } from './package/publisher.ts';
import { writeServerJson } from './package/server-json.ts';
import { makeTarball } from './package/tarball.ts';

// `npm run package`: the npm tarball, the bundle for Claude Desktop and the registry's server.json, from what
// `npm run build` left in dist/. Nothing is published.
const { values } = parseArgs({
  options: { owner: { type: 'string' }, release: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const publisher = publisherOf(values);
  const folder = mkdtempSync(join(tmpdir(), 'lookalikes-package-'));
  try {
    const tarball = makeTarball(publisher, join(folder, 'npm'));
    const bundle = await makeBundle(publisher, join(folder, 'mcpb'));
    const serverJson = writeServerJson(publisher, bundle);
    for (const { path, bytes, unpackedBytes } of [tarball, bundle, serverJson])
      process.stdout.write(`${path}: ${kilobytes(bytes)}, unpacked ${kilobytes(unpackedBytes)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}
