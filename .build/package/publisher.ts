import { PROJECT } from './project.ts';

export const USAGE = `npm run package -- [--owner ACCOUNT] [--release URL]

Writes into dist/: the npm tarball, openfunnel-lookalikes.mcpb and server.json. Publishes nothing.

  --owner ACCOUNT  the GitHub account that publishes; becomes the name io.github.ACCOUNT/${PROJECT.name} in
                   server.json and in the packed package.json, and the address of the repository
  --release URL    the folder that people download openfunnel-lookalikes.mcpb from;
                   default the GitHub release of this version
`;

/** Who publishes the packages, and from where. */
export interface Publisher {
  /** Name in the MCP registry, `io.github.ACCOUNT/NAME`. */
  mcpName: string;
  account: string;
  /** Address of the repository, without a slash at the end. */
  repository: string;
  /** Folder that releases are downloaded from, without a slash at the end. */
  release: string;
}

/** @throws {Error} in one line, for an account or address that can't be one. */
export function publisherOf(given: { owner?: string | undefined; release?: string | undefined }): Publisher {
  const account = given.owner ?? /^io\.github\.([^/]+)\//.exec(PROJECT.mcpName)?.[1] ?? '';
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/.test(account))
    throw new Error(`--owner must be a GitHub account, not ${JSON.stringify(account)}`);
  const repository = `https://github.com/${account}/${PROJECT.name}`;
  const release = (given.release ?? `${repository}/releases/download/v${PROJECT.version}`).replace(
    /\/+$/,
    '',
  );
  if (!URL.canParse(release) || new URL(release).protocol !== 'https:')
    throw new Error(`--release must be an https:// address, not ${JSON.stringify(release)}`);
  return { mcpName: `io.github.${account}/${PROJECT.name}`, account, repository, release };
}
