import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { validators } from './validators.ts';

/** A command line as a client's configuration gives it. */
export interface Launch {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/**
 * Starts what a configuration says, in a folder that stands for the user's home, and hands the connected client to
 * `use`; the server is ended in any case. Nothing of this process's environment but PATH reaches it.
 */
export async function withLaunched<T>(
  { command, args, env }: Launch,
  home: string,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  mkdirSync(home, { recursive: true });
  const client = new Client({ name: 'test', version: '1' }, { jsonSchemaValidator: validators });
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    cwd: home,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      USERPROFILE: home,
      XDG_STATE_HOME: join(home, 'state'),
      npm_config_update_notifier: 'false',
      ...env,
    },
    stderr: 'inherit',
  });
  try {
    await client.connect(transport);
    return await use(client);
  } finally {
    await client.close();
  }
}

/** A call's structured content; fails the test when the tool says that it failed. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape
export async function callTool(client: Client, name: string, args: Record<string, unknown>): Promise<any> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`);
  return result.structuredContent;
}

/** Names of the server's tools, sorted. */
export async function toolNames(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map((tool) => tool.name).sort();
}
