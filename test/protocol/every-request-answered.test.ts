import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { StdioTransport } from '../../src/protocol/stdio.ts';
import { inMemoryServer } from '../in-memory.ts';
import { scaled } from '../scale.ts';
import { temporaryFolder } from '../upstream.ts';

/** The whole server behind a transport of lines; tells the answers to lines by their ids, as JSON. */
async function speaking() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const { server } = inMemoryServer(temporaryFolder(), async () => {
    throw new Error('nothing is asked of upstream');
  });
  await server.connect(new StdioTransport(input, output));
  onTestFinished(() => server.close());
  const ids: string[] = [];
  let rest = '';
  output.on('data', (chunk) => {
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) ids.push(JSON.stringify((JSON.parse(line) as { id: unknown }).id));
  });
  return {
    ids,
    write: (line: string) => void input.write(`${line}\n`),
    async answered(count: number) {
      while (ids.length < count) await new Promise(setImmediate);
      return ids;
    },
  };
}

const method = fc.constantFrom(
  'ping',
  'tools/list',
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'initialize',
  'tasks/get',
  'notifications/cancelled',
  '__proto__',
  '',
  'nope',
);
const params = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record(
    {
      _meta: fc.constantFrom(
        5,
        null,
        [],
        { progressToken: {} },
        { 'io.modelcontextprotocol/related-task': 5 },
      ),
      name: fc.constantFrom(5, null, 'get_credit_balance', 'list_bulk_jobs'),
      arguments: fc.jsonValue({ maxDepth: 1 }),
      task: fc.constantFrom(5, null, {}, { ttl: 'x' }),
      requestId: fc.constantFrom(1, 1.5),
    },
    { requiredKeys: [] },
  ),
);
const members = fc.record(
  { result: fc.jsonValue({ maxDepth: 1 }), error: fc.jsonValue({ maxDepth: 1 }), extra: fc.constant(1) },
  { requiredKeys: [] },
);
const id = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

test('every request that carries an id is answered once, whatever else it carries', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(id, { minLength: 1, maxLength: 10, selector: (each) => JSON.stringify(each) }),
      fc.array(fc.tuple(method, params, members), { minLength: 10, maxLength: 10 }),
      async (wanted, requests) => {
        const { write, answered } = await speaking();
        for (const [index, each] of wanted.entries()) {
          const [name, given, more] = requests[index] ?? ['ping', {}, {}];
          write(JSON.stringify({ jsonrpc: '2.0', id: each, method: name, params: given, ...more }));
        }
        const ids = await answered(wanted.length);
        expect([...ids].sort()).toEqual(wanted.map((each) => JSON.stringify(each)).sort());
      },
    ),
    { numRuns: scaled(15) },
  );
});

test('what is nested without end, a batch, and what is no message', async () => {
  const { write, answered } = await speaking();
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  write(
    `{"jsonrpc":"2.0","id":"deep","method":"tools/call","params":{"name":"list_bulk_jobs","arguments":{"x":${deep}}}}`,
  );
  write('{"jsonrpc":"2.0","id":1.5,"method":"ping"}');
  write('[{"jsonrpc":"2.0","id":"one","method":"ping"},5,{"id":2}]');
  write('[]');
  write('{"id":"no version","method":"ping"}');
  write('{"jsonrpc":"2.0","id":"no method"}');
  write('{"jsonrpc":"2.0","id":[],"method":"ping"}');
  expect(await answered(8)).toEqual([
    '"deep"',
    '1.5',
    '"one"',
    '2',
    'null',
    '"no version"',
    '"no method"',
    'null',
  ]);
});
