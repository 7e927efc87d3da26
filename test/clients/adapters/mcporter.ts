import { createRuntime } from 'mcporter';
import { play, SERVER } from './play.ts';

await play(async () => {
  const runtime = await createRuntime({
    servers: [
      {
        name: 'openfunnel',
        command: { kind: 'stdio', command: SERVER.command, args: SERVER.args, cwd: process.cwd() },
        env: SERVER.env,
      },
    ],
  });
  return {
    tools: async () => (await runtime.listTools('openfunnel')).map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await runtime.callTool('openfunnel', name, { args })),
    close: () => runtime.close(),
  };
});
