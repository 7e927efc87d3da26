import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createServer } from '../../src/protocol/server.ts';

const UI = 'io.modelcontextprotocol/ui';
const VIEW = { mimeTypes: ['text/html;profile=mcp-app'] };

async function connectAs(name: string, extensions?: Record<string, object>): Promise<Client> {
  const server = createServer({
    version: '0.0.0',
    clock: systemClock,
    examine: async () => 'No problems found.',
    readView: async () => '<!doctype html><title>view</title>',
    openServices: () => {
      throw new Error('listing and reading the view need no services');
    },
    onBug: () => {},
  });
  const capabilities: ClientCapabilities = extensions ? { extensions } : {};
  const client = new Client({ name, version: '1' }, { capabilities });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
}

const toolsOf = async (client: Client) => (await client.listTools()).tools;
const resourcesOf = async (client: Client) => (await client.listResources()).resources.map(({ uri }) => uri);

test.each([
  ['a client without extensions', 'claude-code', undefined],
  ['one with another extension', 'host', { 'io.example/other': {} }],
  ['one that shows other documents', 'host', { [UI]: { mimeTypes: ['text/html+skybridge'] } }],
  ['one whose name only holds the words', 'not Visual Studio Code', undefined],
])('%s sees no trace of the view', async (_, name, extensions) => {
  const client = await connectAs(name, extensions);
  const tools = await toolsOf(client);
  expect(tools.length).toBeGreaterThan(5);
  expect(JSON.stringify(tools)).not.toMatch(/_meta|ui:\/\/|\bview_|show_companies/);
  expect((await resourcesOf(client)).join()).not.toContain('ui://');
  await expect(client.callTool({ name: 'nonsense' })).rejects.toThrow(
    /^(?!.*(?:\bview_|show_companies)).*submit_lookalikes_bulk/,
  );
});

test.each([
  ['a client that announces the extension', 'host', { [UI]: VIEW }],
  ['one that names no types of documents', 'host', { [UI]: {} }],
  ['VS Code, which may not announce it', 'Visual Studio Code - Insiders', undefined],
])('%s is told of the view', async (_, name, extensions) => {
  const client = await connectAs(name, extensions);
  const tools = await toolsOf(client);
  const byVisibility = (visible: string) =>
    tools
      .filter(({ _meta }) => JSON.stringify(_meta?.ui ?? {}).includes(`"visibility":["${visible}"]`))
      .map((tool) => tool.name);
  // What spends, and what ends a job, is never the view's to call.
  expect(byVisibility('model')).toEqual(['submit_lookalikes_bulk', 'cancel_bulk_job']);
  expect(await resourcesOf(client)).toContain('ui://openfunnel-lookalikes/companies.html');
});

test('the view can be read by every client', async () => {
  const client = await connectAs('any');
  const { contents } = await client.readResource({ uri: 'ui://openfunnel-lookalikes/companies.html' });
  expect(contents).toEqual([
    {
      uri: 'ui://openfunnel-lookalikes/companies.html',
      mimeType: 'text/html;profile=mcp-app',
      text: expect.stringContaining('<!doctype html>'),
      _meta: { ui: { permissions: { clipboardWrite: {} }, prefersBorder: true } },
    },
  ]);
});
