import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decidedNow, minutesLeft, tally, verdictOf } from '../../src/view/state/look.ts';
import { type Frame, ListServer, opened } from './view-server.ts';

const now = (frame: Frame) => decidedNow(frame.state)?.row ?? null;

test('three hundred companies are decided one by one, none skipped and none twice', () => {
  const server = new ListServer('a', 300);
  server.mark([5, 17], 'maybe');
  const frame = opened(server);
  frame.send({ is: 'decide', row: null });
  frame.settle();
  const seen: number[] = [];
  for (let row = now(frame); row !== null; row = now(frame)) {
    seen.push(row);
    frame.send({ is: 'mark', rows: [row], verdict: row % 2 === 0 ? 'keep' : 'drop', go: true });
    // The next one is there at once, before anything was answered.
    if (seen.length < 298) expect(now(frame)).not.toBeNull();
    frame.settle();
  }
  expect(seen).toEqual(
    Array.from({ length: 300 }, (_, at) => at + 1).filter((row) => row !== 5 && row !== 17),
  );
  expect(tally(frame.state)).toMatchObject({ open: 0, maybe: 2, all: 300 });
});

test('the same in any order of answers, with some put off until the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 120 }),
      fc.boolean(),
      (choices, spread) => {
        const server = new ListServer('a', 40);
        const frame = opened(server);
        frame.send(spread ? { is: 'spread', on: true } : { is: 'decide', row: null });
        const judged: number[] = [];
        for (let step = 0; step < 400 && judged.length < 40; step += 1) {
          const choice = choices[step % choices.length] ?? 0;
          if (choice < 4 && frame.open.length > 0) frame.answer(choice % frame.open.length);
          else if (choice === 4 && step < 150) frame.send({ is: 'skip' });
          else if (choice === 5 && step < 150) frame.send({ is: 'poll' });
          else {
            const row = now(frame);
            if (row === null) frame.settle();
            else {
              judged.push(row);
              frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: true });
            }
          }
        }
        frame.settle();
        expect(new Set(judged).size).toBe(judged.length);
        expect(judged).toHaveLength(40);
      },
    ),
    { numRuns: 100 },
  );
});

test('spread over the list, the first ten come from all of it', () => {
  const frame = opened(new ListServer('a', 300));
  frame.send({ is: 'spread', on: true });
  frame.settle();
  const first: number[] = [];
  for (let count = 0; count < 10; count += 1) {
    const row = now(frame);
    if (row === null) throw new Error('there are more');
    first.push(row);
    frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: true });
    frame.settle();
  }
  expect(new Set(first.map((row) => Math.floor((row - 1) / 75))).size).toBe(4);
});

test('undo brings the company back, one after the other', () => {
  const server = new ListServer('a', 30);
  const frame = opened(server);
  frame.send({ is: 'decide', row: null });
  frame.settle();
  for (const row of [1, 2, 3]) {
    frame.send({ is: 'mark', rows: [row], verdict: 'drop', go: true });
    frame.settle();
  }
  expect(frame.state.toast).toBe('Dropped Company 3');
  frame.send({ is: 'undo' });
  frame.settle();
  expect(now(frame)).toBe(3);
  frame.send({ is: 'undo' });
  expect(now(frame)).toBe(2);
  expect(verdictOf(frame.state, 2)).toBeNull();
  frame.settle();
  expect(server.verdicts()).toEqual({ 1: 'drop' });
  frame.send({ is: 'mark', rows: [2], verdict: 'keep', go: true });
  expect(now(frame)).toBe(3);
  frame.send({ is: 'undo' });
  frame.send({ is: 'undo' });
  frame.send({ is: 'undo' });
  frame.settle();
  expect(frame.state.toast).toBe('Nothing to take back');
  expect(server.verdicts()).toEqual({});
});

test('the minutes that are left follow the pace of the last verdicts', () => {
  const frame = opened(new ListServer('a', 100));
  frame.send({ is: 'decide', row: null });
  frame.settle();
  expect(minutesLeft(frame.state)).toBeNull();
  for (let row = 1; row <= 10; row += 1) {
    frame.at += 2_000;
    frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: true });
    // Answers take time too, which is not the user's.
    const { at } = frame;
    frame.settle();
    frame.at = at;
  }
  expect(minutesLeft(frame.state)).toBeCloseTo((90 * 3) / 60, 5);
});

test('begins at a company, goes back to it, and decides the maybes where those are shown', () => {
  const server = new ListServer('a', 40);
  server.mark([21, 33], 'maybe', 'user');
  const frame = opened(server);
  frame.send({ is: 'decide', row: 15 });
  frame.settle();
  expect(now(frame)).toBe(15);
  frame.send({ is: 'list' });
  frame.settle();
  expect(frame.focused).toBe(15);
  frame.send({ is: 'filter', part: { verdicts: ['maybe'] } });
  frame.settle();
  frame.send({ is: 'decide', row: null });
  frame.settle();
  expect(frame.state.upcoming).toEqual([21, 33]);
  frame.send({ is: 'mark', rows: [21], verdict: 'maybe', go: true });
  frame.settle();
  frame.send({ is: 'mark', rows: [33], verdict: 'keep', go: true });
  frame.settle();
  expect(now(frame)).toBeNull();
  expect(frame.state.allRead).toBe(true);
});

test('each verdict that is saved brings the share that fits by now', () => {
  const frame = opened(new ListServer('a', 10));
  expect(frame.state.status?.fit).toBe('');
  frame.send({ is: 'decide', row: null });
  frame.settle();
  const shares = (['keep', 'drop', 'maybe'] as const).map((verdict) => {
    frame.send({ is: 'mark', rows: [now(frame) ?? 0], verdict, go: true });
    frame.settle();
    return frame.state.status?.fit;
  });
  expect(shares).toEqual(['Fit: 100 %. 1 verdicts', 'Fit: 50 %. 2 verdicts', 'Fit: 50 %. 3 verdicts']);
  frame.send({ is: 'undo' });
  frame.settle();
  expect(frame.state.status?.fit).toBe('Fit: 50 %. 2 verdicts');
});
