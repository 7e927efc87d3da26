import { describe, expect, test } from 'vitest';
import { pollDelay, tally, verdictOf } from '../../src/view/state/look.ts';
import { Frame, ListServer, opened } from './view-server.ts';

describe('marks while nobody answers', () => {
  test('wait, are shown, are said to wait, and are sent later', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    frame.fail('error');
    frame.send({ is: 'mark', rows: [2], verdict: 'drop', go: false });
    frame.fail('error');
    expect(frame.state.connection).toBe('lost');
    expect(verdictOf(frame.state, 1)).toBe('keep');
    expect(tally(frame.state)).toMatchObject({ keep: 1, drop: 1, open: 28 });
    expect(frame.said.join('\n')).toContain('Not saved yet');
    expect(frame.state.queue.map(({ shows }) => shows.map(({ row }) => row))).toEqual([[1], [2]]);
    expect(server.verdicts()).toEqual({});
    frame.send({ is: 'poll' });
    frame.settle();
    expect(frame.state.connection).toBe('ok');
    expect(server.verdicts()).toEqual({ 1: 'keep', 2: 'drop' });
    expect(frame.state.queue).toEqual([]);
    expect(frame.said.at(-1)).toBe('Connected again');
  });

  test('an answer that is lost marks nothing twice when the mark is sent again', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    const [sending] = frame.open;
    if (sending?.kind !== 'mark') throw new Error('a mark is sent');
    server.answer(sending.tool, sending.args);
    server.mark([1], 'maybe');
    frame.fail('silent');
    frame.send({ is: 'retry' });
    frame.settle();
    expect(server.verdicts()).toEqual({ 1: 'maybe' });
    expect(frame.state.queue).toEqual([]);
  });

  test('can be taken back before they were ever sent', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    frame.send({ is: 'mark', rows: [2], verdict: 'drop', go: false });
    frame.send({ is: 'undo' });
    expect(verdictOf(frame.state, 2)).toBeNull();
    frame.settle();
    expect(server.verdicts()).toEqual({ 1: 'keep' });
  });

  test('one that the server refuses is taken back and said, with its words', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    frame.fail('refused', 'The marks could not be written.', false);
    expect(verdictOf(frame.state, 1)).toBeNull();
    expect(frame.state.warning).toBe('Not saved (Kept Company 1): The marks could not be written.');
    expect(frame.said.at(-1)).toBe(frame.state.warning);
    expect(frame.state.undo).toEqual([]);
  });

  test('those of an earlier frame are sent by the next one', () => {
    const server = new ListServer('a', 30);
    const before = opened(server);
    before.send({ is: 'mark', rows: [3], verdict: 'keep', go: false });
    before.fail('error');
    const after = opened(server, 'g');
    after.send({ is: 'queued before', operations: before.state.queue });
    after.settle();
    expect(server.verdicts()).toEqual({ 3: 'keep' });
  });
});

describe('how the calls fare', () => {
  test('a host that lets nothing through is not asked again and again', () => {
    const frame = new Frame([new ListServer('a', 3)]);
    frame.send({ is: 'opened', jobId: 'a' });
    frame.fail('error', 'not allowed');
    expect(frame.state.connection).toBe('denied');
    expect(pollDelay(frame.state, frame.at)).toBeNull();
    frame.send({ is: 'retry' });
    frame.settle();
    expect(frame.state).toMatchObject({ connection: 'ok', status: { job_id: 'a' } });
  });

  test('a call that nobody answers ends, with a way to try again', () => {
    const frame = new Frame([new ListServer('a', 3)]);
    frame.send({ is: 'opened', jobId: 'a' });
    frame.fail('silent');
    expect(frame.state.connection).toBe('slow');
    frame.send({ is: 'retry' });
    frame.settle();
    expect(frame.state.page?.rows).toEqual([1, 2, 3]);
  });

  test("an error's own words are shown", () => {
    const frame = new Frame([new ListServer('a', 3)]);
    frame.send({ is: 'opened', jobId: 'a' });
    frame.fail('refused', 'Job not found', false);
    expect(frame.state.refused).toEqual({ message: 'Job not found', again: false });
    expect(pollDelay(frame.state, frame.at)).toBeNull();
  });

  test('an answer from before a mark does not bring the counts before it back', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'poll' });
    const status = frame.open[0];
    if (status?.kind !== 'status') throw new Error('the job is asked about');
    const old = server.answer(status.tool, status.args);
    frame.open.splice(0);
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    frame.settle();
    frame.send({ is: 'answered', call: status, answer: old });
    expect(tally(frame.state)).toMatchObject({ keep: 1, open: 29 });
    expect(frame.state.status?.counts?.keep).toBe(1);
  });
});

