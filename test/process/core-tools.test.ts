import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../.build/package/project.ts';
import { StdioServer } from '../stdio-server.ts';

const document = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test('OPENFUNNEL_TOOLS=core serves the first eight tools alone, in the order of TOOLS.md', async () => {
  const server = new StdioServer({ env: { OPENFUNNEL_SANDBOX: '1', OPENFUNNEL_TOOLS: 'core' } });
  onTestFinished(async () => void (await server.close()));
  await server.initialize();
  const { tools } = (await server.request('tools/list')) as { tools: Array<{ name: string }> };
  const listed = [...document('.github/TOOLS.md').matchAll(/^- \[`(\w+)`\]/gm)].map(([, name]) => name);
  expect(tools.map(({ name }) => name)).toEqual(listed.slice(0, 8));
  expect(document('.github/TOOLS.md')).toContain('`OPENFUNNEL_TOOLS=core` serves the first 8 alone');
  expect(document('README.md')).toContain(
    '`OPENFUNNEL_TOOLS=core` serves the first eight tools that TOOLS lists',
  );
  await expect(server.call('lookup_companies', { companies: ['a'] })).rejects.toThrow(/Unknown tool/);
});
