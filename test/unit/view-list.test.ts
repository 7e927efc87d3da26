import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tally, verdictOf } from '../../src/view/state/look.ts';
import { Frame, ListServer, opened } from './view-server.ts';

const rowsOf = (frame: Frame) => [...(frame.state.page?.rows ?? [])];

describe('the list', () => {
  test('under the tab "Open" nobody is skipped: each page begins behind the last one', () => {
    const server = new ListServer('a', 57);
    const frame = opened(server);
    frame.send({ is: 'filter', part: { verdicts: ['open'] } });
    frame.settle();
    const shown: number[] = [];
    for (
      let row = frame.state.place.current;
      row !== null && shown.length < 57;
      row = frame.state.place.current
    ) {
      shown.push(row);
      frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: true });
      frame.settle();
    }
    expect(shown).toEqual(Array.from({ length: 57 }, (_, at) => at + 1));
    expect(tally(frame.state)).toMatchObject({ open: 0, keep: 57, all: 57 });
  });

  test('the same while answers lag behind, and with a look at the job in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }), (choices) => {
        const server = new ListServer('a', 34);
        const frame = opened(server);
        frame.send({ is: 'filter', part: { verdicts: ['open'] } });
        frame.settle();
        const judged: number[] = [];
        let turn = 0;
        const next = () => choices[turn++ % Math.max(1, choices.length)] ?? 0;
        for (let step = 0; step < 300 && judged.length < 34; step += 1) {
          const choice = next();
          if (choice < 3 && frame.open.length > 0) frame.answer(choice % frame.open.length);
          else if (choice === 3 && step < 100) frame.send({ is: 'poll' });
          else {
            const row = frame.state.place.current;
            if (row === null || verdictOf(frame.state, row) !== null) frame.settle();
            else {
              judged.push(row);
              frame.send({ is: 'mark', rows: [row], verdict: 'drop', go: true });
            }
          }
        }
        frame.settle();
        expect(new Set(judged).size).toBe(judged.length);
        expect(judged).toEqual([...judged].sort((a, b) => a - b));
        expect(server.verdicts()).toEqual(Object.fromEntries(judged.map((row) => [row, 'drop'])));
        expect(judged).toHaveLength(34);
      }),
      { numRuns: 60 },
    );
  });

  test('a page that is turned while marks are under way comes, and the marks stay', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    for (const row of [1, 2, 3]) frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: false });
    frame.send({ is: 'turn', to: 'next', focus: 'first' });
    // The page is answered before any mark is.
    const page = frame.open.findIndex(({ kind }) => kind === 'page');
    frame.answer(page);
    expect(rowsOf(frame)[0]).toBe(11);
    frame.settle();
    expect(rowsOf(frame)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(server.verdicts()).toEqual({ 1: 'keep', 2: 'keep', 3: 'keep' });
  });

  test("what the model marks changes the rows' verdicts and moves none of them", () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'filter', part: { verdicts: ['open'] } });
    frame.settle();
    server.mark([2, 4, 25], 'drop');
    frame.send({ is: 'poll' });
    frame.settle();
    expect(rowsOf(frame)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(verdictOf(frame.state, 4)).toBe('drop');
    frame.send({ is: 'turn', to: 'next', focus: null });
    frame.settle();
    expect(rowsOf(frame)[0]).toBe(11);
    expect(rowsOf(frame)).not.toContain(25);
  });

  test('only the last of several filters is shown, however the answers come', () => {
    const server = new ListServer('a', 30);
    const frame = opened(server);
    frame.send({ is: 'filter', part: { search: '1' } });
    frame.send({ is: 'filter', part: { search: '12' } });
    while (frame.open.length > 0) frame.answer(frame.open.length - 1);
    expect(rowsOf(frame)).toEqual([12]);
  });

  test('arrow keys move over the ends of pages, and a range is selected as one', () => {
    const frame = opened(new ListServer('a', 25));
    frame.send({ is: 'current', row: 10 });
    frame.send({ is: 'step', by: 1 });
    frame.settle();
    expect(frame.focused).toBe(11);
    frame.send({ is: 'step', by: -1 });
    frame.settle();
    expect(frame.focused).toBe(10);
    frame.send({ is: 'select', row: 10, on: true, range: false });
    frame.send({ is: 'select', row: 8, on: true, range: true });
    expect([...frame.state.selected].sort((a, b) => a - b)).toEqual([8, 9, 10]);
  });

  test('all that match are marked as one, and taken back as one', () => {
    const server = new ListServer('a', 40);
    server.mark([1], 'maybe');
    const frame = opened(server);
    frame.send({ is: 'filter', part: { countries: ['India'] } });
    frame.settle();
    frame.send({ is: 'mark all', verdict: 'drop' });
    frame.settle();
    expect(Object.values(server.verdicts())).toEqual(Array(14).fill('drop'));
    expect(verdictOf(frame.state, 1)).toBe('drop');
    expect(frame.state.toast).toBe('Dropped 14 companies');
    frame.send({ is: 'undo' });
    frame.settle();
    expect(server.verdicts()).toEqual({ 1: 'maybe' });
    expect(verdictOf(frame.state, 4)).toBeNull();
  });

  test('in full screen a page grows', () => {
    const frame = opened(new ListServer('a', 250));
    frame.send({ is: 'host', host: { displayMode: 'fullscreen' } });
    frame.settle();
    expect(rowsOf(frame)).toHaveLength(100);
    frame.send({ is: 'turn', to: 'more', focus: null });
    frame.settle();
    expect(rowsOf(frame)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
  });
});

