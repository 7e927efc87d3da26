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
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test } from 'vitest';
import { restoreCell } from '../../src/files/csv.ts';
import { call, connect } from '../harness.ts';
import { type Rows, realPages } from '../real-rows.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { cursorOf, json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

const KEY = 'of_test_key';

/** An upstream that accepts submits and has one finished job of `pages` by every other id. */
async function finished(pages: Rows[], over: Record<string, unknown> = {}) {
  let submits = 0;
  const api = await upstream(({ method, path }, res) => {
    if (path.endsWith('/balance'))
      json(res, { total_credits: 1000, credits_used: 37.5, credits_left: 962.5 });
    else if (method === 'POST') json(res, { job_id: `new-${++submits}`, status: 'pending', message: 'ok' });
    else {
      const job_id = /bulk\/([^/?]+)/.exec(path)?.[1];
      const running = job_id?.startsWith('new') ? { status: 'running', manifest: null } : {};
      json(res, { ...pageOf(pages, cursorOf(path), { ...running, ...over }), job_id });
    }
  });
  const state = temporaryFolder();
  const exports = temporaryFolder();
  const env = {
    OPENFUNNEL_API_KEY: KEY,
    OPENFUNNEL_BASE_URL: api.url,
    OPENFUNNEL_STATE_DIR: state,
    OPENFUNNEL_EXPORT_DIR: exports,
    OPENFUNNEL_KEEP_ROWS: 'off',
  };
  return { api, env, state, exports, submits: () => submits };
}

const rows = (count: number, from = 0): Rows =>
  Array.from({ length: count }, (_, index) => ({
    name: `Company ${from + index}`,
    domain: `c${from + index}.com`,
    industries: ['A', 'B'],
  }));

const parseCsv = (path: string) =>
  (parse(readFileSync(path), { bom: true, columns: true }) as Array<Record<string, string>>).map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, restoreCell(value)])),
  );

describe('the ledger', () => {
  test('come back tomorrow: another process lists the job, with the status last seen', async () => {
    const { env, state } = await finished([rows(3)]);
    const first = await connect(env);
    const { data } = await call(first, 'submit_lookalikes_bulk', {
      query: 'bikes',
      seed_domains: ['a.com'],
      limit: 30,
      locations: ['USA', 'Germany'],
      min_employees: 50,
      search_type: 'agentic',
    });
    await first.close();
    const second = await connect(env);
    const before = await call(second, 'list_bulk_jobs', {});
    expect(before.data.jobs).toEqual([
      {
        job_id: data.job_id,
        submitted_at: expect.stringMatching(/^\d{4}-/),
        label: null,
        query: 'bikes',
        seed_domains: ['a.com'],
        filters: 'USA, DEU; 50 to any number of employees; agentic',
        requested_limit: 30,
        status: 'pending',
        terminal: false,
        processed: null,
        credits: null,
        judged: null,
        copy: null,
        checked_at: expect.any(String),
        other_key: false,
        from_elsewhere: false,
      },
    ]);
    expect(before.text).toContain(data.job_id);
    expect(before.text).toContain(before.data.jobs[0].filters);
    expect((await call(second, 'list_bulk_jobs', { refresh: true })).data.jobs[0].status).toBe('running');
    const other = await connect({ ...env, OPENFUNNEL_API_KEY: 'of_other' });
    expect((await call(other, 'list_bulk_jobs', {})).data.jobs).toMatchObject([
      { job_id: data.job_id, other_key: true },
    ]);
    expect((await call(await connect(env, ['--sandbox']), 'list_bulk_jobs', {})).data.jobs).toEqual([]);
    const file = join(state, 'jobs.jsonl');
    expect(readFileSync(file, 'utf8')).not.toContain(KEY);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(state).mode & 0o777).toBe(0o700);
  });

  test('a torn line is kept, and a submit asks before it passes over it', async () => {
    const { env, state, submits } = await finished([rows(3)]);
    writeFileSync(join(state, 'jobs.jsonl'), '{"type":"submit","account":"torn');
    const client = await connect(env);
    const asks = await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    expect(asks.text).toMatch(/Nothing was sent.*jobs\.jsonl, line 1.*allow_duplicate: true/s);
    expect(submits()).toBe(0);
    await call(client, 'submit_lookalikes_bulk', { query: 'bikes', allow_duplicate: true });
    expect((await call(client, 'list_bulk_jobs', {})).data.jobs).toHaveLength(1);
    expect(readFileSync(join(state, 'jobs.jsonl'), 'utf8')).toContain('torn');
  });

  test('a ledger that cannot be written costs no submit', async () => {
    const { env, state } = await finished([rows(3)]);
    writeFileSync(join(state, 'blocked'), '');
    const client = await connect({ ...env, OPENFUNNEL_STATE_DIR: join(state, 'blocked') });
    const submitted = await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    expect(submitted).toMatchObject({ isError: false, data: { job_id: 'new-1' } });
    expect(submitted.text).toContain('NOT recorded');
  });

  test('the same search again is answered with the job that runs, also at the same time', async () => {
    const { env, submits } = await finished([rows(3)]);
    const client = await connect(env);
    const search = { query: 'bikes', locations: ['USA', 'DEU'] };
    const twice = await Promise.all([
      call(client, 'submit_lookalikes_bulk', search),
      call(client, 'submit_lookalikes_bulk', { locations: ['deu', 'usa'], query: 'bikes' }),
    ]);
    expect(twice.map(({ data }) => data.job_id)).toEqual(['new-1', 'new-1']);
    expect(twice[1]?.text).toContain('nothing was submitted');
    await call(client, 'submit_lookalikes_bulk', { ...search, limit: 50 });
    await call(client, 'submit_lookalikes_bulk', { ...search, allow_duplicate: true });
    expect(submits()).toBe(3);
  });
});

