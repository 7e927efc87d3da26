import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test } from 'vitest';
import { restoreCell } from '../../src/files/csv.ts';
import { finished, rows } from '../finished-jobs.ts';
import { call, connect } from '../harness.ts';
import { realPages } from '../real-rows.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { temporaryFolder } from '../upstream.ts';

const parseCsv = (path: string) =>
  (parse(readFileSync(path), { bom: true, columns: true }) as Array<Record<string, string>>).map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, restoreCell(value)])),
  );

describe('export', () => {
  test('sizes that are ranges stand in the file, where there are any', async () => {
    const [one, two] = rows(2);
    const { env } = await finished([
      [
        { ...one, employee_count: '11-50' },
        { ...two, employee_count: 7 },
      ],
    ]);
    const { data } = await call(await connect(env), 'export_bulk_results', { job_id: 'job-1' });
    const sizes = parseCsv(data.path).map((row) => [row.employees, row.employees_min, row.employees_max]);
    expect(sizes).toEqual([
      ['', '11', '50'],
      ['7', '7', '7'],
    ]);
    const plain = await finished([rows(2)]);
    const exact = await call(await connect(plain.env), 'export_bulk_results', { job_id: 'job-1' });
    expect(exact.data.columns).not.toContain('employees_min');
  });

  test.each(['csv', 'jsonl', 'json'])(
    '%s holds every row once, and never goes over a file',
    async (format) => {
      const { env, exports, api } = await finished([rows(100), rows(50, 100)]);
      const client = await connect(env);
      const first = await call(client, 'export_bulk_results', { job_id: 'job-1', format });
      expect(first.data).toMatchObject({
        job_id: 'job-1',
        status: 'completed',
        format,
        rows: 150,
        columns: expect.arrayContaining(['name', 'domain', 'industries']),
      });
      expect(first.data.bytes).toBe(statSync(first.data.path).size);
      expect(first.whole.content[1]).toMatchObject({
        type: 'resource_link',
        uri: expect.stringMatching(/^file:\/\/\//),
      });
      const text = readFileSync(first.data.path, 'utf8');
      const names =
        format === 'csv'
          ? parseCsv(first.data.path).map(({ name }) => name)
          : (format === 'json'
              ? JSON.parse(text)
              : text
                  .trim()
                  .split('\n')
                  .map((line) => JSON.parse(line))
            ).map(({ name }: { name: string }) => name);
      expect(names).toEqual(rows(150).map(({ name }) => name));
      const second = await call(client, 'export_bulk_results', { job_id: 'job-1', format });
      expect(second.data.path).not.toBe(first.data.path);
      expect(readdirSync(exports)).toHaveLength(2);
      api.requests.length = 0;
      const collected = await call(client, 'wait_and_collect', { job_id: 'job-1', format });
      expect(collected.data).toMatchObject({ complete: true, export: { rows: 150, format } });
      expect(api.requests).toHaveLength(0);
    },
  );

  test('fields, no duplicates and a name', async () => {
    const { env, exports } = await finished([
      [
        ...rows(3),
        { name: 'Company 0 (UK)', domain: 'C0.com' },
        { name: 'None', domain: '' },
        { name: 'None too', domain: '' },
      ],
    ]);
    const client = await connect(env);
    const { data } = await call(client, 'export_bulk_results', {
      job_id: 'job-1',
      fields: ['domain', 'name'],
      exclude: ['duplicates'],
      filename: 'leads.csv',
    });
    expect(data).toMatchObject({ path: join(exports, 'leads.csv'), rows: 5, columns: ['domain', 'name'] });
  });

  test.each(['../x', '/etc/x', 'a/b', 'a\\b', '.hidden', '..', 'a\u202eb', 'nul\u0000'])(
    'the name %j is refused',
    async (filename) => {
      const { env, exports } = await finished([rows(3)]);
      const refused = await call(await connect(env), 'export_bulk_results', { job_id: 'job-1', filename });
      expect(refused).toMatchObject({ isError: true, data: { error: { code: 'invalid_input' } } });
      expect(readdirSync(exports)).toEqual([]);
    },
  );

  test('a link of the wanted name is not followed', async () => {
    const { env, exports } = await finished([rows(3)]);
    const outside = join(temporaryFolder(), 'victim.csv');
    writeFileSync(outside, 'precious');
    symlinkSync(outside, join(exports, 'leads.csv'));
    const { data } = await call(await connect(env), 'export_bulk_results', {
      job_id: 'job-1',
      filename: 'leads',
    });
    expect(data.path).toBe(join(exports, 'leads-2.csv'));
    expect(readFileSync(outside, 'utf8')).toBe('precious');
  });

  test('a job that is not final is refused with how far it is, and named partial where that was asked for', async () => {
    const { env, exports } = await finished([rows(3)], {
      status: 'running',
      manifest: null,
      processed: 3,
      progress_message: 'qualifying_companies',
    });
    const client = await connect(env);
    const refused = await call(client, 'export_bulk_results', { job_id: 'job-1' });
    expect(refused).toMatchObject({
      isError: true,
      data: { status: 'running', error: { code: 'conflict' } },
    });
    expect(refused.text).toContain('qualifying companies: 3');
    expect(readdirSync(exports)).toEqual([]);
    const partial = await call(client, 'export_bulk_results', { job_id: 'job-1', allow_partial: true });
    expect(partial.data.path).toMatch(/\.partial\.csv$/);
    expect(partial.text).toContain('PARTIAL');
  });

  test('a page that cannot be read leaves no file', async () => {
    const { env, exports } = await finished([rows(3)], { next_cursor: 'page_0000' });
    const failed = await call(await connect(env), 'export_bulk_results', { job_id: 'job-1' });
    expect(failed).toMatchObject({ isError: true, data: { error: { code: 'upstream_invalid_response' } } });
    expect(readdirSync(exports)).toEqual([]);
  });

  test.each([
    { from: 'synthetic', pages: syntheticPages(12) },
    { from: 'recorded', pages: realPages },
  ])('$from rows come back the same', async ({ pages }) => {
    // The recorded ones are not everywhere.
    if (!pages) return;
    const { env } = await finished(pages);
    const { data } = await call(await connect(env), 'export_bulk_results', { job_id: 'job-1' });
    const text = (value: unknown) =>
      value === null ? '' : Array.isArray(value) ? value.join('; ') : String(value);
    const expected = pages
      .flat()
      .map(({ name, domain, employee_count, industries }) =>
        [name, domain, employee_count, industries].map(text),
      );
    const back = parseCsv(data.path).map(({ name, domain, employees, industries }) => [
      name,
      domain,
      employees,
      industries,
    ]);
    expect(back).toEqual(expected);
  });

  test.skipIf(process.getuid?.() === 0)(
    'a folder that cannot be written is named (skipped for root, whom nothing stops)',
    async () => {
      const { env, exports } = await finished([rows(3)]);
      chmodSync(exports, 0o500);
      const failed = await call(await connect(env), 'export_bulk_results', { job_id: 'job-1' });
      expect(failed).toMatchObject({ isError: true });
      expect(failed.text).toContain('OPENFUNNEL_EXPORT_DIR');
    },
  );

  test('a full disk ends in an error, without a file', async (context) => {
    const mount = join(temporaryFolder(), 'small');
    mkdirSync(mount);
    const run = (command: string, args: string[]) =>
      new Promise<number>((resolve) =>
        spawn(command, args, { stdio: 'ignore' })
          .on('close', (code) => resolve(code ?? 1))
          .on('error', () => resolve(1)),
      );
    const mounted =
      process.platform === 'linux' &&
      (await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount])) === 0;
    if (!mounted) context.skip('no small tmpfs can be made here');
    onTestFinished(async () => {
      await run('umount', [mount]);
    });
    const { env } = await finished(Array.from({ length: 20 }, (_, page) => rows(100, page * 100)));
    const client = await connect({ ...env, OPENFUNNEL_EXPORT_DIR: mount });
    const failed = await call(client, 'export_bulk_results', { job_id: 'job-1' });
    expect(failed).toMatchObject({ isError: true });
    expect(failed.text).toContain('disk is full');
    expect(readdirSync(mount)).toEqual([]);
    const collected = await call(client, 'wait_and_collect', { job_id: 'job-1', format: 'csv' });
    expect(collected).toMatchObject({ isError: false, data: { complete: true, export: null } });
    expect(collected.text).toContain('The export failed');
    writeFileSync(join(mount, 'filler'), 'x'.repeat(60 * 1024));
    const submitted = await call(
      await connect({ ...env, OPENFUNNEL_STATE_DIR: mount }),
      'submit_lookalikes_bulk',
      { query: 'x'.repeat(1_900), seed_domains: ['a.com'] },
    );
    expect(submitted.data.job_id).toBeTruthy();
  });
});
