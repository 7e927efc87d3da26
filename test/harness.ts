import { Client, type ClientOptions } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { openServices } from '../src/compose.ts';
import { type Machine, readConfig } from '../src/config/config.ts';
import { type Patient, runDoctor } from '../src/doctor/doctor.ts';
import { type Clock, systemClock } from '../src/lib/clock.ts';
import { createServer } from '../src/protocol/server.ts';
import { sharedThread } from './sql-thread.ts';
import { temporaryFolder, whenDone } from './upstream.ts';
import { validators } from './validators.ts';

/** What most tests leave as it is. */
export interface ConnectOptions extends ClientOptions {
  /** The server's; default the system's. */
  clock?: Clock;
  /** Readies the client before it connects. */
  prepare?: (client: Client) => void;
}

/** Time that passes `times` as fast for who sleeps: for waits that something outside this process has to end. */
export function hurried(times: number): Clock {
  return { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / times, signal) };
}

/**
 * The server in this process, put together as `index.ts` does, with a client that validates results against the
 * output schemas. Folders that `env` does not name are the test's own. A bug in the server fails the test.
 */
export async function connect(
  env: Record<string, string>,
  args: string[] = [],
  { clock = systemClock, prepare = () => {}, ...options }: ConnectOptions = {},
): Promise<Client> {
  const home = temporaryFolder();
  const machine = { platform: process.platform, home };
  const given = { ...folders(), ...env };
  const config = readConfig(args, given, machine);
  const bugs: unknown[] = [];
  const server = createServer({
    version: '0.0.0-test',
    clock,
    readView: async () => '<!doctype html>',
    examine: async () => (await examined(given, args, machine)).text,
    // Later than at once, as where they are loaded first.
    openServices: async () => {
      await new Promise(setImmediate);
      return openServices(config, { version: '0.0.0-test', log: () => {}, thread: sharedThread, clock });
    },
    onBug: (where, error) => bugs.push(new Error(`a bug in ${where}`, { cause: error })),
  });
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { jsonSchemaValidator: validators, ...options },
  );
  prepare(client);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  whenDone(async () => {
    await client.close();
    await server.close();
    if (bugs.length > 0) throw bugs[0];
  });
  // Makes the client know the output schemas, which it then holds every result against.
  await client.listTools();
  return client;
}

/** What the doctor finds in a set-up, on a Node.js that is new enough. */
export function examined(
  env: Record<string, string>,
  args: readonly string[],
  machine: Machine,
  others: Partial<Patient> = {},
): Promise<{ text: string; ok: boolean }> {
  return runDoctor({
    args,
    env,
    machine,
    version: '0.0.0-test',
    node: '20.20.2',
    platform: 'linux-x64',
    clock: systemClock,
    ...others,
  });
}

function folders(): Record<string, string> {
  return { OPENFUNNEL_STATE_DIR: temporaryFolder(), OPENFUNNEL_EXPORT_DIR: temporaryFolder() };
}

/** A result's parts as tests look at them. */
export interface Called {
  isError: boolean;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape
  data: any;
  whole: CallToolResult;
}

export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  options: Parameters<Client['callTool']>[2] = {},
): Promise<Called> {
  const whole = (await client.callTool({ name, arguments: args }, undefined, options)) as CallToolResult;
  const first = whole.content[0];
  return {
    isError: whole.isError === true,
    text: first?.type === 'text' ? first.text : '',
    data: whole.structuredContent,
    whole,
  };
}
