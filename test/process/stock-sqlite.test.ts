import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { cursorOf, json, pageOf, shared, temporaryFolder, upstream } from '../upstream.ts';

// A kept list is an ordinary SQLite file: what it says is held against the tools by a program that is not ours.

const PYTHON = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sqlite3'], { stdio: 'ignore' }).status === 0,
);
if (PYTHON === undefined)
  process.stderr.write('There is no Python with sqlite3 here: stock-sqlite is skipped.\n');
const tested = test.skipIf(PYTHON === undefined);

const PAGES = syntheticPages(3);
Object.assign(PAGES[0]?.[0] ?? {}, { employee_count: '0012' });
const SEARCH = { query: 'expense management', seed_domains: ['brex.com'], limit: 500 };

const asked = shared(async () => {
  const { url } = await upstream(({ method, path }, res) =>
    method === 'POST'
      ? json(res, { job_id: 'job-1', status: 'pending', message: null })
      : json(res, pageOf(PAGES, cursorOf(path))),
  );
  const state = temporaryFolder();
  const client = await connect({
    OPENFUNNEL_BASE_URL: url,
    OPENFUNNEL_API_KEY: 'of_test_key',
    OPENFUNNEL_STATE_DIR: state,
    OPENFUNNEL_EXPORT_DIR: temporaryFolder(),
    OPENFUNNEL_CONFIRM_ABOVE: 'off',
  });
  const submitted = await call(client, 'submit_lookalikes_bulk', { ...SEARCH, label: 'spring' });
  expect(submitted.isError, submitted.text).toBe(false);
  const collected = await call(client, 'wait_and_collect', { job_id: 'job-1' });
  return { client, collected: collected.data, path: join(state, 'lists', 'job-job-1.sqlite') };
});

