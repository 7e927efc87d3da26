import { parseArgs } from 'node:util';
import { PROJECT } from './project.ts';

export const USAGE = `npm run package -- [--owner ACCOUNT] [--released] [--into FOLDER]

Writes into dist/: the npm tarball, the bundle for Claude Desktop, the plugin for Claude Code and, once the owner is
known, the registry's server.json. Publishes nothing.

  --owner ACCOUNT  the GitHub account that publishes; written into package.json (mcpName, repository), from which
                   everything else takes it
  --released       the package is on npm in this version: README, plugin and examples then start it by npx, pinned
                   to the version, instead of from a clone
  --into FOLDER    write everything there, instead of into this repository
`;

/** Who publishes the package, and whether that was done. What documents and packages say of it is made from this. */
export interface Publication {
  /** Null until it is to be published. */
  owner: Owner | null;
  /** Whether the package of this version can be had from npm. */
  released: boolean;
}

/** The GitHub account that publishes, and the addresses that follow from it. */
export interface Owner {
  account: string;
  /** Name in the MCP registry, `io.github.ACCOUNT/NAME`. */
  mcpName: string;
  /** Address of the repository, without a slash at the end. */
  repository: string;
  /** Folder that the files of this version are downloaded from, without a slash at the end. */
  downloads: string;
}

/** Arguments that can't be used; the message is one sentence for the person who typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `npm run package` was asked for. */
export interface Order {
  help: boolean;
  publication: Publication;
  /** Folder to write into; undefined for the repository. */
  into: string | undefined;
}

/**
 * @param recorded What holds where the arguments do not say otherwise.
 * @throws {UsageError} for arguments that are unknown or can't be used.
 */
export function orderOf(args: readonly string[], recorded: Publication): Order {
  const { owner, released, into, help } = parsed(args);
  const publication = {
    owner: owner === undefined ? recorded.owner : ownerOf(owner),
    released: released ?? recorded.released,
  };
  if (publication.released && publication.owner === null)
    throw new UsageError('--released also needs --owner ACCOUNT, the GitHub account that publishes.');
  return { help: help ?? false, publication, into };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        owner: { type: 'string' },
        released: { type: 'boolean' },
        into: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [said] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${said}; see npm run package -- --help.`);
  }
}

/** What package.json says: `mcpName` names the owner, and `private` stands there until the package is released. */
export function recordedPublication(): Publication {
  const account = /^io\.github\.([^/]+)\//.exec(PROJECT.mcpName ?? '')?.[1];
  return { owner: account === undefined ? null : ownerOf(account), released: PROJECT.private !== true };
}

/**
 * @param account What GitHub allows: letters, digits and single hyphens between them, at most 39 characters.
 * @throws {UsageError} for anything else.
 */
export function ownerOf(account: string): Owner {
  if (
    !/^(?!.{40})[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/.test(account) ||
    /^your-?(?:github|account|name)/i.test(account)
  )
    throw new UsageError(
      `--owner must be the name of the GitHub account that publishes, which ${JSON.stringify(account)} can't be.`,
    );
  const repository = `https://github.com/${account}/${PROJECT.name}`;
  return {
    account,
    mcpName: `io.github.${account}/${PROJECT.name}`,
    repository,
    downloads: `${repository}/releases/download/v${PROJECT.version}`,
  };
}
