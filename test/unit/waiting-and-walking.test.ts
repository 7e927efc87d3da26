import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OpenFunnelError } from '../../src/lib/errors.ts';
import { oneLine } from '../../src/lib/text.ts';
import type { PageSource } from '../../src/openfunnel/client.ts';
import { isFinal, isTerminal, type JobPage, jobPage } from '../../src/openfunnel/wire.ts';
import { type ProgressReport, ProgressSink } from '../../src/reading/progress.ts';
import { toJobState } from '../../src/reading/state.ts';
import { Waiter } from '../../src/reading/wait.ts';
import { type ReadPage, walkPages } from '../../src/reading/walk.ts';
import { FakeClock } from '../fake-clock.ts';

const answer = (over: Record<string, unknown> = {}): JobPage =>
  jobPage.parse({ status: 'running', page: 'page_0000', ...over });

const newWaiter = (clock: FakeClock, source: PageSource) =>
  new Waiter({ source, ledger: { find: async () => undefined }, clock, random: () => 1 });

describe('waiting', () => {
  /** A job whose looks bring `steps` one by one, the last one for ever. */
  function waiting(steps: Array<JobPage | Error>, maxWaitMs: number) {
    const clock = new FakeClock();
    const looks: number[] = [];
    const source = {
      getPage: async () => {
        looks.push(clock.elapsed);
        const step = steps.length > 1 ? steps.shift() : steps[0];
        if (step instanceof Error) throw step;
        return { ...(step as JobPage) };
      },
    };
    const { signal } = new AbortController();
    const request = { jobId: 'j', maxWaitMs, signal };
    return { clock, looks, source, request, outcome: clock.run(newWaiter(clock, source).wait(request)) };
  }

  test('ends with the first terminal status', async () => {
    const { outcome } = waiting(
      [...Array.from({ length: 8 }, () => answer()), answer({ status: 'completed', rows: [] })],
      600_000,
    );
    expect(await outcome).toMatchObject({ polls: 9, page: { status: 'completed' } });
  });

  test('time up: the last known state, after a last look at the end', async () => {
    const { outcome, looks, clock } = waiting([answer()], 45_000);
    expect(await outcome).toMatchObject({ page: { status: 'running' }, lastFailure: null });
    expect(clock.elapsed).toBe(45_000);
    expect(looks.at(-1)).toBe(45_000);
  });

  test('a failure that passes is waited out; one that lasts leaves the state known before', async () => {
    const down = new OpenFunnelError('upstream_unavailable', 'down', { retryable: true });
    const mended = waiting([answer(), down, answer({ status: 'cancelled' })], 60_000);
    expect(await mended.outcome).toMatchObject({ page: { status: 'cancelled' }, lastFailure: null });
    const lasting = waiting([answer(), down], 10_000);
    expect(await lasting.outcome).toMatchObject({
      page: { status: 'running' },
      lastFailure: { code: 'upstream_unavailable' },
    });
  });

  test('no state at all by the end, a final refusal, an absurd Retry-After: the error', async () => {
    const down = new OpenFunnelError('network', 'down', { retryable: true });
    await expect(waiting([down], 5_000).outcome).rejects.toBe(down);
    const refused = new OpenFunnelError('not_found', 'no');
    await expect(waiting([answer(), refused], 5_000).outcome).rejects.toBe(refused);
    const limited = new OpenFunnelError('rate_limited', 'slow', {
      retryable: true,
      retryAfterSeconds: 3_600,
    });
    const absurd = waiting([limited], 45_000);
    await expect(absurd.outcome).rejects.toBe(limited);
    expect(absurd.clock.elapsed).toBe(0);
    const patient = waiting(
      [new OpenFunnelError('rate_limited', 'slow', { retryable: true, retryAfterSeconds: 20 }), answer()],
      25_000,
    );
    await patient.outcome;
    expect(patient.looks.slice(0, 2)).toEqual([0, 20_000]);
  });

  test('a clock that is set back an hour makes no wait longer', async () => {
    const { clock, outcome } = waiting([answer()], 4_000);
    clock.setClockBy(-3_600_000);
    await outcome;
    expect(clock.elapsed).toBe(4_000);
  });

  test('two hundred waits on one job look at it as often as one', async () => {
    const { clock, source: one, request, looks, outcome } = waiting([answer()], 45_000);
    await outcome;
    const alone = looks.length;
    looks.length = 0;
    const shared = new Map<string, Promise<JobPage>>();
    const source = {
      // As the API client does it: calls at the same time share one request.
      getPage: () => {
        const running = shared.get('') ?? one.getPage().finally(() => shared.delete(''));
        shared.set('', running);
        return running;
      },
    };
    const waiter = newWaiter(clock, source);
    await clock.run(
      Promise.all(
        Array.from({ length: 200 }, () => waiter.wait({ ...request, signal: new AbortController().signal })),
      ),
    );
    expect(looks.length).toBeLessThanOrEqual(alone + 1);
  });
});