describe('how often the job is asked about', () => {
  /** Looks in a time where nothing changes. */
  function looks(frame: Frame, server: ListServer, seconds: number): number {
    const end = frame.at + seconds * 1_000;
    let count = 0;
    for (;;) {
      const delay = pollDelay(frame.state, frame.at);
      if (delay === null || frame.at + delay > end) return count;
      frame.at += delay - 2_000;
      frame.send({ is: 'poll' });
      frame.settle();
      count += 1;
      if (server.companies.length === 0) return count;
    }
  }

  test('often while it runs, ever less when it has ended, not at all when nothing can change', () => {
    const server = new ListServer('a', 30);
    server.status = 'running';
    const frame = opened(server);
    expect(looks(frame, server, 20)).toBeGreaterThanOrEqual(9);
    server.status = 'completed';
    frame.send({ is: 'poll' });
    frame.settle();
    expect(looks(frame, server, 20)).toBeLessThanOrEqual(2);
    expect(looks(frame, server, 600)).toBeLessThanOrEqual(12);
    server.mark([3], 'drop');
    frame.send({ is: 'poll' });
    frame.settle();
    expect(pollDelay(frame.state, frame.state.lookedAt)).toBe(3_000);
    frame.send({ is: 'host', host: { visible: false } });
    expect(pollDelay(frame.state, frame.at)).toBeNull();
    frame.send({ is: 'host', host: { visible: true } });
    expect(frame.open.map(({ kind }) => kind)).toEqual(['status']);
    const failed = new ListServer('b', 0);
    failed.status = 'failed';
    expect(pollDelay(opened(failed).state, 0)).toBeNull();
  });

  test('nothing is asked after the frame is taken down', () => {
    const frame = opened(new ListServer('a', 30));
    frame.send({ is: 'stopped', why: 'gone' });
    frame.send({ is: 'poll' });
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    expect(frame.open).toEqual([]);
    expect(pollDelay(frame.state, 1)).toBeNull();
  });
});

test('a running job shows its first companies, and has them judged when it has ended', () => {
  const server = new ListServer('a', 12);
  server.status = 'running';
  const frame = opened(server);
  expect(frame.state.page?.rows).toHaveLength(10);
  server.status = 'completed';
  frame.send({ is: 'poll' });
  frame.settle();
  expect(frame.said).toContain('The job has completed');
  expect(frame.state.status?.final).toBe(true);
  frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: true });
  frame.settle();
  expect(server.verdicts()).toEqual({ 1: 'keep' });
});

test('verdicts given while a job runs stay with their companies, over new frames and new ranks', () => {
  const server = new ListServer('a', 12);
  server.status = 'running';
  const frame = opened(server);
  frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: true });
  frame.send({ is: 'mark', rows: [2], verdict: 'drop', go: true });
  frame.send({ is: 'mark', rows: [3], verdict: 'drop', go: true });
  frame.send({ is: 'undo' });
  expect(frame.focused).toBe(4);
  expect(frame.open).toEqual([]);
  server.rerank();
  const next = opened(server, 'g');
  next.send({ is: 'turn', to: 'next', focus: 'first' });
  next.settle();
  expect(next.state.page?.rows).toEqual([11, 12]);
  expect([11, 12].map((row) => verdictOf(next.state, row))).toEqual(['drop', 'keep']);
  server.status = 'completed';
  next.send({ is: 'poll' });
  next.settle();
  expect(server.verdicts()).toEqual({ 11: 'drop', 12: 'keep' });
  expect(next.state.place.early).toEqual([]);
  // Once they are marks they are not made again.
  server.mark([12], 'maybe', 'user');
  opened(server, 'h');
  expect(server.verdicts()).toEqual({ 11: 'drop', 12: 'maybe' });
});

test('a company judged while the job ran that is not in its list is told, and one that nothing tells apart waits', () => {
  const server = new ListServer('a', 12);
  server.status = 'running';
  const [first, second] = server.companies;
  Object.assign(second ?? {}, { domain: '' });
  const frame = opened(server);
  frame.send({ is: 'mark', rows: [2], verdict: 'keep', go: false });
  expect(frame.said.at(-1)).toMatch(/can be judged when the job has ended/);
  frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
  Object.assign(first ?? {}, { domain: 'another.example' });
  server.status = 'completed';
  frame.send({ is: 'poll' });
  frame.settle();
  expect(server.verdicts()).toEqual({});
  expect(frame.said).toContainEqual(expect.stringContaining('1 that you judged before are not in the list'));
});
