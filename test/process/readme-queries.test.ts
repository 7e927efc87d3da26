import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, shownCalls } from '../../.build/documents/check.ts';
import { ROOT } from '../../.build/package/project.ts';
import { StdioServer } from '../stdio-server.ts';

// What the README shows as queries is asked of a list, so that nobody copies one that fails.
const QUERIES = codeBlocks(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  .filter(({ language }) => language === 'sql')
  .map(({ code }) => code.trim());
/** Those of the cookbook, with all their arguments; their lists need not hold what they ask for. */
const RECIPES = shownCalls(readFileSync(join(ROOT, '.github/COOKBOOK.md'), 'utf8'))
  .filter(({ tool }) => tool === 'query_companies')
  .map(({ args }) => args);

describe('the queries in the README', () => {
  const server = new StdioServer({ env: { OPENFUNNEL_SANDBOX: '1', OPENFUNNEL_SANDBOX_SPEED: '1000' } });

  beforeAll(async () => {
    await server.initialize();
    // The same search twice, so that there are companies in both.
    for (const allow_duplicate of [false, true]) {
      const search = { query: 'spend management', limit: 120, allow_duplicate };
      const submitted = await server.call('submit_lookalikes_bulk', search);
      const collected = await server.call('wait_and_collect', { job_id: submitted.structuredContent.job_id });
      expect(collected.structuredContent.complete).toBe(true);
    }
    return async () => void (await server.close());
  });

  it('are six', () => expect(QUERIES).toHaveLength(6));

  it.each(QUERIES)('%s', async (sql) => {
    const result = await server.call('query_companies', { sql });
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    expect(result.structuredContent.row_count).toBeGreaterThan(0);
  });

  it.each(RECIPES)('cookbook: $sql', async (args) => {
    const result = await server.call('query_companies', args);
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  });
});
