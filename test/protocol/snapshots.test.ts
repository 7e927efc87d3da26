import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listTools } from '../../src/protocol/listing.ts';
import { STANDING } from '../fake-clock.ts';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** What a model sees, as files that a reviewer reads: `npm run update` writes them anew. */
const FOLDER = fileURLToPath(new URL('../snapshots', import.meta.url));
test('tools/list', async () => {
  for (const tool of listTools())
    await expect(pretty(tool)).toMatchFileSnapshot(file(`${tool.name}/tool.json`));
});

test.each(SCENARIOS.map((scenario) => [scenario.tool, scenario.state, scenario] as const))(
  '%s: %s',
  async (tool, state, scenario) => {
    await expect(await resultOf(scenario)).toMatchFileSnapshot(file(`${tool}/${state}.md`));
  },
);

function file(name: string): string {
  return join(FOLDER, name);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Call, text and structured content of a scenario, with names in place of what differs from run to run. */
async function resultOf({
  tool,
  args,
  upstream,
  before = [],
  confirmAbove = 500,
}: Scenario): Promise<string> {
  const folder = temporaryFolder();
  const { call } = await inMemory(
    folder,
    async ({ method, url }) => ({
      status: 200,
      retryAfter: undefined,
      ...upstream({ method, path: url.pathname + url.search }),
    }),
    STANDING,
    { ledgerClock: STANDING, confirmAbove, random: () => 0.5 },
  );
  for (const [name, given] of before) await call(name, given);
  const { content, structuredContent, isError } = await call(tool, args);
  const parts = content.map((part) =>
    part.type === 'text' ? `\`\`\`text\n${part.text}\n\`\`\`` : `\`\`\`json\n${pretty(part)}\`\`\``,
  );
  const shown = [
    `# ${tool} ${JSON.stringify(args)}`,
    isError ? '`isError: true`' : '',
    ...parts,
    'Structured:',
    `\`\`\`json\n${pretty(structuredContent)}\`\`\``,
    '',
  ];
  return shown
    .filter((part, index) => part !== '' || index === shown.length - 1)
    .join('\n\n')
    .replaceAll(folder, '/folder')
    .replaceAll(encodeURI(folder), '/folder');
}
