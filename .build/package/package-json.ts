import { readFileSync } from 'node:fs';
import { ROOT } from './project.ts';
import type { Publication } from './publication.ts';

/** package.json of the repository, with what it says of the publication brought up to date. */
export function projectPackageJson(publication: Publication): string {
  const { name, version, mcpName: _mcp, private: _private, repository: _repository, ...rest } = fields();
  return asText({ name, version, ...publicationFields(publication), ...rest });
}

/** package.json for a folder in which the server only runs: no scripts, no tools of development. */
export function runtimePackageJson(publication: Publication): string {
  const { devDependencies: _tools, scripts: _scripts, ...rest } = JSON.parse(projectPackageJson(publication));
  return asText(rest);
}

function publicationFields({ owner, released }: Publication): Record<string, unknown> {
  return {
    ...(released ? {} : { private: true }),
    ...(owner === null
      ? {}
      : { mcpName: owner.mcpName, repository: { type: 'git', url: `git+${owner.repository}.git` } }),
  };
}

function fields(): Record<string, unknown> {
  return JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
}

function asText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
