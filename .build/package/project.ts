import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };

/** The facts of package.json that the packages are made from. */
export const PROJECT: {
  name: string;
  version: string;
  description: string;
  license: string;
  /** Name in the MCP registry; there once the owner is known. */
  mcpName?: string;
  /** There until the package is released, and keeps npm from publishing it by accident. */
  private?: boolean;
  engines: { node: string };
  dependencies: Record<string, string>;
} = packageJson;

/** Root of the repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const DISPLAY_NAME = 'OpenFunnel Lookalikes';
export const TAGLINE =
  'Find up to 10,000 lookalike companies: submit, wait and collect without paying twice.';
/** The author named until an owner is known. */
export const AUTHORS = `The ${PROJECT.name} authors`;

export const BUNDLE_FILE = 'openfunnel-lookalikes.mcpb';
export const TARBALL_FILE = `${PROJECT.name}-${PROJECT.version}.tgz`;
/** Oldest Node.js that it runs on, such as 20.18.1. */
export const NEEDED_NODE = PROJECT.engines.node.replace('>=', '');
