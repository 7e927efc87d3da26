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

/** How to install it, on three paths: from a clone and the files made there, until it can be had from elsewhere. */
export function installText(publication: Publication): string {
  const { owner, released } = publication;
  const { command, args } = launchOf(publication);
  const started = `\`${[command, ...args].join(' ')}\``;
  const desktop = `Paste [your key](#key-and-cost) into the form, or leave it empty to practise with made-up companies. Then ask:
   "Find 50 companies like ramp.com." The prompt \`doctor\` (in the + menu) checks the installation.`;
  const plugin = (
    source: string,
  ) => `- **Claude Code, as a plugin:** \`claude plugin marketplace add ${source}\`, then
  \`claude plugin install ${PLUGIN_ID}\`. It takes the key from \`OPENFUNNEL_API_KEY\` in your environment.`;
  const sandbox = 'Add `--sandbox` to the arguments and leave the key out to use the simulator';
  if (owner !== null && released)
    return `### Claude Desktop, without a terminal

1. Download [the bundle](${owner.downloads}/${BUNDLE_FILE}) and open it.
2. ${desktop}

### A coding agent

${plugin(`${owner.account}/${PROJECT.name}`)}
- **Any other client:** click a button above, or put your client's block below where it says. All of them start
  ${started}, which needs Node.js ${NEEDED_NODE} or newer.

### A developer

${sandbox}; \`npm run sandbox\`, in a clone, serves it over HTTP. See [Develop](#develop).`;
  return `**Not published yet:** a package of this name on npm, or an install button anywhere, is not ours and would receive your key.
Install only from a clone: \`npm ci\` builds the server, and \`npm run package\` writes the other files into \`dist/\`.

### Claude Desktop, without a terminal

1. Get \`${BUNDLE_FILE}\` from a colleague who has a clone, and open it.
2. ${desktop}

### A coding agent

${plugin(`/path/to/${PROJECT.name}/dist/plugin`)}
- **Any other client:** use its block below, with your clone's path and Node.js ${NEEDED_NODE} or newer.

### A developer

${sandbox}; \`npm run sandbox\` serves it over HTTP. Instead of using the
clone's path, you can install the tarball (\`npm install --global ./${TARBALL_FILE}\`), whose
command is \`${PROJECT.name}\`, without arguments. See [Develop](#develop).`;
}
