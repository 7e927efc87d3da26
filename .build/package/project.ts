import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };

/** The facts of package.json that the packages are made from. */
export const PROJECT: {
  name: string;
  version: string;
  description: string;
  license: string;
  mcpName: string;
  engines: { node: string };
  dependencies: Record<string, string>;
} = packageJson;

/** Root of the repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const DISPLAY_NAME = 'OpenFunnel Lookalikes';
export const TAGLINE =
  'Find up to 10,000 lookalike companies: submit, wait and collect without paying twice.';

export const BUNDLE_FILE = 'openfunnel-lookalikes.mcpb';

/** package.json for a folder in which the server only runs: no scripts, no tools of development. */
export function runtimePackageJson(mcpName: string, extra: object = {}): string {
  const { devDependencies: _tools, scripts: _scripts, ...rest } = JSON.parse(read('package.json'));
  return `${JSON.stringify({ ...rest, mcpName, ...extra }, null, 2)}\n`;
}

function read(name: string): string {
  return readFileSync(`${ROOT}${name}`, 'utf8');
}
