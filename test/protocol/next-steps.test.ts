import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import type { Rows } from '../real-rows.ts';
import { cursorOf, json, pageOf, shared, upstream } from '../upstream.ts';

// What comes next goes on from what was done: it is not the same once more, and it fits what there is.

const companies = (count: number): Rows =>
  Array.from({ length: count }, (_, at) => ({ name: `Company ${at}`, domain: `c${at}.example` }));
const JOBS: Record<string, { rows: Rows; over?: Record<string, unknown> }> = {
  done: { rows: companies(12) },
  judged: { rows: [...companies(12), { name: 'Company 0 again', domain: 'c0.example' }] },
  dropped: { rows: companies(12) },
  kind: { rows: companies(12) },
  none: { rows: [] },
  running: { rows: companies(12), over: { status: 'running', manifest: null } },
  less: {
    rows: companies(12),
    over: { manifest: { count: 20, pages: 1, page_size: 100, credits_consumed: 20 } },
  },
};

const client = shared(async () => {
  const { url } = await upstream(({ path, method }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    if (method === 'POST' && path.endsWith('/cancel')) return json(res, { detail: 'has ended' }, 409);
    const { rows = [], over = {} } = JOBS[job_id] ?? {};
    json(res, pageOf([rows], cursorOf(path), { job_id, ...over }));
  });
  return connect({ OPENFUNNEL_BASE_URL: url, OPENFUNNEL_API_KEY: 'of_test_key' });
});
const next = async (tool: string, args: Record<string, unknown>): Promise<string> => {
  const { data, text } = await call(client(), tool, args);
  expect(text).toContain(`Next: ${data.next_step}`);
  return data.next_step;
};
const wait = (args: Record<string, unknown>) => next('wait_and_collect', { max_wait_seconds: 0, ...args });

test('after a file was written, none is proposed', async () => {
  const step = await wait({ job_id: 'done', format: 'csv' });
  expect(step).toContain('Tell the user the path');
  expect(step).not.toContain('export_bulk_results');
  expect(await wait({ job_id: 'done' })).toContain('export_bulk_results {"job_id": "done"} writes them all');
});

test.each([
  ['a complete list', 'done', 'export_bulk_results {"job_id": "done", "exclude": ["seeds","duplicates"]}'],
  ['a job that runs', 'running', 'wait_and_collect {"job_id": "running", "exclude": ["seeds","duplicates"]}'],
  [
    'a list that is not complete',
    'less',
    'export_bulk_results {"job_id": "less", "allow_partial": true, "exclude": ["seeds","duplicates"]}',
  ],
])('the exclude that was used stays in what comes after %s', async (_, job_id, said) => {
  expect(await wait({ job_id, exclude: ['seeds', 'duplicates'] })).toContain(said);
});

test('to go on after enough, the other arguments stay', async () => {
  const step = await wait({ job_id: 'running', enough: 5, format: 'csv', exclude: ['duplicates'] });
  expect(step).toContain('{"job_id": "running", "format": "csv", "exclude": ["duplicates"]} without enough');
});

test('a file without companies is told as one', async () => {
  for (const [tool, args] of [
    ['export_bulk_results', {}],
    ['wait_and_collect', { format: 'csv' }],
  ] as const) {
    const step = await next(tool, { job_id: 'done', exclude: ['job:judged'], ...args });
    expect(step).toContain('The file has no companies');
    expect(step).not.toContain('present');
  }
});

test('of a job that delivered nobody, nobody is to be shown', async () => {
  for (const tool of ['get_bulk_status', 'wait_and_collect', 'cancel_bulk_job', 'get_review_batch']) {
    const step = await next(tool, { job_id: 'none' });
    expect(step).toContain('delivered no companies');
    expect(step).not.toMatch(/get_bulk_page|export/);
  }
});

test('no batch is proposed where none is left, and the file leaves out what was left aside', async () => {
  const marks = Array.from({ length: 12 }, (_, at) => ({ row: at + 1, verdict: at < 5 ? 'drop' : 'keep' }));
  const job_id = 'judged';
  expect(await next('mark_companies', { job_id, marks: marks.slice(0, 6) })).toContain('get_review_batch');
  const step = await next('mark_companies', { job_id, marks });
  expect(step).not.toContain('get_review_batch');
  const file = '{"job_id": "judged", "exclude": ["seeds","duplicates","dropped"]}';
  expect(step).toContain(file);
  expect(await next('get_review_batch', { job_id })).toContain(file);
});

test('no file is proposed where nobody is left for it', async () => {
  const args = { job_id: 'dropped', where: 'row > 0', verdict: 'drop', confirm_rows: 12 };
  const step = await next('mark_companies', args);
  expect(step).toContain('none fits');
  expect(step).not.toContain('export_bulk_results');
  expect(await next('get_review_batch', { job_id: 'dropped' })).toContain('none fits');
});

test('a condition that fits nobody is to be corrected', async () => {
  const args = { job_id: 'done', where: "country = 'Nowhere'", verdict: 'drop' };
  expect(await next('mark_companies', args)).toContain('correct where');
});

test('where nothing was deleted, nobody is to be told what was', async () => {
  expect(await next('delete_job_data', { job_ids: ['never-kept'] })).not.toContain('what was deleted');
});

test('who drops companies of one kind is not told that as how much of the list fits', async () => {
  const drop = { job_id: 'kind', where: 'row < 4 AND employees IS NULL', verdict: 'drop' };
  const { data, text } = await call(client(), 'mark_companies', drop);
  expect(data).toMatchObject({ drop: 3 });
  expect(data).not.toHaveProperty('fit.share');
  for (const half of [text, data.notices.join()]) expect(half).toContain('no sample of the list');
  expect(data.next_step).not.toContain('Tell the user how much');
  expect(data.next_step).toContain('"exclude": ["seeds","duplicates","dropped"]} writes the companies');
  const batch = await call(client(), 'get_review_batch', { job_id: 'kind', size: 4 });
  expect(batch.data).toMatchObject({ order: 'spread', fit: null });
  for (const half of [batch.text, batch.data.notices.join()]) expect(half).toContain('no sample of the list');
  const keep = { job_id: 'kind', where: 'row IN (5, 9)', verdict: 'keep' };
  expect((await call(client(), 'mark_companies', keep)).data).toHaveProperty('fit.judged', 5);
});
