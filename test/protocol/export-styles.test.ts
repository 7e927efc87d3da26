import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'lookalikes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let requests = 0;
const { call } = await inMemory(folder, async () => {
  requests += 1;
  const job = {
    job_id: 'job-1',
    status: 'completed',
    manifest: { count: 1, pages: 1, credits_consumed: 1 },
    rows: [{ name: '=Acme; Co', domain: 'acme.com', employee_count: 5 }],
    page: 'page_0000',
    next_cursor: null,
    count: 1,
  };
  return { status: 200, retryAfter: undefined, body: JSON.stringify(job) };
});

test.each([
  [{}, '\ufeffname,domain,employee_count\r\n"\'=Acme; Co",acme.com,5\r\n'],
  [{ delimiter: ';' }, '\ufeffname;domain;employee_count\r\n"\'=Acme; Co";acme.com;5\r\n'],
  [{ delimiter: '\t', bom: false }, 'name\tdomain\temployee_count\r\n"\'=Acme; Co"\tacme.com\t5\r\n'],
  [{ delimiter: 'tab', bom: 'false' }, 'name\tdomain\temployee_count\r\n"\'=Acme; Co"\tacme.com\t5\r\n'],
] as Array<[Record<string, unknown>, string]>)(
  'a CSV with %j, by either tool that writes one',
  async (style, text) => {
    const exported = await call('export_bulk_results', { job_id: 'job-1', ...style });
    expect(readFileSync(exported.structuredContent.path, 'utf8')).toBe(text);
    const collected = await call('wait_and_collect', { job_id: 'job-1', export: 'csv', ...style });
    expect(readFileSync(collected.structuredContent.export.path, 'utf8')).toBe(text);
  },
);

test('what is wrong with a name is said of the name, before any page is read', async () => {
  const before = requests;
  for (const filename of ['AUX', 'x'.repeat(250), '../x']) {
    const { structuredContent } = await call('export_bulk_results', { job_id: 'job-2', filename });
    expect(structuredContent.error).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/^filename /),
    });
  }
  expect(requests).toBe(before);
});
