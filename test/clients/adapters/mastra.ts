import { MCPClient } from '@mastra/mcp';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = new MCPClient({ id: 'mastra', servers: { openfunnel: SERVER } });
  const tools = await client.listTools();
  return {
    tools: async () => Object.keys(tools).map((name) => name.replace(/^openfunnel_/, '')),
    call: async (name, args) => JSON.stringify(await tools[`openfunnel_${name}`]?.execute?.(args, {})),
    resources: async () => (await client.resources.list()).openfunnel?.length ?? 0,
    prompts: async () => (await client.prompts.list()).openfunnel?.length ?? 0,
    close: () => client.disconnect(),
  };
});
