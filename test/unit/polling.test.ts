import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobPage } from '../../src/openfunnel/wire.ts';
import {
  type FactSource,
  jittered,
  jobFacts,
  type PollFacts,
  pollDelayMs,
} from '../../src/reading/polling.ts';
import { Waiter } from '../../src/reading/wait.ts';
import { FakeClock } from '../fake-clock.ts';

const state = (processed: number | null, stage: string | null, status = 'running') => ({
  processed,
  stage,
  status,
});
const facts = fc.record({
  ageMs: fc.integer({ min: 0, max: 10 * 3_600_000 }),
  limit: fc.option(fc.integer({ min: 1, max: 10_000 })),
  state: fc.option(
    fc.record({
      status: fc.constantFrom('pending', 'running', 'cancelling', 'never_seen'),
      processed: fc.option(fc.integer({ min: 0, max: 20_000 })),
      stage: fc.option(
        fc.constantFrom('retrieving_companies', 'qualifying_companies', 'reranking_companies', 'new_stage'),
      ),
    }),
  ),
});

describe('polling', () => {
  test('whatever is known, 1 to 30 s, and never out of proportion to the age of the job', () => {
    fc.assert(
      fc.property(facts, (each: PollFacts) => {
        const delay = pollDelayMs(each);
        expect(delay).toBeGreaterThanOrEqual(1_000);
        expect(delay).toBeLessThanOrEqual(Math.min(30_000, Math.max(1_000, each.ageMs)));
      }),
    );
  });

  test('polls gather where the job likely ends', () => {
    const ageMs = 40_000;
    const delays = [
      { ageMs, limit: 600, state: state(null, 'retrieving_companies') },
      { ageMs, limit: 600, state: state(240, 'qualifying_companies') },
      { ageMs, limit: 600, state: state(480, 'qualifying_companies') },
      { ageMs, limit: 600, state: state(600, 'reranking_companies') },
    ].map(pollDelayMs);
    expect(delays).toEqual([...delays].sort((a, b) => b - a));
    expect(new Set(delays).size).toBe(delays.length);
    // A limit reached and a cancel under way are the end as much as the last stage is.
    for (const ending of [
      state(600, 'qualifying_companies'),
      state(10, 'qualifying_companies', 'cancelling'),
    ])
      expect(pollDelayMs({ ageMs, limit: 600, state: ending })).toBe(delays.at(-1));
  });

  test('without a limit, a stage or a state it keeps between the extremes', () => {
    const ageMs = 40_000;
    const early = pollDelayMs({ ageMs, limit: 600, state: state(null, 'retrieving_companies') });
    const near = pollDelayMs({ ageMs, limit: 600, state: state(600, 'reranking_companies') });
    for (const unknown of [
      { ageMs, limit: null, state: null },
      { ageMs, limit: null, state: state(100, 'qualifying_companies') },
      { ageMs, limit: 600, state: state(null, 'a stage of next year', 'a status of next year') },
    ]) {
      expect(pollDelayMs(unknown)).toBeGreaterThan(near);
      expect(pollDelayMs(unknown)).toBeLessThan(early);
    }
  });

  test('jitter stays within a tenth', () => {
    expect([0, 0.5, 1].map((random) => jittered(10_000, () => random))).toEqual([9_000, 10_000, 11_000]);
  });

  test("a job in the ledger is waited for at its age's pace, not from the start again", async () => {
    const clock = new FakeClock();
    const looks: number[] = [];
    const submittedAt = new Date(clock.now() - 600_000).toISOString();
    const find = async () => ({
      job_id: 'j',
      submitted_at: submittedAt,
      request: { limit: 600 },
      status: 'running',
      terminal: false,
      processed: null,
      checked_at: submittedAt,
    });
    const getPage = async () => {
      looks.push(clock.elapsed);
      return jobPage.parse({ status: 'running', processed: 60, progress_message: 'qualifying_companies' });
    };
    const { signal } = new AbortController();
    const waiter = new Waiter({ source: { getPage }, ledger: { find }, clock, random: () => 0.5 });
    await clock.run(waiter.wait({ jobId: 'j', signal, maxWaitMs: 45_000 }));
    expect(looks).toEqual([0, 30_000, 45_000]);
  });

  test('the age is that of the submit, else of the first look, and never below none', async () => {
    const clock = new FakeClock();
    const now = clock.now();
    const at = (ms: number) => new Date(now + ms).toISOString();
    const ageOf = async (job: Awaited<ReturnType<FactSource['find']>>) =>
      (await jobFacts({ find: async () => job }, clock, 'j')).ageMs;
    const request = null;
    expect(await ageOf({ submitted_at: at(-5_000), noted_at: at(-1_000), request })).toBe(5_000);
    expect(await ageOf({ submitted_at: null, noted_at: at(-1_000), request })).toBe(1_000);
    expect(await ageOf({ submitted_at: at(9_000), request })).toBe(0);
    expect(await ageOf(undefined)).toBe(0);
  });
});
