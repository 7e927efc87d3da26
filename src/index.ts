import { readFile } from 'node:fs/promises';
import packageJson from '../package.json' with { type: 'json' };
import { type Config, ConfigError, HELP, readConfig } from './config/config.ts';
import { thisMachine } from './config/folders.ts';
import { systemClock } from './lib/clock.ts';
import { later, loadAll } from './lib/later.ts';
import { jsonLog } from './lib/log.ts';
import { lowerFirst } from './lib/text.ts';
import { createServer } from './protocol/server.ts';
import { StdioTransport } from './protocol/stdio.ts';

/** Answers to calls in flight get this long after the end of input. Milliseconds. */
const LAST_WORDS_MS = 800;
/** Work on files gets this long to end after everything else has. Milliseconds. */
const LAST_FILES_MS = 500;

const VERSION = packageJson.version;
const log = jsonLog(process.stderr, systemClock.now);

const view = later(() => readFile(new URL('./view.html', import.meta.url), 'utf8'));
const compose = later(() => import('./compose.ts'));
const doctor = later(() => import('./doctor/doctor.ts'));
const network = later(() => import('./doctor/network.ts'));

async function main([command, ...others]: string[]): Promise<void> {
  if (command === 'doctor') {
    const { text, ok } = await examine(others);
    process.stdout.write(text);
    process.exitCode = ok ? 0 : 1;
    return;
  }
  const config = readConfig(process.argv.slice(2), process.env, thisMachine());
  if (config.mode === 'help' || config.mode === 'version') {
    process.stdout.write(config.mode === 'help' ? HELP : `${VERSION}\n`);
    return;
  }
  if (config.problems.length > 0) {
    const replaced = config.sandbox || config.mode === 'serve-sandbox';
    log(replaced ? 'invalid settings replaced by defaults' : 'invalid configuration', {
      problem: config.problems.map(({ says }) => says).join('; '),
    });
  }
  await (config.mode === 'serve' ? serve(config) : serveSandbox(config.sandboxPort, config.sandboxSpeed));
}

/** The server for a client that has started this process; ends it when the client goes. */
async function serve(config: Config): Promise<void> {
  const server = createServer({
    version: VERSION,
    clock: systemClock,
    coreTools: config.coreTools,
    readView: view,
    openServices: async () => (await compose()).openServices(config, { version: VERSION, log }),
    loadRest: loadAll,
    examine: async () => (await examine(process.argv.slice(2))).text,
    onBug: (where, error) => {
      const kind = error instanceof Error ? error.name : typeof error;
      log('unexpected error', { where, kind, stack: frames(error) });
    },
  });
  const transport = new StdioTransport(process.stdin, process.stdout);
  let stopping = false;
  const stop = async (graceMs: number) => {
    if (stopping) return;
    stopping = true;
    const idle = new Promise<void>((resolve) => {
      transport.onidle = resolve;
    });
    if (graceMs > 0) await Promise.race([systemClock.sleep(graceMs), idle]);
    await server.close();
    await endProcess();
  };
  transport.ongone = () => {
    // No output, no answer to give; else calls in flight may still end.
    void stop(process.stdout.writable && transport.unanswered > 0 ? LAST_WORDS_MS : 0);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => void stop(0));
  await server.connect(transport);
}

/** The simulator alone, over HTTP. @throws {ConfigError} where the port can't be used. */
async function serveSandbox(port: number, speed: number): Promise<void> {
  const { startSandbox } = await import('./sandbox/serve.ts');
  const { verdict, says, advice } = await (await network()).portFinding(port);
  if (verdict !== 'ok') throw new ConfigError(`${lowerFirst(says)} ${advice}`);
  const sandbox = await startSandbox({ port, speed });
  log('sandbox listening', { url: sandbox.url, api_key: sandbox.apiKey });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(0));
}

/** What the doctor finds in this installation. */
async function examine(args: readonly string[]): Promise<{ text: string; ok: boolean }> {
  const { runDoctor } = await doctor();
  return runDoctor({
    args,
    env: process.env,
    machine: thisMachine(),
    version: VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    clock: systemClock,
  });
}

/**
 * Ends the process. Node's own end waits for threads that are stuck in a folder or a name that has gone away; the system
 * does not.
 */
async function endProcess(): Promise<void> {
  const working = () => process.getActiveResourcesInfo().some((name) => /^FSReq|^GetAddrInfo/.test(name));
  for (let left = LAST_FILES_MS; working() && left > 0; left -= 50) await systemClock.sleep(50);
  if (working()) process.kill(process.pid, 'SIGKILL');
  process.exit(0);
}

/** Where an unexpected error came from, without its message, which could carry a query or a row. */
function frames(error: unknown): string {
  const lines = (error instanceof Error && error.stack?.match(/^ +at .*/gm)) || [];
  return lines
    .slice(0, 8)
    .map((line) => line.trim())
    .join(' < ');
}

// If nobody reads the output, that is no reason to exit.
process.stderr.on('error', () => {});
process.stdout.on('error', () => {});
process.on('unhandledRejection', (error) => log('unhandled rejection', { stack: frames(error) }));
process.on('uncaughtException', (error) => {
  log('uncaught exception', { kind: error.name, stack: frames(error) });
  process.exit(1);
});

main(process.argv.slice(2)).catch((error: unknown) => {
  const message =
    error instanceof ConfigError ? error.message : `failed to start (${(error as Error)?.name})`;
  process.stderr.write(`openfunnel-lookalikes-mcp: ${message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
});
