import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { listTools } from '../src/protocol/listing.ts';
import { call, connect } from './harness.ts';
import { LONG, longText } from './long-texts.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from './upstream.ts';

// Long texts of a few signs, sent to the server on each of the ways that texts of others reach it. What takes more
// than a steady time for each character runs out of its test's time.

const JOB = { job_id: 'job-1' };
const KEY = { OPENFUNNEL_API_KEY: 'of_0123456789' };

/** Companies whose texts they are: read, shown, asked, judged and exported. */
export async function inCompanies(units: readonly string[]): Promise<void> {
  const rows = units.map((unit) => {
    const [text, short] = [longText(unit), longText(unit, 2_000)];
    return {
      name: text,
      description: text,
      domain: short,
      linkedin_url: short,
      headquarters: short,
      x: text,
    };
  });
  const pages = Array.from({ length: Math.ceil(rows.length / 2) }, (_, at) => rows.slice(at * 2, at * 2 + 2));
  const { url } = await upstream(({ path }, res) => json(res, pageOf(pages, cursorOf(path))));
  const client = await connect({ ...KEY, OPENFUNNEL_BASE_URL: url });
  expect((await call(client, 'wait_and_collect', JOB)).data).toMatchObject({ complete: true });
  for (const [tool, args] of [
    ['get_bulk_page', { fields: 'all' }],
    ['query_companies', { sql: 'SELECT count(*), max(length(description)) FROM companies' }],
    ['get_review_batch', { size: 10 }],
    ['export_bulk_results', { format: 'csv', delimiter: ';', exclude: ['duplicates'] }],
    ['export_bulk_results', { format: 'jsonl' }],
  ] as const) {
    const { isError, text } = await call(client, tool, { ...JOB, ...args });
    expect(isError, `${tool}: ${text.slice(0, 300)}`).toBe(false);
  }
}

/** Refusals of upstream's, and answers to submits that are no JSON. */
export async function inAnswers(units: readonly string[]): Promise<void> {
  let [body, status] = ['', 200];
  const { url } = await upstream((_request, res) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(body);
  });
  const client = await connect({ ...KEY, OPENFUNNEL_BASE_URL: url });
  for (const [at, unit] of units.entries()) {
    [status, body] = [422, JSON.stringify({ detail: longText(unit) })];
    expect((await call(client, 'get_bulk_status', JOB)).isError).toBe(true);
    [status, body] = [200, longText(unit)];
    const search = { query: `x ${at}`, limit: 1, allow_unresolved_seeds: true };
    expect((await call(client, 'submit_lookalikes_bulk', search)).isError).toBe(true);
  }
}

/** Files that are imported: in cells, lines and entries. */
export async function inFiles(units: readonly string[]): Promise<void> {
  const folder = temporaryFolder();
  const client = await connect({ ...KEY, OPENFUNNEL_EXPORT_DIR: folder });
  for (const [at, unit] of units.entries()) {
    const text = longText(unit);
    const entry = { name: text, email: text, website: `a@${text}@` };
    for (const [file, content] of [
      ['a.csv', `Company,Website,Email\n${text},${text},${text}\n${text}`],
      ['b.jsonl', `{"name":"Acme","website":"acme.example"}\n${JSON.stringify(entry)}\n`],
      ['c.txt', `acme.example\na@${text}@\n`],
    ] as const) {
      writeFileSync(join(folder, file), content);
      await call(client, 'import_known_companies', { list: `l${at}`, mode: 'replace', file });
    }
  }
  const { text } = await call(client, 'import_known_companies', {
    list: 'last',
    companies: ['acme.example'],
  });
  expect(text).toContain('1 company now');
}

/**
 * Arguments: each unit as some parameters of each tool, and each parameter with some of the units.
 *
 * @param every One of so many units for each parameter.
 */
export async function inArguments(units: readonly string[], every: number): Promise<void> {
  const { url } = await upstream((_request, res) =>
    json(res, pageOf([[{ name: 'Acme', domain: 'acme.example' }]], null)),
  );
  const client = await connect({ ...KEY, OPENFUNNEL_BASE_URL: url });
  let calls = 0;
  const tried = new Set<string>();
  for (const tool of listTools()) {
    const name = String(tool.name);
    const { properties = {} } = tool.inputSchema as { properties?: Record<string, unknown> };
    for (const [at, [parameter, schema]] of Object.entries(properties).entries()) {
      // What the view's tools share is read in one place.
      const shared = `${parameter} ${JSON.stringify(schema)}`;
      if (name.startsWith('view_') && tried.has(shared)) continue;
      tried.add(shared);
      for (const unit of units.filter((_, index) => index % every === (at + name.length) % every)) {
        const text = longText(unit);
        for (const value of [text, [text]]) await call(client, name, { ...JOB, [parameter]: value });
        calls += 1;
      }
    }
  }
  expect(calls * LONG).toBeGreaterThan(1_000_000);
}
