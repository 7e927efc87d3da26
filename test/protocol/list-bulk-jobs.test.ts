import { expect, test } from 'vitest';
import { call, connect } from '../harness.ts';
import { age, market, records, submit } from '../market.ts';
import type { Rows } from '../real-rows.ts';
import { json, pageOf, temporaryFolder, upstream } from '../upstream.ts';

// What list_bulk_jobs says of jobs is true now, or said to be old.

const companies = (count: number): Rows =>
  Array.from({ length: count }, (_, at) => ({ name: `Company ${at}`, domain: `c${at}.example` }));
const list = async (client: Awaited<ReturnType<typeof connect>>, args: Record<string, unknown> = {}) =>
  call(client, 'list_bulk_jobs', args);

test('a status that was no end some time ago is looked up again, and is new then', async () => {
  const api = await market();
  const client = await connect(api.env);
  await submit(client);
  api.state['job-1'] = 'completed';
  expect((await list(client)).data.jobs[0]).toMatchObject({ status: 'pending' });
  age(api.ledger, 1);
  const other = await connect(api.env);
  const { data, text } = await list(other);
  expect(data.jobs[0]).toMatchObject({ status: 'completed', terminal: true, credits: 1 });
  expect(text).not.toContain('old');
});

test('a few are looked up, and the others are said to be old', async () => {
  const api = await market();
  const client = await connect(api.env);
  for (let limit = 1; limit <= 8; limit += 1) await submit(client, { limit });
  age(api.ledger, 1);
  const other = await connect(api.env);
  const before = api.requests.length;
  const { data, text } = await list(other);
  expect(api.requests.length - before).toBe(5);
  expect(text).toContain('3 statuses that are no end are old');
  expect(text.match(/pending \(old\)/g)).toHaveLength(3);
  expect(data.jobs.filter(({ status }: { status: string }) => status === 'running')).toHaveLength(5);
  expect((await list(other, { refresh: true })).text).not.toContain('old');
});

test('a job that can not be looked up is said to be as it was last seen', async () => {
  const api = await market();
  const client = await connect(api.env);
  await submit(client);
  age(api.ledger, 30);
  api.state['job-1'] = 'unknown';
  const { text, data } = await list(await connect(api.env));
  expect(data.jobs[0].status).toBe('pending');
  expect(text).toContain('job-1 could not be refreshed (not_found)');
  expect(text).toContain('1 status that is no end is old');
});

/** A server over two ended jobs, the second of which upstream can forget. */
async function ended() {
  const known: Record<string, number> = { one: 60, two: 40 };
  const { url } = await upstream(({ path }, res) => {
    const job_id = /bulk\/([^/?]+)/.exec(path)?.[1] ?? '';
    const count = known[job_id];
    if (count === undefined) return json(res, { detail: 'no such job' }, 404);
    json(res, pageOf([companies(count)], null, { job_id }));
  });
  const env = {
    OPENFUNNEL_BASE_URL: url,
    OPENFUNNEL_API_KEY: 'of_x',
    OPENFUNNEL_STATE_DIR: temporaryFolder(),
  };
  const client = await connect(env);
  for (const job_id of Object.keys(known)) await call(client, 'wait_and_collect', { job_id });
  return { env, client, known };
}
const byId = (jobs: Array<{ job_id: string }>, id: string) => jobs.find(({ job_id }) => job_id === id);

test('credits, their sum, verdicts and what is kept here are told, in both halves', async () => {
  const { client, known, env } = await ended();
  const where = { job_id: 'one', confirm_rows: 27, verdict: 'keep', where: 'row <= 27' };
  await call(client, 'mark_companies', where);
  await call(client, 'mark_companies', {
    ...where,
    where: 'row > 27 AND row <= 40',
    verdict: 'drop',
    confirm_rows: 13,
  });
  delete known.two;
  await call(client, 'get_bulk_status', { job_id: 'two' });
  for (const server of [client, await connect(env)]) {
    const { data, text } = await list(server);
    expect(byId(data.jobs, 'one')).toMatchObject({
      credits: 60,
      judged: '40 of 60 judged: 27 keep, 13 drop',
      copy: 'kept here',
    });
    expect(byId(data.jobs, 'two')).toMatchObject({
      credits: 40,
      judged: null,
      copy: expect.stringContaining('only the copy on this machine is left'),
    });
    expect(data.credits_sum).toBe(100);
    expect(text).toContain('Credits of these: 100, by the manifests of 2 of 2 jobs.');
    expect(text).toContain('40 of 60 judged: 27 keep, 13 drop');
    expect(text).toContain('only the copy on this machine is left');
  }
});

test('a label can be changed, an entry hidden and shown again, for other servers too', async () => {
  const { client, env } = await ended();
  const named = await list(client, { job_id: 'one', label: 'Fintech\nDACH' });
  expect(named.data.jobs).toHaveLength(1);
  expect(named.data.jobs[0].label).toBe('Fintech DACH');
  await list(client, { job_id: 'two', hidden: true });
  const other = await connect(env);
  const { data, text } = await list(other);
  expect(data.jobs.map(({ job_id, label }: { job_id: string; label: string }) => [job_id, label])).toEqual([
    ['one', 'Fintech DACH'],
  ]);
  expect(data.total).toBe(1);
  expect(text).toContain('Hidden entries that are not listed: 1');
  expect((await list(other, { search: 'dach' })).data.total).toBe(1);
  expect((await list(other, { job_id: 'two' })).data.total).toBe(1);
  await list(other, { job_id: 'two', hidden: false });
  expect((await list(client)).data.total).toBe(2);
});

test('a change that says no job, or one that is not listed, is refused', async () => {
  const { client } = await ended();
  for (const args of [{ label: 'x' }, { hidden: true }, { job_id: 'three', label: 'x' }])
    expect((await list(client, args)).isError).toBe(true);
});

test('where a submit may have started a job, no other is proposed', async () => {
  const api = await market((res) => res.destroy());
  const client = await connect(api.env);
  await submit(client);
  const { data } = await list(client);
  expect(data.total).toBe(0);
  expect(data.next_step).toContain('Do not submit again');
  expect(data.next_step).not.toContain('submit_lookalikes_bulk');
  expect(records(api.ledger).map(({ type }) => type)).toEqual(['intent', 'lost']);
});
