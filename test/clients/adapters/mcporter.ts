import { createRuntime } from 'mcporter';
import { play, SERVER } from './play.ts';

await play(async () => {
  const runtime = await createRuntime({
    servers: [
      {
        name: 'lookalikes',
        command: { kind: 'stdio', command: SERVER.command, args: SERVER.args, cwd: process.cwd() },
        env: SERVER.env,
      },
    ],
  });
  return {
    tools: async () => (await runtime.listTools('lookalikes')).map((tool) => tool.name),
    call: async (name, args) => JSON.stringify(await runtime.callTool('lookalikes', name, { args })),
    close: () => runtime.close(),
  };
});
