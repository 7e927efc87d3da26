import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { openServices } from '../src/compose.ts';
import { readConfig } from '../src/config/config.ts';
import { type Clock, systemClock } from '../src/lib/clock.ts';
import type { Send } from '../src/openfunnel/http.ts';
import { createServer } from '../src/protocol/server.ts';
import { Ledger } from '../src/spending/ledger.ts';
import { sharedThread } from './sql-thread.ts';
import type { RawResult } from './stdio-server.ts';
import { validators } from './validators.ts';

/** What most tests leave as it is. */
export interface InMemoryOptions {
  /** Of the ledger's records and the time that reading and writing it may take; default the system's. */
  ledgerClock?: Clock;
  /** Default none is asked for. Credits. */
  confirmAbove?: number | null;
  /** Default always 0: what is tried again, is at once. */
  random?: () => number;
  /** Serves the tools of the normal path alone. */
  coreTools?: boolean;
}

/** A server in this process over an upstream that `send` plays, its ledger and exports in `folder`; not connected. */
export function inMemoryServer(
  folder: string,
  send: Send,
  clock: Clock = systemClock,
  {
    ledgerClock = systemClock,
    confirmAbove = null,
    random = () => 0,
    coreTools = false,
  }: InMemoryOptions = {},
) {
  const env = { OPENFUNNEL_API_KEY: 'of_secret', OPENFUNNEL_BASE_URL: 'https://api.test/' };
  const config = {
    ...readConfig([], env, { platform: process.platform, home: folder }),
    stateDirectory: folder,
    exportDirectory: folder,
    keepRows: false,
    confirmAbove,
  };
  const ledger = new Ledger({
    directory: folder,
    account: 'a',
    clock: ledgerClock,
  });
  const server = createServer({
    version: '0.0.0',
    clock,
    coreTools,
    onBug: (where, error) => {
      throw new Error(`a bug in ${where}`, { cause: error });
    },
    readView: async () => '<!doctype html>',
    examine: async () => 'No problems found.',
    openServices: () =>
      openServices(config, {
        version: '0.0.0',
        log: () => {},
        clock,
        random,
        send,
        ledger,
        thread: sharedThread,
      }),
  });
  return { server, ledger };
}

/** The same with a client connected to it. */
export async function inMemory(folder: string, send: Send, clock?: Clock, options?: InMemoryOptions) {
  const { server, ledger } = inMemoryServer(folder, send, clock, options);
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' }, { jsonSchemaValidator: validators });
  await Promise.all([server.connect(far), client.connect(near)]);
  const call = (name: string, args: Record<string, unknown>) =>
    client.callTool({ name, arguments: args }) as unknown as Promise<RawResult>;
  return { call, ledger, client };
}
