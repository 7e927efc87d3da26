import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { inAnswers, inArguments, inCompanies, inFiles } from '../long-text-calls.ts';
import { ONCE_SLOW } from '../long-texts.ts';
import { pageOf, upstream } from '../upstream.ts';

test.each([120, 5_000, 200_000])('a field %i levels deep leaves its list collectable', async (levels) => {
  const deep = `${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`;
  const body = JSON.stringify(pageOf([[{ name: 'Acme', domain: 'acme.example', deep: 'HERE' }]], null));
  const { url } = await upstream((_request, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(body.replace('"HERE"', deep));
  });
  const client = await connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_0123456789' });
  const collected = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  expect(collected.data).toMatchObject({ complete: true });
  expect((await call(client, 'get_bulk_page', { job_id: 'job-1', fields: 'all' })).text).toContain('Acme');
  const { data } = await call(client, 'export_bulk_results', { job_id: 'job-1', format: 'jsonl' });
  const [row = ''] = readFileSync(data.path, 'utf8').split('\n');
  expect(JSON.parse(row)).toMatchObject({ name: 'Acme', domain: 'acme.example' });
  expect(row).toContain('…[cut: nested deeper than 6 levels]');
});

// All signs are in test/heavy/long-texts.test.ts.

test('companies whose texts were slow once are collected', () => inCompanies(ONCE_SLOW.slice(-4)));
test('answers that were slow once are told', () => inAnswers(ONCE_SLOW.slice(-2)));
test('files that were slow once are imported or refused', () => inFiles(ONCE_SLOW.slice(0, 4)));
test('arguments that were slow once are answered', () => inArguments(ONCE_SLOW, 16));

test('a statement of 20,000 characters in a fence of empty lines is answered', async () => {
  const client = await connect({ OPENFUNNEL_API_KEY: 'of_0123456789' });
  for (const sql of [
    `\`\`\`${'\n'.repeat(19_000)}`,
    `\`\`\`sql\n${' ;'.repeat(9_000)}\n`,
    '\\'.repeat(20_000),
  ])
    expect((await call(client, 'query_companies', { job_id: 'job-1', sql })).isError).toBe(true);
});