test('in full screen, under the tab "Open", a page that is judged while it grows reaches the end', () => {
  const frame = opened(new ListServer('a', 250));
  frame.send({ is: 'host', host: { displayMode: 'fullscreen' } });
  frame.send({ is: 'filter', part: { verdicts: ['open'] } });
  frame.settle();
  for (let row = 1; row <= 60; row += 1) frame.send({ is: 'mark', rows: [row], verdict: 'keep', go: false });
  frame.settle();
  for (let turns = 0; turns < 3; turns += 1) {
    frame.send({ is: 'turn', to: 'more', focus: null });
    frame.settle();
  }
  expect(rowsOf(frame)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
});

describe('one job at a time', () => {
  test('a result that names another job shows nothing of the one before', () => {
    const [first, second] = [new ListServer('a', 30), new ListServer('b', 5)];
    const frame = new Frame([first, second]);
    frame.send({ is: 'opened', jobId: 'a' });
    frame.settle();
    frame.send({ is: 'turn', to: 'next', focus: null });
    frame.send({ is: 'poll' });
    frame.send({ is: 'opened', jobId: 'b' });
    expect(frame.state).toMatchObject({ jobId: 'b', status: null, page: null });
    frame.settle();
    expect(frame.state.status?.job_id).toBe('b');
    expect(rowsOf(frame)).toEqual([1, 2, 3, 4, 5]);
  });

  test('its marks are still sent, to the job that they are of', () => {
    const [first, second] = [new ListServer('a', 30), new ListServer('b', 5)];
    const frame = new Frame([first, second]);
    frame.send({ is: 'opened', jobId: 'a' });
    frame.settle();
    frame.send({ is: 'mark', rows: [1], verdict: 'keep', go: false });
    frame.send({ is: 'mark', rows: [2], verdict: 'drop', go: false });
    frame.send({ is: 'opened', jobId: 'b' });
    frame.settle();
    expect(first.verdicts()).toEqual({ 1: 'keep', 2: 'drop' });
    expect(second.verdicts()).toEqual({});
    expect(verdictOf(frame.state, 1)).toBeNull();
  });

  test('the newest job is shown, and said to be that, where none is named', () => {
    const frame = new Frame([new ListServer('a', 3)]);
    frame.send({ is: 'opened', jobId: null });
    frame.settle();
    expect(frame.state.status).toMatchObject({ job_id: 'a', newest: true });
    frame.send({ is: 'poll' });
    frame.settle();
    expect(frame.state.status?.newest).toBe(true);
    frame.send({ is: 'opened', jobId: 'a' });
    expect(frame.open).toEqual([]);
  });
});

describe('a frame that is built anew', () => {
  test('begins where the one before was: search, tab, order and place', () => {
    const server = new ListServer('a', 60);
    const before = opened(server);
    before.send({ is: 'filter', part: { verdicts: ['open'], countries: ['France'] } });
    before.settle();
    before.send({ is: 'turn', to: 'next', focus: 'first' });
    before.settle();
    const after = opened(server, 'g');
    expect(after.state.place).toMatchObject({
      selection: { verdicts: ['open'], countries: ['France'] },
      top: rowsOf(before)[0],
    });
    expect(rowsOf(after)).toEqual(rowsOf(before));
  });

  test('a call with other words begins anew with those', () => {
    const server = new ListServer('a', 60);
    const before = opened(server);
    before.send({ is: 'filter', part: { countries: ['France'] } });
    before.settle();
    const after = new Frame([server], 'g');
    after.send({ is: 'opened', jobId: 'a', filter: '12' });
    after.settle();
    expect(rowsOf(after)).toEqual([12]);
    expect(after.state.place.selection.countries).toEqual([]);
  });

  test('takes a broken session for none', () => {
    for (const session of ['', '{', 'null', '{"selection":7,"top":"x","sort":"evil"}', '[]']) {
      const server = new ListServer('a', 12);
      server.session = session;
      expect(rowsOf(opened(server))).toHaveLength(10);
    }
  });
});
