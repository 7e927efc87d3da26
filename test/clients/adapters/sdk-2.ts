import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { play, SERVER } from './play.ts';

// `auto` asks for server/discover first and falls back to initialize: what clients of the 2026-07-28 revision do.
await play(async () => {
  const client = new Client({ name: 'sdk-2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StdioClientTransport({ ...SERVER, stderr: 'inherit' }));
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: args })),
    resources: async () => (await client.listResources()).resources.length,
    prompts: async () => (await client.listPrompts()).prompts.length,
    close: () => client.close(),
  };
});
