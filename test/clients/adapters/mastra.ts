import { MCPClient } from '@mastra/mcp';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = new MCPClient({ id: 'mastra', servers: { lookalikes: SERVER } });
  const tools = await client.listTools();
  return {
    tools: async () => Object.keys(tools).map((name) => name.replace(/^lookalikes_/, '')),
    call: async (name, args) => JSON.stringify(await tools[`lookalikes_${name}`]?.execute?.(args, {})),
    resources: async () => (await client.resources.list()).lookalikes?.length ?? 0,
    prompts: async () => (await client.prompts.list()).lookalikes?.length ?? 0,
    close: () => client.disconnect(),
  };
});
