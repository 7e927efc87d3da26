import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = new MultiServerMCPClient({
    mcpServers: { openfunnel: { transport: 'stdio', ...SERVER } },
    useStandardContentBlocks: true,
  });
  const tools = await client.getTools();
  return {
    tools: async () => tools.map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await tools.find((tool) => tool.name === name)?.invoke(args)),
    close: () => client.close(),
  };
});
