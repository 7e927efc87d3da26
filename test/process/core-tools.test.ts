import { expect, onTestFinished, test } from 'vitest';
import { StdioServer } from '../stdio-server.ts';

test('OPENFUNNEL_TOOLS=core serves the first eight tools alone', async () => {
  const server = new StdioServer({ env: { OPENFUNNEL_SANDBOX: '1', OPENFUNNEL_TOOLS: 'core' } });
  onTestFinished(async () => void (await server.close()));
  await server.initialize();
  const { tools } = (await server.request('tools/list')) as { tools: Array<{ name: string }> };
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
  await expect(server.call('lookup_companies', { companies: ['a'] })).rejects.toThrow(/Unknown tool/);
});
