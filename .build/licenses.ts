import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The part of a path up to and with the package's own folder. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The licence texts of all packages whose code is in dist/, as their terms ask for.
 *
 * @param metafiles What esbuild tells of each bundle.
 * @throws where a package comes without a licence text.
 */
export function licensesOf(metafiles: readonly Metafile[]): string {
  const folders = new Set<string>();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = PACKAGE.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
  const parts = [...folders].map(licenseOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  const titles = parts.map(({ title }) => `- ${title}`).join('\n');
  const texts = parts.map(({ title, text }) => `${title}\n${'='.repeat(title.length)}\n\n${text.trim()}\n`);
  return `This package's own code is under the licence in LICENSE. Its files hold code of these packages:\n\n${titles}\n\n\n${texts.join('\n\n')}`;
}

function licenseOf(folder: string): { title: string; text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each));
  if (file === undefined) throw new Error(`${name} comes without a licence text`);
  return {
    title: `${name} ${version} (${license ?? 'see below'})`,
    text: readFileSync(join(folder, file), 'utf8'),
  };
}
