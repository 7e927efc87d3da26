import { MCPClient } from 'mcp-use';
import { play, SERVER } from './play.ts';

await play(async () => {
  const client = MCPClient.fromDict({ mcpServers: { openfunnel: SERVER } });
  const session = await client.createSession('openfunnel');
  return {
    tools: async () => (await session.listTools()).map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await session.callTool(name, args)),
    resources: async () => (await session.listResources()).resources.length,
    prompts: async () => (await session.listPrompts()).prompts.length,
    close: () => client.closeAllSessions(),
  };
});