/** The rows of a statement, as Python's sqlite3 reads them, each by its columns. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into
function stock(sql: string): any[] {
  const program = `import json, pathlib, sqlite3, sys
db = sqlite3.connect(pathlib.Path(sys.argv[1]).as_uri() + '?mode=ro', uri=True)
db.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in db.execute(sys.argv[2])]))`;
  return JSON.parse(execFileSync(PYTHON ?? '', ['-c', program, asked().path, sql], { encoding: 'utf8' }));
}

tested('opens the file, finds it whole and leaves it as it is', () => {
  const before = readFileSync(asked().path);
  expect(stock('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(stock('SELECT count(*) AS n FROM companies')).toEqual([{ n: 300 }]);
  expect(readFileSync(asked().path).equals(before)).toBe(true);
});

tested('sees columns named as in query_companies, with declared types', async () => {
  const { client } = asked();
  const types = Object.fromEntries(
    stock('PRAGMA table_info(companies)').map(({ name, type }) => [name, type]),
  );
  expect(types).toEqual({
    ...Object.fromEntries(
      'company_key name domain headquarters city state country country_code region headquarters_country funding_stage linkedin_url industries match_reason tagline description extra'
        .split(' ')
        .map((name) => [name, 'TEXT']),
    ),
    ...Object.fromEntries(
      'row in_eu employees employees_min employees_max linkedin_followers is_seed same_as'
        .split(' ')
        .map((name) => [name, 'INTEGER']),
    ),
    revenue_usd: 'REAL',
  });
  const upstream = stock('PRAGMA table_info(upstream_rows)').map(({ name, type }) => [name, type]);
  expect(Object.fromEntries(upstream)).toMatchObject({
    name: 'TEXT',
    employee_count: 'BLOB',
    revenue_usd: 'BLOB',
  });
  // What upstream sent is kept as it was sent: numbers are numbers, and a text of digits is a text.
  const kept = stock('SELECT employee_count AS n FROM upstream_rows ORDER BY "row"').map(({ n }) => n);
  expect(kept).toEqual(PAGES.flat().map((row) => row.employee_count ?? null));
  expect(kept[0]).toBe('0012');
  for (const table of ['companies', 'jobs']) {
    const { data } = await call(client, 'query_companies', { sql: `SELECT * FROM ${table}` });
    const asked = new Set(data.columns as string[]);
    const inFile = stock(`PRAGMA table_info(${table})`).map(({ name }) => name);
    expect(inFile.filter((name) => !asked.has(name))).toEqual([]);
  }
  const held = stock(
    `SELECT ${Object.keys(types)
      .map((name) => `group_concat(DISTINCT typeof("${name}")) AS "${name}"`)
      .join(', ')} FROM companies`,
  );
  for (const [name, found] of Object.entries(held[0]))
    for (const type of String(found).split(','))
      expect([name, type]).toEqual([name, type === 'null' ? 'null' : types[name]?.toLowerCase()]);
});

tested('reads what the list says of itself', () => {
  const [about, ...more] = stock('SELECT * FROM about');
  expect(more).toEqual([]);
  const { collected } = asked();
  expect(about).toMatchObject({
    job_id: 'job-1',
    label: 'spring',
    query: SEARCH.query,
    seed_domains: '["brex.com"]',
    requested_limit: 500,
    status: collected.status,
    companies: 300,
    credits: 300,
    whole: 1,
    why: null,
  });
  expect(JSON.parse(about.request)).toMatchObject(SEARCH);
  expect(JSON.parse(about.manifest)).toEqual(collected.manifest);
  expect(collected.notices).toEqual(expect.arrayContaining(JSON.parse(about.doubts)));
  for (const date of [about.submitted_at, about.kept_at]) expect(date).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(stock('SELECT name, first_row, rows FROM pages ORDER BY number')).toEqual(
    collected.pages.map(({ page, first_row, rows }: { page: string; first_row: number; rows: number }) => ({
      name: page,
      first_row,
      rows,
    })),
  );
});

tested('counts what the summary of the tools counts', () => {
  const { summary } = asked().collected;
  expect(
    stock(`SELECT count(*) AS companies, sum(same_as IS NULL) AS "distinct", count(DISTINCT domain) AS unique_domains,
      sum(domain IS NULL) AS without_domain FROM companies`),
  ).toEqual([
    {
      companies: summary.companies,
      distinct: summary.distinct,
      unique_domains: summary.unique_domains,
      without_domain: summary.without_domain,
    },
  ]);
  const tally = (value: string, from = 'companies') =>
    new Map(
      stock(`SELECT ifnull(${value}, 'unknown') AS value, count(*) AS n FROM ${from} GROUP BY 1`).map(
        ({ value: each, n }) => [each, n],
      ),
    );
  for (const [told, counted] of [
    [summary.top_countries, tally('country')],
    [summary.funding_stages, tally('funding_stage')],
    [summary.top_industries, tally('i.value', 'companies c LEFT JOIN json_each(c.industries) i')],
  ] as const) {
    const counts = Object.entries(told as Record<string, number>);
    expect(counts.length).toBeGreaterThan(1);
    for (const [value, count] of counts) expect([value, counted.get(value)]).toEqual([value, count]);
  }
});

tested('has every fact of every row as the tools give it', async () => {
  const { client } = asked();
  const rows = stock('SELECT * FROM companies ORDER BY "row"');
  const { data } = await call(client, 'export_bulk_results', { job_id: 'job-1', format: 'jsonl' });
  const exported = readFileSync(data.path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(exported).toHaveLength(rows.length);
  for (const [at, company] of exported.entries()) {
    const { extra, industries, ...fields } = rows[at];
    const told = { ...JSON.parse(extra), ...fields, industries: JSON.parse(industries) };
    for (const [field, value] of Object.entries(company))
      expect([at, field, told[field]]).toEqual([at, field, value]);
  }
  const { data: queried } = await call(client, 'query_companies', {
    sql: 'SELECT "row", company_key, is_seed, same_as, country_code, region, in_eu FROM companies WHERE "row" <= 40 ORDER BY "row"',
    max_rows: 40,
  });
  expect(queried.rows).toEqual(
    rows.slice(0, 40).map((row) => (queried.columns as string[]).map((name) => row[name])),
  );
});
