import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);
let requests = 0;
const { call, client } = await inMemory(folder, async () => {
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
  [{}, '\ufeff"\'=Acme; Co",acme.com,,,,,,,5,,,,,,,,'],
  [{ delimiter: ';' }, '\ufeff"\'=Acme; Co";acme.com;;;;;;;5;;;;;;;;'],
  [{ delimiter: '\t', bom: false }, '"\'=Acme; Co"\tacme.com\t\t\t\t\t\t\t5\t\t\t\t\t\t\t\t'],
  [{ delimiter: 'tab', bom: 'false' }, '"\'=Acme; Co"\tacme.com\t\t\t\t\t\t\t5\t\t\t\t\t\t\t\t'],
] as Array<[Record<string, unknown>, string]>)('a CSV with %j', async (style, text) => {
  const exported = await call('export_bulk_results', { job_id: 'job-1', ...style });
  const [head = '', line] = readFileSync(exported.structuredContent.path, 'utf8').split('\r\n');
  expect(head.startsWith('\ufeff') ? `\ufeff${line}` : line).toBe(text);
  expect(head.slice(head.indexOf('name')).split(/[,;\t]/)).toEqual(exported.structuredContent.columns);
  if (Object.keys(style).length > 0) return;
  const collected = await call('wait_and_collect', { job_id: 'job-1', format: 'csv' });
  expect(readFileSync(collected.structuredContent.export.path)).toEqual(
    readFileSync(exported.structuredContent.path),
  );
});

test.each(['none', 'keep'])(
  'the resource results.csv is what an export writes; verdict: %s',
  async (verdict) => {
    if (verdict !== 'none')
      await call('mark_companies', { job_id: 'job-1', marks: [{ row: 1, verdict, reason: 'fits' }] });
    const exported = await call('export_bulk_results', { job_id: 'job-1' });
    const { contents } = await client.readResource({ uri: 'lookalikes://jobs/job-1/results.csv' });
    expect(contents).toMatchObject([{ text: readFileSync(exported.structuredContent.path, 'utf8') }]);
    expect(exported.structuredContent.columns.includes('verdict')).toBe(verdict !== 'none');
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
