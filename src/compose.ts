import { join } from 'node:path';
import type { Config } from './config/config.ts';
import { Ledger } from './jobs/ledger.ts';
import { systemClock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import { OpenFunnelClient } from './openfunnel/client.ts';
import { HttpTransport } from './openfunnel/http.ts';
import type { ServerParts } from './protocol/server.ts';

const SANDBOX_KEY = 'of_sandbox';

/**
 * The parts that do I/O, as the configuration wants them. Loaded at the first call that needs them, so that
 * a client which only lists the tools does not wait for them; nothing is opened before it is used.
 */
export function openParts(config: Config, version: string, log: Log): ServerParts {
  const http = new HttpTransport(systemClock, config.sandbox ? {} : config);
  let sandbox: Promise<{ url: string }> | undefined;
  const api = new OpenFunnelClient({
    baseUrl: config.sandbox ? new URL('http://sandbox.invalid/') : config.baseUrl,
    apiKey: config.sandbox ? SANDBOX_KEY : config.apiKey,
    clock: systemClock,
    random: Math.random,
    userAgent: `openfunnel-lookalikes-mcp/${version}`,
    send: config.sandbox
      ? async (exchange) => {
          sandbox ??= openSandbox(config);
          const { url } = await sandbox;
          return http.send({ ...exchange, url: new URL(exchange.url.pathname + exchange.url.search, url) });
        }
      : http.send,
  });
  const ledger = new Ledger({
    directory: config.stateDirectory,
    fileName: config.sandbox ? 'sandbox-jobs.jsonl' : 'jobs.jsonl',
    account: fingerprint(config.sandbox ? SANDBOX_KEY : (config.apiKey ?? '')),
    now: systemClock.now,
    onDamage: (line) => log('damaged line in the ledger skipped', { line }),
  });
  return {
    api,
    ledger,
    exportDirectory: config.exportDirectory,
    confirmAbove: config.confirmAbove,
    random: Math.random,
    sandbox: config.sandbox,
    holdsKey: (text) => !config.sandbox && api.holdsKey(text),
    leave: () => api.leave(),
  };
}

async function openSandbox(config: Config) {
  const { fileStore, startSandbox } = await import('./sandbox/index.ts');
  return startSandbox({
    speed: config.sandboxSpeed,
    store: fileStore(join(config.stateDirectory, 'sandbox-upstream.jsonl')),
  });
}

/** Tells two accounts apart without telling anything about the key. */
function fingerprint(key: string): string {
  // Loaded here, at the first call, and not at every start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(`openfunnel-lookalikes-mcp\0${key}`).digest('hex').slice(0, 16);
}
