import { createMCPClient } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport as StdioTransport } from '@ai-sdk/mcp/mcp-stdio';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = await createMCPClient({ transport: new StdioTransport(SERVER) });
  const tools = await client.tools();
  return {
    tools: async () => Object.keys(tools),
    call: async (name, args) =>
      JSON.stringify(await tools[name]?.execute(args, { toolCallId: '1', messages: [] })),
    resources: async () => (await client.listResources()).resources.length,
    prompts: async () => (await client.experimental_listPrompts()).prompts.length,
    close: () => client.close(),
  };
});
