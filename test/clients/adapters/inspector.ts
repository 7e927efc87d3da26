import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { play, SERVER } from './play.ts';

const run = promisify(execFile);
const CLI = new URL(
  '../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
  import.meta.url,
);

/** One run of the Inspector's command line, which starts a server of its own. */
async function inspect(method: string, ...rest: string[]) {
  const env = Object.entries(SERVER.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const { stdout } = await run(
    process.execPath,
    [CLI.pathname, '--cli', ...env, SERVER.command, ...SERVER.args, '--method', method, ...rest],
    { maxBuffer: 20_000_000 },
  ).catch((error) => {
    // A tool that failed ends the command with an exit code; its result is printed all the same.
    if (error.stdout) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout;
}

await play(async () => ({
  tools: async () => JSON.parse(await inspect('tools/list')).tools.map((tool: { name: string }) => tool.name),
  call: (name, args) =>
    inspect(
      'tools/call',
      '--tool-name',
      name,
      ...Object.entries(args).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]),
    ),
  resources: async () => JSON.parse(await inspect('resources/list')).resources.length,
  prompts: async () => JSON.parse(await inspect('prompts/list')).prompts.length,
  close: async () => {},
}));
