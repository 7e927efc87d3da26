import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, shared, upstream } from '../upstream.ts';

// Files for a CRM's import, and the file that a cancel writes.

const ROWS: Rows = [
  { name: 'Siteless', domain: '', linkedin_url: 'https://www.linkedin.com/company/alpha' },
  { name: 'Alpha', domain: 'alpha.example', linkedin_url: 'https://www.linkedin.com/company/alpha' },
  {
    name: 'Beta',
    domain: 'beta.example',
    linkedin_url: 'https://www.linkedin.com/company/beta',
    hq_city: 'Berlin',
    hq_region: 'Berlin',
    hq_country: 'Germany',
    employee_count: 70,
    revenue_usd: 5000,
    description: 'Makes things',
    invented_field: 'x',
  },
  { name: 'Beta again', domain: 'www.beta.example' },
  { name: 'Nobody', domain: '' },
];

const client = shared(async () => {
  const { url } = await upstream(({ path, method }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    if (method === 'POST') return json(res, { status: 'cancelling', message: 'ok' });
    const status = job_id.startsWith('stops')
      ? 'cancelled'
      : job_id === 'goes-on'
        ? 'cancelling'
        : 'completed';
    const over = status === 'cancelling' ? { manifest: null } : {};
    const rows = job_id === 'stops-empty' ? [] : ROWS;
    json(res, pageOf([rows], cursorOf(path), { job_id, status, ...over }));
  });
  return connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
});
const read = (path: string) =>
  parse(readFileSync(path), { columns: true, bom: true }) as Array<Record<string, string>>;
const exported = (args: Record<string, unknown>) =>
  call(client(), 'export_bulk_results', { job_id: 'j', ...args });

describe('a preset', () => {
  test('of HubSpot has its column names, and one row a company with a domain', async () => {
    await call(client(), 'mark_companies', { job_id: 'j', marks: [{ row: 2, verdict: 'keep' }] });
    const { data, text } = await exported({ preset: 'hubspot' });
    expect(data.columns).toEqual([
      'Company name',
      'Company Domain Name',
      'LinkedIn Company Page',
      'City',
      'State/Region',
      'Country/Region',
      'Number of Employees',
      'Annual Revenue',
      'Description',
    ]);
    const rows = read(data.path);
    expect(rows.map((row) => row['Company name'])).toEqual(['Alpha', 'Beta']);
    expect(rows[1]).toEqual({
      'Company name': 'Beta',
      'Company Domain Name': 'beta.example',
      'LinkedIn Company Page': 'https://www.linkedin.com/company/beta',
      City: 'Berlin',
      'State/Region': 'Berlin',
      'Country/Region': 'Germany',
      'Number of Employees': '70',
      'Annual Revenue': '5000',
      Description: 'Makes things',
    });
    expect(data).toMatchObject({ rows: 2, excluded: { duplicates: 1, 'without domain': 2 }, partial: false });
    expect(text).toContain('import of companies in HubSpot');
    expect(text).toContain('5 "Nobody" (without domain)');
  });

  test('of Salesforce has those of its accounts', async () => {
    const { data } = await exported({ preset: 'salesforce', format: 'json' });
    expect(JSON.parse(readFileSync(data.path, 'utf8'))[1]).toMatchObject({
      'Account Name': 'Beta',
      Website: 'beta.example',
      'Billing City': 'Berlin',
      'Billing Country': 'Germany',
      Employees: 70,
    });
  });

  test('goes over several jobs, and leaves out whom else exclude names', async () => {
    const { data } = await exported({ job_id: undefined, job_ids: ['j', 'k'], preset: 'hubspot' });
    expect(data.columns[0]).toBe('Company name');
    expect(data.rows).toBe(2);
    const other = await exported({ job_id: 'k', preset: 'hubspot', exclude: ['job:j'] });
    expect(other.data.rows).toBe(0);
  });

  test('is not mixed with fields', async () => {
    expect((await exported({ preset: 'hubspot', fields: ['name'] })).isError).toBe(true);
  });
});

describe('a cancel', () => {
  const cancel = (job_id: string, format?: string) =>
    call(client(), 'cancel_bulk_job', { job_id, ...(format && { format }) });

  test('writes what was delivered, where a format is given', async () => {
    const { data, text, whole } = await cancel('stops', 'csv');
    expect(data).toMatchObject({ status: 'cancelled', export: { format: 'csv', rows: 5 } });
    expect(read(data.export.path)).toHaveLength(5);
    expect(data.export.path).toContain('.cancelled.csv');
    expect(text).toContain(data.export.path);
    expect(data.next_step).toContain('path of the file');
    expect(whole.content.map(({ type }) => type)).toContain('resource_link');
    expect((await cancel('stops')).data.export).toBeNull();
  });

  test('of no companies writes the columns alone, as an export does, and says so', async () => {
    const empty = await cancel('stops-empty', 'csv');
    const collected = await call(client(), 'wait_and_collect', { job_id: 'stops-empty', format: 'csv' });
    for (const { data, text } of [empty, collected]) {
      expect(read(data.export.path)).toEqual([]);
      expect(readFileSync(data.export.path, 'utf8')).toMatch(/^\ufeffname,domain,/);
      expect(text).toContain('The file has no companies, only the names of its columns');
    }
  });
});