describe('walking', () => {
  const walk = async (
    answers: Record<string, JobPage | Error>,
    first = answer({ status: 'completed', next_cursor: 'page_0001', rows: [{}] }),
  ) => {
    const pages: ReadPage[] = [];
    const source = {
      getPage: async (_: string, cursor?: string) => {
        const found = answers[cursor ?? ''];
        if (found === undefined || found instanceof Error) throw found ?? new Error('not asked for');
        return found;
      },
    };
    const { signal } = new AbortController();
    const onPage = (page: ReadPage) => void pages.push(page);
    const end = await walkPages('j', first, { source, held: new Map(), onPage, signal });
    return { pages, end };
  };

  test('any chain of cursors is read once, in order, and any loop ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 }),
        fc.option(fc.nat(29)),
        async (names, back) => {
          const loop = back === null ? null : (names[back % names.length] ?? null);
          const answers: Record<string, JobPage> = Object.create(null);
          for (const [index, page] of names.entries()) {
            answers[page] = answer({
              status: 'completed',
              page,
              rows: [{ index }],
              next_cursor: names[index + 1] ?? loop,
            });
          }
          const { pages, end } = await walk(answers, answers[names[0] ?? '']);
          expect(pages.map(({ rows }) => rows[0]?.index)).toEqual(names.map((_, index) => index));
          if (loop === null)
            expect(end).toMatchObject({
              missing: [],
              pages: names.map((name, at) => ({ name: oneLine(name, 100), first_row: at + 1, rows: 1 })),
              rows: names.length,
            });
          else expect(end.broken).toContain('came back');
        },
      ),
    );
  });

  test('a page whose status went back ends the walk', async () => {
    const { end } = await walk({ page_0001: answer({ status: 'running', page: 'page_0001', rows: [{}] }) });
    expect(end).toMatchObject({
      missing: [{ page: 'page_0001' }],
      broken: expect.stringContaining('went back'),
    });
  });

  test('a job without a row has no page', async () => {
    expect(await walk({}, answer({ status: 'cancelled' }))).toMatchObject({
      pages: [],
      end: { missing: [], broken: null },
    });
  });
});

test('only three statuses are terminal, and a failed job is not final', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constantFrom('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled'),
      ),
      (status) => {
        expect(isTerminal(status)).toBe(['completed', 'failed', 'cancelled'].includes(status));
        expect(isFinal(status)).toBe(['completed', 'cancelled'].includes(status));
      },
    ),
  );
  expect(toJobState('j', answer({ status: 'done‮' }))).toMatchObject({ status: 'done', terminal: false });
});

test('progress grows strictly and never passes its total', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.nat(700))),
      fc.option(fc.integer({ min: 1, max: 600 })),
      (polls, total) => {
        const reports: ProgressReport[] = [];
        const sink = new ProgressSink((report) => reports.push(report));
        for (const processed of polls) sink.waiting(processed, total, '');
        sink.reading(0, total ?? 600, '');
        sink.reading(100, total ?? 600, '');
        for (const [index, { progress, total: of }] of reports.entries()) {
          if (index > 0) expect(progress).toBeGreaterThan(reports[index - 1]?.progress ?? 0);
          expect(progress).toBeLessThanOrEqual(of ?? Number.POSITIVE_INFINITY);
        }
      },
    ),
  );
});
