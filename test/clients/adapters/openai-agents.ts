import { MCPServerStdio } from '@openai/agents';
import { play, SERVER } from './play.ts';

await play(async () => {
  const server = new MCPServerStdio({ name: 'openfunnel', ...SERVER, cacheToolsList: true });
  await server.connect();
  return {
    tools: async () => (await server.listTools()).map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await server.callTool(name, args)),
    close: () => server.close(),
  };
});
