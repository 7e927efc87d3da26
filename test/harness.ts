import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type ClientOptions } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { beforeAll, onTestFinished } from 'vitest';
import { openServices } from '../src/compose.ts';
import { readConfig } from '../src/config/config.ts';
import { type Clock, systemClock } from '../src/lib/clock.ts';
import { createServer } from '../src/protocol/server.ts';
import { QUERY_THREAD } from './query-thread.ts';
import type { Rows } from './real-rows.ts';
import { validators } from './validators.ts';

export const SERVER = fileURLToPath(new URL('../dist/index.js', import.meta.url));

type End = () => void | Promise<void>;

/** Takes what ends the servers and folders that are made here: with the test, unless `shared` makes them. */
let whenDone: (end: End) => void = onTestFinished;

/** What `make` makes before the tests of a file and ends after them, for tests that only read from it. */
export function shared<T>(make: () => Promise<T>): () => T {
  let made: { it: T } | undefined;
  beforeAll(async () => {
    const ends: End[] = [];
    whenDone = (end) => void ends.unshift(end);
    try {
      made = { it: await make() };
    } finally {
      whenDone = onTestFinished;
    }
    return async () => {
      for (const end of ends) await end();
    };
  });
  return () => {
    if (!made) throw new Error('made before the tests, not before the file');
    return made.it;
  };
}

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
  const config = readConfig(args, { ...folders(), ...env }, { platform: process.platform, home });
  const bugs: unknown[] = [];
  const server = createServer({
    version: '0.0.0-test',
    clock,
    readView: async () => '<!doctype html>',
    // Later than at once, as where they are loaded first.
    openServices: async () => {
      await new Promise(setImmediate);
      return openServices(config, '0.0.0-test', () => {}, { queryThread: QUERY_THREAD, clock });
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

/** The built server over stdio, with a client like that of `connect`; for what only a process of its own shows. */
export async function connectProcess(env: Record<string, string>, args: string[] = []): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { jsonSchemaValidator: validators });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER, ...args],
    env: { PATH: process.env.PATH ?? '', ...folders(), ...env },
    stderr: 'ignore',
  });
  await client.connect(transport);
  whenDone(() => client.close());
  await client.listTools();
  return client;
}

function folders(): Record<string, string> {
  return { OPENFUNNEL_STATE_DIR: temporaryFolder(), OPENFUNNEL_EXPORT_DIR: temporaryFolder() };
}

/** A folder of its own for the test, gone when it ends. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lookalikes-'));
  whenDone(() => rmSync(path, { recursive: true, force: true }));
  return path;
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

export interface Upstream {
  url: string;
  requests: Array<{ method: string; path: string; headers: IncomingMessage['headers']; body: string }>;
}

/** An upstream that answers as the test says; closed when the test ends. */
export async function upstream(
  answer: (request: Upstream['requests'][number], res: ServerResponse) => void,
): Promise<Upstream> {
  const requests: Upstream['requests'] = [];
  const server = createHttpServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const request = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body };
    requests.push(request);
    answer(request, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export function json(
  res: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

/** A job's answer about one of its pages, as the contract has it. */
export function pageOf(
  pages: Rows[],
  cursor: string | null,
  over: Record<string, unknown> = {},
): Record<string, unknown> {
  const index = cursor === null ? 0 : Number(cursor.slice(5));
  const name = (number: number) => `page_${String(number).padStart(4, '0')}`;
  const count = pages.reduce((sum, rows) => sum + rows.length, 0);
  return {
    job_id: 'job-1',
    status: 'completed',
    manifest: { count, pages: pages.length, page_size: 100, credits_consumed: count, partial: false },
    error_message: null,
    rows: pages[index] ?? [],
    page: name(index),
    next_cursor: index + 1 < pages.length ? name(index + 1) : null,
    count: pages[index]?.length ?? 0,
    processed: count,
    progress_message: 'completed',
    ...over,
  };
}

export function cursorOf(path: string): string | null {
  return new URL(path, 'http://x').searchParams.get('cursor');
}
