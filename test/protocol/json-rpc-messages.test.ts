import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Send } from '../../src/openfunnel/http.ts';
import { StdioTransport } from '../../src/protocol/stdio.ts';
import { inMemoryServer } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const done: Send = async () => ({
  status: 200,
  retryAfter: undefined,
  body: JSON.stringify({
    job_id: 'job-1',
    status: 'completed',
    manifest: { count: 1, pages: 1, credits_consumed: 1 },
    rows: [{ name: 'Acme', domain: 'acme.com' }],
    page: 'page_0000',
    next_cursor: null,
    count: 1,
  }),
});

type Message = { id?: unknown; result?: Record<string, unknown>; error?: { code: number; message: string } };

/** A server spoken to in bare lines, which no client library has made right before. */
async function bare(protocolVersion: string | null) {
  const folder = temporaryFolder();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const server = inMemoryServer(folder, done).server;
  onTestFinished(() => server.close());
  await server.connect(new StdioTransport(input, output));
  const waiting = new Map<unknown, (message: Message) => void>();
  output.on('data', (chunk) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) {
      const message = JSON.parse(line) as Message;
      waiting.get(message.id)?.(message);
    }
  });
  let id = 0;
  const ask = (method: string, params?: unknown, over: Record<string, unknown> = {}) => {
    id += 1;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params, ...over })}\n`);
    return answered;
  };
  if (protocolVersion !== null) {
    await ask('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } });
  }
  return { ask, folder };
}

const contentOf = (message: Message) =>
  (message.result?.content ?? []) as Array<{ type: string; uri?: string }>;
const kinds = (message: Message) => contentOf(message).map(({ type }) => type);

test.each([
  ['2024-11-05', ['text']],
  ['2025-03-26', ['text']],
  ['2025-06-18', ['text', 'resource_link']],
  ['2025-11-25', ['text', 'resource_link']],
])('an export over protocol %s has %j', async (version, expected) => {
  const { ask } = await bare(version);
  for (const [name, args] of [
    ['export_bulk_results', { job_id: 'job-1' }],
    ['wait_and_collect', { job_id: 'job-1', format: 'jsonl' }],
  ] as const) {
    const exported = await ask('tools/call', { name, arguments: args });
    expect(kinds(exported)).toEqual(expected);
  }
});

test('what is linked can be read, and nothing else of the disk', async () => {
  const { ask, folder } = await bare('2025-11-25');
  const exported = await ask('tools/call', { name: 'export_bulk_results', arguments: { job_id: 'job-1' } });
  const uri = contentOf(exported)[1]?.uri ?? '';
  const read = await ask('resources/read', { uri });
  expect(read.result?.contents).toEqual([
    { uri, mimeType: 'text/csv', text: expect.stringContaining('Acme,acme.com') },
  ]);
  const secret = join(temporaryFolder(), 'secret.csv');
  writeFileSync(secret, 'secret');
  symlinkSync(secret, join(folder, 'link.csv'));
  writeFileSync(join(folder, '.hidden.csv'), 'secret');
  for (const bad of [
    pathToFileURL(secret).href,
    pathToFileURL(join(folder, 'link.csv')).href,
    pathToFileURL(join(folder, '.hidden.csv')).href,
    pathToFileURL(join(folder, 'jobs.jsonl/x.csv')).href,
    'file:///etc/passwd',
    'file://host/share/x.csv',
    `${pathToFileURL(folder).href}/../${'x'.repeat(300)}.csv`,
  ]) {
    const refused = await ask('resources/read', { uri: bad });
    expect(refused.error).toMatchObject({ code: -32_002 });
  }
});

test('null is absent: params, arguments, _meta, cursor, capabilities', async () => {
  const { ask } = await bare(null);
  const started = await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { roots: null, sampling: null, elicitation: { form: null } },
    clientInfo: { name: 'x', version: '1', title: null },
    _meta: null,
  });
  expect(started.result).toMatchObject({ protocolVersion: '2025-11-25' });
  for (const [method, params] of [
    ['tools/list', null],
    ['tools/list', { cursor: null, _meta: null }],
    ['ping', null],
    ['prompts/list', null],
    ['resources/list', null],
    ['tools/call', { name: 'list_bulk_jobs', arguments: null, _meta: null }],
    ['tools/call', { name: 'list_bulk_jobs', arguments: '{"limit": "5"}', _meta: { progressToken: null } }],
    ['tools/call', { name: 'list_bulk_jobs', arguments: '', _meta: 'x', task: null }],
    ['prompts/get', { name: 'find_lookalikes', arguments: { seeds: 'a.com', how_many: 5, filters: null } }],
    [
      'tools/call',
      { name: 'list_bulk_jobs', _meta: { 'io.modelcontextprotocol/related-task': { taskId: 5 } } },
    ],
  ] as const) {
    const answer = await ask(method, params);
    expect([method, answer.error]).toEqual([method, undefined]);
    expect(answer.result?.isError).toBeUndefined();
  }
  // Fields beside those of JSON-RPC are nothing to stay silent for.
  expect((await ask('ping', {}, { trace: 'x', error: null })).result).toEqual({});
});

test('an initialize without what it should have is answered', async () => {
  const { ask } = await bare(null);
  expect((await ask('initialize', { protocolVersion: '2025-06-18' })).result).toMatchObject({
    protocolVersion: '2025-06-18',
  });
});

test.each([
  ['initialize', { protocolVersion: 5 }],
  ['tools/call', {}],
  ['tools/call', { name: 5 }],
  ['tools/call', { name: 'nothing' }],
  ['tools/call', { name: 'list_bulk_jobs', arguments: 'x' }],
  ['tools/call', { name: 'list_bulk_jobs', arguments: [1] }],
  ['resources/read', { uri: 'x:y' }],
  ['resources/read', {}],
  ['prompts/get', { name: 'nothing' }],
  ['prompts/get', { name: 'find_lookalikes' }],
  ['completion/complete', { ref: 5 }],
  ['nothing/at-all', {}],
  ['logging/setLevel', { level: 'debug' }],
])('the error of %s %j is told in plain words', async (method, params) => {
  const { ask } = await bare('2025-11-25');
  const { error } = await ask(method, params);
  expect(error?.message).toMatch(/^[A-Z][^\n]*$/);
  expect(error?.message).not.toMatch(/MCP error|"code"|invalid_type|\[\s*\{|ZodError/);
  expect([-32_601, -32_602, -32_002]).toContain(error?.code);
});
