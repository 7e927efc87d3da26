import { afterAll, expect, test } from 'vitest';
import { collect } from '../../src/lists/collect.ts';
import { countingNew } from '../../src/lists/enough.ts';
import { JobStates } from '../../src/lists/job-states.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { Waiter } from '../../src/reading/wait.ts';
import { hurried } from '../harness.ts';
import { listsOver, type TestJob } from '../lists.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);
const signal = new AbortController().signal;
const call = { signal, report: () => {} };
const row = (domain: string, name = domain): Row => ({ name, domain });
const request = { seed_domains: ['seed.com'], limit: 100 };

/** A job that has one company more at each look, and completes at the `endsAt`th. */
function growing(endsAt: number, first: readonly Row[] = []) {
  const job: TestJob & { rows: Row[] } = {
    rows: [...first],
    request,
    over: { status: 'running', manifest: null },
  };
  const made = listsOver(folder, { j: job }, { keep: false });
  const clock = hurried(200);
  const source = {
    getPage: async (id: string, cursor?: string) => {
      job.rows.push(row(`c${job.rows.length}.com`));
      if (job.rows.length - first.length >= endsAt) delete job.over;
      return made.source.getPage(id, cursor);
    },
  };
  const ledger = { find: async () => undefined };
  const { lists } = made;
  const states = new JobStates({ source, lists, ledger });
  const waiter = new Waiter({ source, ledger, clock, random: () => 0.5 });
  return { lists, states, waiter, ledger, clock };
}

test('counts neither seeds, duplicates nor known companies', async () => {
  const rows = [row('seed.com'), row('', 'Seed India'), row('a.com'), row('www.a.com'), row('known.com')];
  const { lists, known } = listsOver(
    folder,
    { j: { rows: [...rows, row('a.com'), row('b.com')], request } },
    { keep: false },
  );
  await known.write('crm', null, [{ keys: ['known.com'], name: null }]);
  const list = await lists.get('j', { signal });
  const { net_new } = await countingNew(lists, 1).outcome(list.state, list, { signal });
  expect(net_new).toBe(2);
});

test('comes back when enough have come while the job runs', async () => {
  const parts = growing(100, [row('seed.com'), row('known.com')]);
  const { enough, state } = await collect(parts, { job_id: 'j', enough: 3, max_wait_seconds: 60 }, call);
  expect(enough).toMatchObject({ wanted: 3, reached: true });
  expect(enough?.net_new).toBeGreaterThanOrEqual(3);
  expect(state.status).toBe('running');
});

test('goes by the end of the job, and by the end of the time', async () => {
  const request50 = { job_id: 'j', enough: 50, max_wait_seconds: 20 };
  const ended = await collect(growing(3), request50, call);
  expect(ended).toMatchObject({ complete: true, enough: { reached: false }, state: { status: 'completed' } });
  const late = await collect(growing(100), { ...request50, max_wait_seconds: 0.03 }, call);
  expect(late).toMatchObject({ complete: false, enough: { reached: false }, state: { status: 'running' } });
  expect(late.enough?.net_new).toBeLessThan(50);
});
