import { readFile } from 'node:fs/promises';
import packageJson from '../package.json' with { type: 'json' };
import { ConfigError, HELP, readConfig } from './config/config.ts';
import { thisMachine } from './config/machine.ts';
import { systemClock } from './lib/clock.ts';
import { later, loadAll } from './lib/later.ts';
import { jsonLog } from './lib/log.ts';
import { createServer } from './protocol/server.ts';
import { StdioTransport } from './protocol/stdio.ts';

/** Answers to calls in flight get this long after the end of input. Milliseconds. */
const LAST_WORDS_MS = 800;
/** Work on files gets this long to end after everything else has. Milliseconds. */
const LAST_FILES_MS = 500;

const log = jsonLog(process.stderr, systemClock.now);

const view = later(() => readFile(new URL('./view.html', import.meta.url), 'utf8'));
const compose = later(() => import('./compose.ts'));
const doctor = later(async () => {
  const [{ runDoctor }, { HttpTransport }] = await Promise.all([
    import('./doctor/doctor.ts'),
    import('./openfunnel/http.ts'),
  ]);
  return { runDoctor, HttpTransport };
});

async function main(): Promise<void> {
  if (process.argv[2] === 'doctor') {
    const { text, ok } = await examine(process.argv.slice(3));
    process.stdout.write(text);
    process.exitCode = ok ? 0 : 1;
    return;
  }
  const config = readConfig(process.argv.slice(2), process.env, thisMachine());
  if (config.mode === 'help') {
    process.stdout.write(HELP);
    return;
  }
  if (config.mode === 'version') {
    process.stdout.write(`${packageJson.version}\n`);
    return;
  }
  if (config.problems.length > 0) {
    log(
      config.sandbox || config.mode === 'serve-sandbox'
        ? 'invalid settings replaced by defaults'
        : 'invalid configuration',
      {
        problem: config.problems.map(({ says }) => says).join('; '),
      },
    );
  }
  if (config.mode === 'serve-sandbox') {
    const { startSandbox } = await import('./sandbox/index.ts');
    const options = { port: config.sandboxPort, speed: config.sandboxSpeed };
    const sandbox = await startSandbox(options).catch((error: unknown) => {
      throw whyNotServed(error, config.sandboxPort);
    });
    log('sandbox listening', { url: sandbox.url, api_key: sandbox.apiKey });
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(0));
    return;
  }

  const server = createServer({
    version: packageJson.version,
    clock: systemClock,
    coreTools: config.coreTools,
    readView: view,
    openServices: async () => (await compose()).openServices(config, { version: packageJson.version, log }),
    loadRest: loadAll,
    examine: async () => (await examine(process.argv.slice(2))).text,
    onBug: (where, error) =>
      log('unexpected error', {
        where,
        kind: error instanceof Error ? error.name : typeof error,
        stack: frames(error),
      }),
  });
  const transport = new StdioTransport(process.stdin, process.stdout);
  const stop = once(async (graceMs: number) => {
    if (graceMs > 0) {
      await Promise.race([
        systemClock.sleep(graceMs),
        new Promise<void>((idle) => {
          transport.onidle = idle;
        }),
      ]);
    }
    await server.close();
    await endProcess();
  });
  transport.ongone = () => {
    // No output, no answer to give; else calls in flight may still end.
    void stop(process.stdout.writable && transport.unanswered > 0 ? LAST_WORDS_MS : 0);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => void stop(0));
  await server.connect(transport);
}

/** What is wrong with a port that can't be listened on, where that is the user's to change; else the error itself. */
function whyNotServed(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why =
    code === 'EADDRINUSE'
      ? 'is in use by another program'
      : code === 'EACCES'
        ? 'may not be used by this user'
        : null;
  if (why === null) return error;
  return new ConfigError(
    `port ${port} ${why}; choose another one: --serve-sandbox PORT (0 takes any free one)`,
  );
}

/** What the doctor finds in this installation. */
async function examine(args: readonly string[]): Promise<{ text: string; ok: boolean }> {
  const { runDoctor, HttpTransport } = await doctor();
  return runDoctor({
    args,
    env: process.env,
    machine: thisMachine(),
    version: packageJson.version,
    node: { version: process.versions.node, needed: packageJson.engines.node },
    platform: `${process.platform}-${process.arch}`,
    now: systemClock.now,
    openSend: (config) => new HttpTransport(systemClock, config),
  });
}

/**
 * Ends the process. Node's own end waits for the threads that work on files and look up names: one that is stuck
 * there (a network folder that has gone away) would keep it for ever, so then the system ends it.
 */
async function endProcess(): Promise<void> {
  const working = () => process.getActiveResourcesInfo().some((name) => /^FSReq|^GetAddrInfo/.test(name));
  for (let left = LAST_FILES_MS; working() && left > 0; left -= 50) await systemClock.sleep(50);
  if (working()) process.kill(process.pid, 'SIGKILL');
  process.exit(0);
}

function once<Args extends unknown[], T>(run: (...args: Args) => T): (...args: Args) => T {
  let result: { value: T } | undefined;
  return (...args) => {
    result ??= { value: run(...args) };
    return result.value;
  };
}

/** Where an unexpected error came from, without its message, which could carry a query or a row. */
function frames(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
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

main().catch((error: unknown) => {
  const message =
    error instanceof ConfigError ? error.message : `failed to start (${(error as Error)?.name})`;
  process.stderr.write(`openfunnel-lookalikes-mcp: ${message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
});