describe('export', () => {
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

describe('money', () => {
  /** The server, with a client whose user answers the form. */
  async function withForm(
    env: Record<string, string>,
    answer: { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, boolean> },
  ) {
    const asked: string[] = [];
    const client = await connect(env, [], {
      capabilities: { elicitation: {} },
      prepare: (made) =>
        made.setRequestHandler(ElicitRequestSchema, ({ params }) => {
          asked.push(params.message);
          return answer;
        }),
    });
    return { client, asked };
  }

  test('a large submit is refused until confirm_credits equals the limit', async () => {
    const { env, submits } = await finished([rows(3)]);
    const client = await connect(env);
    const refused = await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 });
    expect(refused).toMatchObject({
      isError: true,
      data: { error: { code: 'invalid_input', submitted: 'no' } },
    });
    expect(refused.text).toContain('confirm_credits: 600');
    expect(refused.text).toContain('962.5 credits are left');
    expect(
      (await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600, confirm_credits: 500 }))
        .isError,
    ).toBe(true);
    expect(submits()).toBe(0);
    expect(
      (await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600, confirm_credits: 600 }))
        .isError,
    ).toBe(false);
    expect((await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 500 })).isError).toBe(false);
    expect(submits()).toBe(2);
  });

  test('a client with forms is asked; decline and cancel submit nothing', async () => {
    const { env, submits } = await finished([rows(3)]);
    for (const action of ['decline', 'cancel'] as const) {
      const { client, asked } = await withForm(env, { action });
      const said = await call(client, 'submit_lookalikes_bulk', {
        query: 'x',
        limit: 600,
        confirm_credits: 600,
      });
      expect(said).toMatchObject({ isError: true, data: { error: { submitted: 'no' } } });
      expect(asked[0]).toMatch(/600 companies.*600 credits.*962\.5/);
    }
    const unticked = await withForm(env, { action: 'accept', content: { confirm: false } });
    expect((await call(unticked.client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 })).isError).toBe(
      true,
    );
    expect(submits()).toBe(0);
    const { client } = await withForm(env, { action: 'accept', content: { confirm: true } });
    expect((await call(client, 'submit_lookalikes_bulk', { query: 'x', limit: 600 })).isError).toBe(false);
    expect(submits()).toBe(1);
  });

  test('the threshold: 0 asks always, off never; the balance keeps fractions', async () => {
    const { env, submits } = await finished([rows(3)]);
    const always = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: '0' });
    expect((await call(always, 'submit_lookalikes_bulk', { query: 'x', limit: 1 })).isError).toBe(true);
    const never = await connect({ ...env, OPENFUNNEL_CONFIRM_ABOVE: 'off' });
    expect((await call(never, 'submit_lookalikes_bulk', { query: 'x', limit: 10_000 })).isError).toBe(false);
    expect(submits()).toBe(1);
    expect((await call(never, 'get_credit_balance', {})).data).toMatchObject({
      total_credits: 1000,
      credits_used: 37.5,
      credits_left: 962.5,
    });
  });
});

describe('resources, prompts, completions', () => {
  test('the ledger, a job, a page, a CSV', async () => {
    const { env } = await finished([rows(3)]);
    const client = await connect(env);
    await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    const read = async (uri: string) => {
      const content = (await client.readResource({ uri })).contents[0];
      return content && 'text' in content ? content.text : '';
    };
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain('lookalikes://jobs');
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(4);
    expect(JSON.parse(await read('lookalikes://jobs')).jobs[0].job_id).toBe('new-1');
    expect(JSON.parse(await read('lookalikes://jobs/job-1'))).toMatchObject({
      status: 'completed',
      complete: true,
      summary: { companies: 3 },
    });
    expect(JSON.parse(await read('lookalikes://jobs/new-1'))).toMatchObject({
      status: 'running',
      complete: false,
      summary: null,
    });
    expect(JSON.parse(await read('lookalikes://jobs/job-1/pages/page_0000')).rows).toHaveLength(3);
    expect(
      parse(await read('lookalikes://jobs/job-1/results.csv'), { bom: true, columns: true }),
    ).toHaveLength(3);
    for (const rest of ['pages/page_0000', 'results.csv']) {
      await expect(read(`lookalikes://jobs/new-1/${rest}`)).rejects.toThrow(/running/);
    }
    await expect(read('lookalikes://elsewhere')).rejects.toThrow(/No such resource/);
  });

  test('prompts, and completion from the ledger', async () => {
    const { env } = await finished([rows(3)]);
    const client = await connect(env);
    await call(client, 'submit_lookalikes_bulk', { query: 'bikes' });
    const { messages } = await client.getPrompt({
      name: 'find_lookalikes',
      arguments: { seeds: 'a.com', how_many: '600' },
    });
    expect(JSON.stringify(messages)).toMatch(
      /a\.com.*600.*submit_lookalikes_bulk once.*export_bulk_results/s,
    );
    expect(JSON.stringify((await client.getPrompt({ name: 'resume_job' })).messages)).toContain(
      'list_bulk_jobs',
    );
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow(/find_lookalikes/);
    const complete = async (
      ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string },
      name: string,
      value: string,
    ) => (await client.complete({ ref, argument: { name, value } })).completion.values;
    expect(await complete({ type: 'ref/prompt', name: 'resume_job' }, 'job_id', 'new')).toEqual(['new-1']);
    expect(await complete({ type: 'ref/resource', uri: 'lookalikes://jobs/{job_id}' }, 'job_id', '')).toEqual(
      ['new-1'],
    );
    expect(await complete({ type: 'ref/prompt', name: 'find_lookalikes' }, 'how_many', '6')).toEqual(['600']);
  });
});
