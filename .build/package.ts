import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBundle } from './package/bundle.ts';
import { type Publisher, publisherOf, USAGE } from './package/publisher.ts';
import { writeServerJson } from './package/server-json.ts';
import { makeTarball } from './package/tarball.ts';

// `npm run package`: the npm tarball, the bundle for Claude Desktop and the registry's server.json, from what
// `npm run build` left in dist/. Nothing is published.
const asked = readCommand();
if (typeof asked === 'string') {
  process.stderr.write(`npm run package: ${asked}; see npm run package -- --help\n`);
  process.exitCode = 2;
} else if (asked === null) {
  process.stdout.write(USAGE);
} else {
  const publisher = asked;
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

/** Who publishes; null where help is asked for; else what is wrong with the arguments, in one line. */
function readCommand(): Publisher | string | null {
  try {
    const { values } = parseArgs({
      options: { owner: { type: 'string' }, release: { type: 'string' }, help: { type: 'boolean' } },
    });
    return values.help ? null : publisherOf(values);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}
