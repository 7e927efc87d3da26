import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { SERVER } from '../stdio-server.ts';
import { temporaryFolder } from '../upstream.ts';

interface Answer {
  id: number;
  // biome-ignore lint/suspicious/noExplicitAny: results of every shape are looked into
  result?: any;
}

/** The built server with just this environment, in an empty folder of its own. */
function start(
  env: Record<string, string>,
  { args = [], nodeArgs = [], ...options }: { args?: string[]; nodeArgs?: string[] } & SpawnOptions = {},
) {
  const cwd = temporaryFolder();
  const child = spawn(process.execPath, [...nodeArgs, SERVER, ...args], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const listen = () => {
    if (!child.stdout || waiting.size > 0) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      waiting.get(answer.id)?.(answer);
    });
  };
  let id = 0;
  const ask = (method: string, params: Record<string, unknown> = {}) => {
    id += 1;
    listen();
    const answered = new Promise<Answer>((resolve, reject) => {
      waiting.set(id, resolve);
      void exited.then((code) =>
        reject(new Error(`the server ended (${code}) before it answered ${method}`)),
      );
    });
    child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return answered.then(({ result }) => result);
  };
  const initialize = () =>
    ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    });
  const call = (name: string, args: Record<string, unknown> = {}) =>
    ask('tools/call', { name, arguments: args });
  return { child, cwd, exited, ask, initialize, call };
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

test('a configuration that can’t be used: one line on stderr, tools listed, each call told what to change', async () => {
  const state = temporaryFolder();
  const secret = 'of_s3cr3tS3cr3t';
  const { child, initialize, ask, call, exited } = start({
    HOME: state,
    OPENFUNNEL_API_KEY: secret,
    OPENFUNNEL_EXPORT_DIR: 'relative',
    HTTPS_PROXY: `socks5://user:${secret}@127.0.0.1:1`,
  });
  const stderr = textOf(child.stderr);
  await initialize();
  const { tools } = await ask('tools/list');
  expect(tools.length).toBeGreaterThan(5);
  for (const [name, args] of [
    ['submit_lookalikes_bulk', { query: 'x' }],
    ['get_bulk_status', { job_id: 'x' }],
    ['list_bulk_jobs', {}],
    ['export_bulk_results', {}],
  ] as const) {
    const { isError, structuredContent, content } = await call(name, args);
    expect(isError).toBe(true);
    expect(structuredContent.error).toMatchObject({ code: 'invalid_configuration', submitted: 'no' });
    for (const half of [structuredContent.error.message, content[0].text])
      for (const variable of ['OPENFUNNEL_EXPORT_DIR', 'HTTPS_PROXY']) expect(half).toContain(variable);
    expect(JSON.stringify([structuredContent, content])).not.toContain(secret);
  }
  child.stdin?.end();
  expect(await exited).toBe(0);
  const lines = (await stderr).trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('OPENFUNNEL_EXPORT_DIR');
  expect(lines[0]).not.toContain(secret);
});

test.each([['--version'], ['--help']])('%s never looks at the configuration', async (flag) => {
  const { child, exited } = start({ OPENFUNNEL_STATE_DIR: 'x', HTTPS_PROXY: 'socks5://x' }, { args: [flag] });
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  expect([await exited, err]).toEqual([0, '']);
  expect(out).not.toBe('');
});

test('an unknown flag ends with exit code 2, said on stderr', async () => {
  const { child, exited } = start({ HOME: temporaryFolder() }, { args: ['--sandbx'] });
  expect(await textOf(child.stderr)).toContain('--sandbx');
  expect(await exited).toBe(2);
});

test('the sandbox runs on defaults, and says so', async () => {
  const { initialize, call } = start(
    { HOME: temporaryFolder(), OPENFUNNEL_SANDBOX_SPEED: 'fast' },
    { args: ['--sandbox'] },
  );
  await initialize();
  const { isError, structuredContent } = await call('get_credit_balance');
  expect(isError).toBeUndefined();
  expect(structuredContent.notices.join()).toContain('OPENFUNNEL_SANDBOX_SPEED');
});

test('too old a Node: the first thing said is what is needed, with exit code 2', async () => {
  const preload = join(temporaryFolder(), 'old.cjs');
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });`,
  );
  const { child, exited } = start({}, { nodeArgs: ['--require', preload] });
  const stderr = await textOf(child.stderr);
  expect(stderr).toMatch(/needs Node\.js >= 20\.18\.1, this is 18\.20\.4/);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await exited).toBe(2);
});

test('no home and nothing that can be written: works, says what is not kept, leaves the folder it runs in alone', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  // Below a file nothing can be made, whoever one is.
  const { cwd, initialize, call } = start(
    { HOME: '', TMPDIR: file, OPENFUNNEL_SANDBOX_SPEED: '1000' },
    { args: ['--sandbox'] },
  );
  await initialize();
  const submitted = await call('submit_lookalikes_bulk', { query: 'banks', limit: 5 });
  expect(submitted.isError).toBeUndefined();
  const { job_id } = submitted.structuredContent;
  expect(submitted.structuredContent.notices.join()).toMatch(/NOT recorded/);
  const collected = await call('wait_and_collect', { job_id, max_wait_seconds: 20 });
  expect(collected.structuredContent).toMatchObject({ complete: true });
  const exported = await call('export_bulk_results', { job_id });
  expect(exported.structuredContent.error.message).toContain('OPENFUNNEL_EXPORT_DIR');
  const imported = await call('import_known_companies', { list: 'crm', companies: ['acme.com'] });
  expect(imported.structuredContent.error).toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('OPENFUNNEL_STATE_DIR'),
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('nobody reads stderr: no hang, and no end when it is closed', async () => {
  const state = temporaryFolder();
  mkdirSync(join(state, 'state'));
  // Each damaged line is told on stderr: many times what a pipe holds.
  writeFileSync(join(state, 'state', 'jobs.jsonl'), '{"broken\n'.repeat(20_000));
  const { child, initialize, call, exited } = start({
    HOME: state,
    OPENFUNNEL_API_KEY: 'of_x',
    OPENFUNNEL_STATE_DIR: join(state, 'state'),
  });
  await initialize();
  expect((await call('list_bulk_jobs')).isError).toBeUndefined();
  child.stderr?.destroy();
  writeFileSync(join(state, 'state', 'jobs.jsonl'), '\n{"broken\n'.repeat(500), { flag: 'a' });
  expect((await call('list_bulk_jobs')).isError).toBeUndefined();
  expect((await call('list_bulk_jobs')).isError).toBeUndefined();
  child.stdin?.end();
  expect(await exited).toBe(0);
});
