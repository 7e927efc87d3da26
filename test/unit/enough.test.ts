import { expect, it } from 'vitest';
import type { RowSink } from '../../src/jobs/read-job.ts';
import { toJobState } from '../../src/jobs/state.ts';
import { NetNew, waitForEnough } from '../../src/lists/enough.ts';
import { KnownList } from '../../src/lists/known.ts';
import { SeedMatcher } from '../../src/lists/seeds.ts';
import { jobPage } from '../../src/openfunnel/wire.ts';
import { FakeClock } from '../fake-clock.ts';

const row = (domain: string, name = domain) => ({ name, domain });
const counter = () =>
  new NetNew(new SeedMatcher([{ domain: 'seed.com' }]), [
    new KnownList([{ domain: 'known.com', slug: null, name: null }]),
  ]);
const signal = new AbortController().signal;

/** A job that has one company more at each look, and completes at the `endsAt`th. */
function growing(endsAt: number, first: object[] = []) {
  let looks = 0;
  const reads: number[] = [];
  const rows = () => [...first, ...Array.from({ length: looks }, (_, index) => row(`c${index}.com`))];
  return {
    reads,
    async state(jobId: string) {
      looks += 1;
      const status = looks >= endsAt ? 'completed' : 'running';
      const page = jobPage.parse({ job_id: jobId, status, processed: rows().length, rows: [] });
      return { state: toJobState(jobId, page), pollAfterMs: 4_000, notices: [], delivered: true };
    },
    async read(_: string, open: (...of: never[]) => readonly RowSink[]) {
      reads.push(looks);
      for (const sink of open()) await sink.take(rows() as never, { name: 'page_0000', firstRow: 1 });
      return undefined as never;
    },
  };
}
const call = { signal, report: () => {} };

it('counts neither seeds, duplicates nor known companies', () => {
  const net = counter();
  net.take([row('seed.com'), row('', 'Seed India'), row('a.com'), row('www.a.com'), row('known.com')]);
  net.take([row('a.com'), row('b.com')]);
  expect([net.count, net.rows]).toEqual([2, 7]);
});

it('comes back when enough have come while the job runs, and tells what that has cost at the least', async () => {
  const clock = new FakeClock();
  const job = growing(100, [row('seed.com'), row('known.com')]);
  const request = { jobId: 'j', enough: 3, maxWaitMs: 60_000 };
  const waited = await clock.run(waitForEnough(job, clock, counter, request, call));
  expect(waited).toMatchObject({ reached: true, net_new: 3, delivered: 5 });
  // Fewer are processed than wanted at the first look: nothing has to be read then.
  expect(job.reads).toEqual([1, 2, 3]);
});

it('goes by the end of the job, and by the end of the time', async () => {
  const clock = new FakeClock();
  const request = { jobId: 'j', enough: 50, maxWaitMs: 20_000 };
  const ended = await clock.run(waitForEnough(growing(3), clock, counter, request, call));
  expect(ended).toMatchObject({ reached: false, state: { status: 'completed' } });
  const late = await clock.run(waitForEnough(growing(100), clock, counter, request, call));
  expect(late).toMatchObject({ reached: false, leftMs: 0, net_new: null, state: { status: 'running' } });
});
