import { cursorLink, launchOf, vscodeLink } from '../install.ts';
import { PLUGIN_ID } from '../package/plugin.ts';
import { BUNDLE_FILE, NEEDED_NODE, PROJECT, TARBALL_FILE } from '../package/project.ts';
import type { Publication } from '../package/publication.ts';

/** Buttons that install with one click; none before there is something that they could install. */
export function installButtons(publication: Publication): string {
  const { owner, released } = publication;
  if (owner === null || !released) return '';
  const badge = (label: string, colour: string, logo: string) =>
    `https://img.shields.io/badge/${encodeURIComponent(label)}-${colour}?logo=${logo}&logoColor=white`;
  return [
    `[![Install in Claude Desktop](${badge('Claude Desktop', 'D97757', 'claude')})](${owner.downloads}/${BUNDLE_FILE})`,
    `[![Add to Cursor](${badge('Cursor', '111111', 'cursor')})](${cursorLink(publication)})`,
    `[![Install in VS Code](${badge('VS Code', '0098FF', 'githubcopilot')})](${vscodeLink(publication)})`,
    `[![npm](${badge('npm', 'CB3837', 'npm')})](https://www.npmjs.com/package/${PROJECT.name})`,
  ].join(' ');
}

/** How to install it: from a clone and the files made there, until it can be had from elsewhere. */
export function installText(publication: Publication): string {
  const { owner, released } = publication;
  const { command, args } = launchOf(publication);
  const started = `\`${[command, ...args].join(' ')}\``;
  if (owner !== null && released)
    return `- **Claude Desktop, without a terminal:** open [the bundle](${owner.downloads}/${BUNDLE_FILE}). An empty key means made-up companies.
- **Claude Code, as a plugin:** \`claude plugin marketplace add ${owner.account}/${PROJECT.name}\`, then
  \`claude plugin install ${PLUGIN_ID}\`. It takes the key from \`OPENFUNNEL_API_KEY\` in your environment.
- **Any other client:** click a button above, or put your client's block below where it says. All of them start
  ${started}, which needs Node.js ${NEEDED_NODE} or newer.`;
  return `**Not published yet:** a package of this name on npm, or a button on some page, is not ours and would be given your key.
Install from a clone: \`npm ci\` builds the server, \`npm run package\` makes the other files in \`dist/\`.
- **Claude Desktop, without a terminal:** open \`${BUNDLE_FILE}\`. An empty key means made-up companies.
- **Claude Code, as a plugin:** \`claude plugin marketplace add /path/to/${PROJECT.name}/dist/plugin\`, then
  \`claude plugin install ${PLUGIN_ID}\`. It takes the key from \`OPENFUNNEL_API_KEY\` in your environment.
- **Any other client:** its block below, with your clone's path and Node.js ${NEEDED_NODE} or newer. Or install the tarball
  (\`npm install --global ./${TARBALL_FILE}\`): the command is \`${PROJECT.name}\`, without arguments.`;
}
