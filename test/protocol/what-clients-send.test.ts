import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

const sent: Array<{ method: string; path: string; body: unknown }> = [];
const { call } = await inMemory(folder, async ({ method, url, body }) => {
  sent.push({ method, path: url.pathname, body: body === undefined ? null : JSON.parse(body) });
  const answer =
    method === 'POST'
      ? { job_id: `job-${sent.length}`, status: 'pending', message: null }
      : { job_id: 'job-1', status: 'running', rows: [], next_cursor: null, processed: 1 };
  return { status: 200, retryAfter: undefined, body: JSON.stringify(answer) };
});

/** A submit's result and what went out for it. */
async function submit(args: Record<string, unknown>) {
  const before = sent.length;
  const result = await call('submit_lookalikes_bulk', args);
  // Seeds are looked up before, which is free and no submit.
  const isSubmit = ({ method, path }: (typeof sent)[number]) =>
    method === 'POST' && !path.endsWith('/lookup-companies');
  return { result, posts: sent.slice(before).filter(isSubmit) };
}

test('a strict mode fills every parameter, and what was meant is sent', async () => {
  const { result, posts } = await submit({
    query: 'banks',
    seed_domains: '["Ramp.com", "brex.com"]',
    limit: '25',
    min_employees: '',
    max_employees: null,
    funding_stages: [],
    locations: 'Germany, UK',
    search_type: '',
    confirm_credits: null,
    allow_duplicate: 'true',
    wait_for_previous: true,
  });
  const request = {
    query: 'banks',
    seed_domains: ['ramp.com', 'brex.com'],
    limit: 25,
    locations: ['DEU', 'GBR'],
  };
  expect(result.isError).toBeUndefined();
  expect(posts.map(({ body }) => body)).toEqual([request]);
  expect(result.structuredContent.request).toEqual(request);
  expect(result.content[0]?.text).toContain(JSON.stringify(request));
  for (const half of [result.content[0]?.text, JSON.stringify(result.structuredContent.notices)])
    expect(half).toContain('wait_for_previous');
});

test.each([
  ['limt', 'limit'],
  ['maxEmployees', 'max_employees'],
  ['Seed_Domains', 'seed_domains'],
  ['max_results', 'limit'],
  ['count', 'limit'],
  ['size', 'limit'],
  ['top_k', 'limit'],
  ['domains', 'seed_domains'],
  ['seeds', 'seed_domains'],
  ['countries', 'locations'],
  ['dry_run', 'dry_run'],
  ['exclusions', 'leave it out'],
  ['not_like', 'leave it out'],
  ['companiesToSkip', 'leave it out'],
  ['without', 'leave it out'],
  ['exclude_these_companies', 'leave it out'],
  ['sample', 'leave it out'],
  ['preview_only', 'leave it out'],
  ['simulate', 'leave it out'],
  ['test', 'leave it out'],
  ['rows', 'use limit'],
  ['top_n', 'use limit'],
  ['topResults', 'use limit'],
  ['budget_usd', 'use limit'],
  ['max_credits', 'use limit'],
  ['cap', 'use limit'],
  ['confirm', 'use confirm_credits'],
  ['confirmed_credits', 'use confirm_credits'],
  ['target_countries', 'use locations'],
  ['industry_focus', 'use query'],
  ['city', 'use query'],
  ['icp', 'use query'],
  ['filters', 'locations'],
  ['similar_to', 'use seed_domains'],
  ['min_size', 'use min_employees'],
  ['max_size', 'use max_employees'],
])('a submit with %s is refused with the right name, and nothing goes out', async (name, right) => {
  const { result, posts } = await submit({ query: 'x', [name]: 5 });
  expect(posts).toEqual([]);
  expect(result.isError).toBe(true);
  expect(result.structuredContent.error).toMatchObject({ code: 'invalid_input', submitted: 'no' });
  for (const half of [result.content[0]?.text, result.structuredContent.error.message]) {
    expect(half).toContain(JSON.stringify(name));
    expect(half).toContain(right);
  }
});

test.each([
  ['rows', '1-10'],
  ['row', 3],
  ['rank_range', '1-10'],
  ['fromRow', 1],
])('a verdict for %s %j is refused with the condition that marks them', async (name, value) => {
  const refused = await call('mark_companies', { job_id: 'job-1', verdict: 'keep', [name]: value });
  expect(refused.structuredContent.error).toMatchObject({ code: 'invalid_input', submitted: 'no' });
  for (const half of [refused.content[0]?.text, refused.structuredContent.error.message])
    expect(half).toContain('use where, such as row BETWEEN 1 AND 10');
});

test('what clients add of their own is ignored in a submit, with a notice', async () => {
  const added =
    'task_progress toolCallId sessionId action chatInput tool name title id explanation reason thought user_id';
  const given = Object.fromEntries(added.split(' ').map((name) => [name, 'text']));
  for (const [name, value] of Object.entries(given)) {
    const { result, posts } = await submit({ query: `with ${name}`, [name]: value });
    expect(posts).toHaveLength(1);
    expect(JSON.stringify(result.structuredContent.notices)).toContain(name);
  }
});

test.each([
  [{ limit: '12px' }, ['limit', '12px']],
  [{ limit: 0 }, ['limit', 'at least 1']],
  [{ limit: 10_001 }, ['limit', 'at most 10000']],
  [{ search_type: 'fuzzy' }, ['search_type', 'semantic', 'fuzzy']],
  [{ seed_domains: Array.from({ length: 11 }, (_, index) => `a${index}.com`) }, ['seed_domains', '10']],
  [{ seed_domains: ['linkedin.com/company/ramp'] }, ['linkedin.com/company/ramp', 'own website']],
  [{ locations: ['Germny'] }, ['Germny', 'DEU (Germany)']],
])('%j is refused in plain words before anything is sent', async (args, said) => {
  const { result, posts } = await submit({ query: 'x', ...args });
  expect(posts).toEqual([]);
  expect(result.structuredContent.error.code).toBe('invalid_input');
  for (const part of said) expect(result.structuredContent.error.message).toContain(part);
  expect(JSON.stringify(result)).not.toMatch(/Too (big|small)|MCP error|expected one of|Invalid option/);
});

test('a tool that spends nothing ignores any strange name, and says so in both halves', async () => {
  const result = await call('get_bulk_status', { job_id: 'job-1', job: 'x', dry_run: true, jobId: 'y' });
  expect(result.isError).toBeUndefined();
  for (const half of [result.content[0]?.text, JSON.stringify(result.structuredContent.notices)])
    for (const name of ['job', 'dry_run', 'jobId']) expect(half).toContain(name);
  const missing = await call('get_bulk_status', { jobId: 'job-1' });
  expect(missing.structuredContent.error.message).toContain('job_id: required');
  expect(missing.content[0]?.text).toContain('did you mean job_id?');
  const cancelled = await call('cancel_bulk_job', { job_id: 'job-1', jobId: 'job-2' });
  expect(cancelled.structuredContent.error.code).toBe('invalid_input');
});
