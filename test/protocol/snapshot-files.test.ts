import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listTools } from '../../src/protocol/listing.ts';
import { SCENARIOS } from './scenarios.ts';

const FOLDER = fileURLToPath(new URL('../snapshots', import.meta.url));

test('every tool is shown in some state, and no snapshot is left over (npm run update)', () => {
  const tools = listTools().map(({ name }) => String(name));
  const expected = [
    ...tools.map((name) => join(name, 'tool.json')),
    ...SCENARIOS.map(({ tool, state }) => join(tool, `${state}.md`)),
  ];
  const there = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1));
  expect(there.sort()).toEqual(expected.sort());
  const shown = new Set(SCENARIOS.map(({ tool }) => tool));
  expect(tools.filter((name) => !shown.has(name))).toEqual([]);
});
