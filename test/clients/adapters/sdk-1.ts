import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = new Client({ name: 'sdk-1', version: '1' });
  await client.connect(new StdioClientTransport({ ...SERVER, stderr: 'inherit' }));
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await client.callTool({ name, arguments: args })),
    resources: async () => (await client.listResources()).resources.length,
    prompts: async () => (await client.listPrompts()).prompts.length,
    close: () => client.close(),
  };
});
