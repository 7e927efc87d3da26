import { describe, expect, onTestFinished, test } from 'vitest';
import { StdioServer } from '../stdio-server.ts';

describe('clients of other protocol revisions', () => {
  test('server/discover first (2026-07-28): "method not found" is the first line out, and initialize works then', async () => {
    const server = new StdioServer();
    onTestFinished(async () => void (await server.close()));
    await expect(server.request('server/discover', {})).rejects.toThrow('-32601');
    await server.initialize();
    expect(JSON.parse(server.output[0] ?? '')).toMatchObject({ error: { code: -32601 } });
  });

  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('%s is agreed to', async (revision) => {
    const server = new StdioServer();
    onTestFinished(async () => void (await server.close()));
    const answer = await server.request('initialize', {
      protocolVersion: revision,
      capabilities: {},
      clientInfo: { name: 'old', version: '1' },
    });
    expect(answer).toMatchObject({ protocolVersion: revision });
  });
});
