import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { inMemoryServer } from '../in-memory.ts';

test.each([
  ['tools/call', { name: 'get_bulk_status', arguments: [] }, 'params.arguments: must be an object'],
  ['tools/call', undefined, 'params: required'],
  ['tools/call', { name: 7 }, 'params.name: must be a text'],
  ['initialize', { protocolVersion: 5 }, 'params.protocolVersion: must be a text'],
  ['completion/complete', { ref: { type: 'x' }, argument: {} }, 'params.ref: must have one of'],
] as Array<[string, Record<string, unknown> | undefined, string]>)(
  'a malformed %s %j is refused in plain words',
  async (method, params, said) => {
    const { server } = inMemoryServer('unused', async () => {
      throw new Error('nothing is sent');
    });
    const [near, far] = InMemoryTransport.createLinkedPair();
    await server.connect(far);
    const answered = new Promise<JSONRPCMessage>((resolve) => {
      near.onmessage = resolve;
    });
    await near.start();
    await near.send({ jsonrpc: '2.0', id: 1, method, ...(params ? { params } : {}) });
    const answer = JSON.stringify(await answered);
    expect(answer).toContain('-32602');
    expect(answer).toContain(said);
    expect(answer).not.toMatch(/Invalid input: |expected|received/);
    await server.close();
  },
);
