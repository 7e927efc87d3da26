import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { HELP } from '../../src/config/config.ts';
import { SERVER } from '../stdio-server.ts';
import { temporaryFolder } from '../upstream.ts';

// Every option that --help names is given to the built server.

/** The built server with these arguments, in an empty home. */
function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [SERVER, ...args], {
    env: { HOME: temporaryFolder() },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return child;
}

/** What it printed, and its exit code. */
async function ended(child: ChildProcess) {
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (text) => (printed[stream] += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...printed };
}

/** The next line of a stream as JSON. */
async function nextLine(stream: NodeJS.ReadableStream | null) {
  if (!stream) throw new Error('no such stream');
  for await (const line of createInterface({ input: stream })) return JSON.parse(line);
}

/** Talks to a server that was started with an option, and finds made-up credits. */
const isSandbox = (option: string) => async () => {
  const { stdin, stdout } = start(option);
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'x', version: '1' },
  };
  for (const message of [
    { id: 1, method: 'initialize', params },
    { id: 2, method: 'tools/call', params: { name: 'get_credit_balance', arguments: {} } },
  ])
    stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  for await (const line of createInterface({ input: stdout as NodeJS.ReadableStream })) {
    const { id, result } = JSON.parse(line);
    if (id !== 2) continue;
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent.notices.join()).toContain('made up');
    return;
  }
  throw new Error('it ended without an answer');
};

const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  '--sandbox': isSandbox('--sandbox'),
  // Where the form leaves the key empty, as here.
  '--form': isSandbox('--form'),
  '--serve-sandbox': async () => {
    const { url, api_key } = await nextLine(start('--serve-sandbox', '0').stderr);
    const answer = await fetch(`${url}/api/v1/credits/balance`, { headers: { 'x-api-key': api_key } });
    expect(answer.status).toBe(200);
  },
  doctor: async () => {
    const { code, stdout } = await ended(start('doctor'));
    // There is no key.
    expect(code).toBe(1);
    expect(stdout).toContain('OPENFUNNEL_API_KEY');
  },
  '--json': async () => {
    const { stdout } = await ended(start('doctor', '--json'));
    expect(JSON.parse(stdout)).toBeTypeOf('object');
  },
  '--help': async () => expect(await ended(start('--help'))).toEqual({ code: 0, stdout: HELP, stderr: '' }),
  '--version': async () =>
    expect(await ended(start('--version'))).toEqual({
      code: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    }),
};

describe('options of --help', () => {
  const [options = ''] = HELP.split('\nEnvironment:');
  const named = new Set([...options.matchAll(/--[a-z][a-z-]*|^ {2}([a-z]+)/gm)].map(([all]) => all.trim()));

  test.each([...named])('%s', async (option) => {
    expect(RUNS, `nothing runs ${option}`).toHaveProperty(option);
    await RUNS[option]?.();
  });

  test('nothing else is run', () => expect(Object.keys(RUNS).sort()).toEqual([...named].sort()));
});

test('--serve-sandbox on a port that is taken says so, and what to do, with exit code 2', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await ended(start('--serve-sandbox', String(port)));
  expect(code).toBe(2);
  expect(stderr).toContain(`port ${port} is in use`);
  expect(stderr).toContain('--serve-sandbox PORT');
});
