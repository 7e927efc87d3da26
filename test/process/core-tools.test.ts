import { expect, test } from 'vitest';
import { connectProcess } from '../harness.ts';

test('OPENFUNNEL_TOOLS=core serves the first eight tools alone', async () => {
  const client = await connectProcess({ OPENFUNNEL_SANDBOX: '1', OPENFUNNEL_TOOLS: 'core' });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'submit_lookalikes_bulk',
    'wait_and_collect',
    'get_bulk_status',
    'get_bulk_page',
    'cancel_bulk_job',
    'list_bulk_jobs',
    'export_bulk_results',
    'get_credit_balance',
  ]);
  await expect(
    client.callTool({ name: 'lookup_companies', arguments: { companies: ['a'] } }),
  ).rejects.toThrow(/Unknown tool/);
});
