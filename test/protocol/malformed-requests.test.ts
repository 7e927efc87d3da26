import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { StdioTransport } from '../../src/protocol/stdio.ts';
import { inMemoryServer } from '../in-memory.ts';

test.each([
  ['tools/call', { name: 'get_bulk_status', arguments: [] }, 'params.arguments: must be an object'],
  ['tools/call', undefined, 'params: required'],
  ['tools/call', { name: 7 }, 'params.name: must be a text'],
  ['initialize', { protocolVersion: 5 }, 'params.protocolVersion: must be a text'],
  ['completion/complete', { ref: { type: 'x' }, argument: {} }, 'params.ref: must have one of'],
  ['ping', 'none', 'Invalid request'],
  ['ping', [1], 'Invalid request'],
] as Array<[string, unknown, string]>)(
  'a malformed %s %j is refused in plain words',
  async (method, params, said) => {
    const { server } = inMemoryServer('unused', async () => {
      throw new Error('nothing is sent');
    });
    const [input, output] = [new PassThrough(), new PassThrough()];
    await server.connect(new StdioTransport(input, output));
    const answered = new Promise<string>((resolve) => output.once('data', (line) => resolve(String(line))));
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    const answer = await answered;
    expect(answer).toContain(said === 'Invalid request' ? '-32600' : '-32602');
    expect(answer).toContain(said);
    expect(answer).not.toMatch(/Invalid input: |expected|received/);
    await server.close();
  },
);
