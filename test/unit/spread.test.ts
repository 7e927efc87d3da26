import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextOfSample, spreadSample } from '../../src/judging/spread.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const list = fc.integer({ min: 1, max: 400 }).chain((total) =>
  fc.record({
    total: fc.constant(total),
    open: fc.subarray(upTo(total)),
    size: fc.integer({ min: 1, max: 50 }),
    job: fc.string(),
  }),
);

test('a sample has as many open companies as were asked for, none twice, and the same when asked again', () => {
  fc.assert(
    fc.property(list, ({ total, open, size, job }) => {
      const sample = spreadSample(job, open, [], total, size);
      expect(sample).toHaveLength(Math.min(size, open.length));
      expect(new Set(sample).size).toBe(sample.length);
      expect(open).toEqual(expect.arrayContaining(sample));
      expect(spreadSample(job, open.toReversed(), [], total, size)).toEqual(sample);
    }),
  );
});

test('a sample has one company of each band in which one is open', () => {
  fc.assert(
    fc.property(list, ({ total, open, size, job }) => {
      const band = (row: number) => Math.floor(((row - 1) * size) / total);
      const sample = spreadSample(job, open, [], total, size);
      expect(new Set(sample.map(band))).toEqual(new Set(open.map(band)));
    }),
  );
});

test('whatever part of a sample is judged, the rest of it comes again', () => {
  fc.assert(
    fc.property(list, fc.infiniteStream(fc.boolean()), ({ total, size, job }, marks) => {
      const first = spreadSample(job, upTo(total), [], total, size);
      const judged = first.filter(() => marks.next().value);
      const open = upTo(total).filter((row) => !judged.includes(row));
      const second = spreadSample(job, open, judged, total, size);
      expect(second).toEqual(expect.arrayContaining(first.filter((row) => !judged.includes(row))));
    }),
  );
});

test('the same call goes on with the sample of which any part is judged, and with nothing else', () => {
  fc.assert(
    fc.property(list, fc.infiniteStream(fc.boolean()), ({ total, open, size, job }, marks) => {
      const first = spreadSample(job, open, [], total, size);
      const judged = first.filter(() => marks.next().value);
      fc.pre(judged.length < first.length);
      expect(nextOfSample(job, open, judged, total, size)).toEqual({
        rows: first.filter((row) => !judged.includes(row)),
        goesOn: true,
      });
    }),
  );
});

test('behind a sample that is judged whole comes the other half of one twice as large', () => {
  const all = upTo(400);
  const first = spreadSample('job', all, [], 400, 20);
  const second = nextOfSample('job', all, first, 400, 20);
  expect(second.goesOn).toBe(false);
  expect([...first, ...second.rows].toSorted()).toEqual(spreadSample('job', all, [], 400, 40).toSorted());
  // Begun, it is gone on with; so is the first one after a call for twice as many.
  const begun = nextOfSample('job', all, [...first, ...second.rows.slice(0, 7)], 400, 20);
  expect(begun).toEqual({ rows: second.rows.slice(7), goesOn: true });
  expect(nextOfSample('job', all, first, 400, 40)).toMatchObject({ goesOn: true });
});

test.each([1, 5, 20, 150])('the first %i judged are no sample to go on with', (count) => {
  const all = upTo(300).filter((row) => row !== 1 || count > 1);
  const judged = all.slice(0, count);
  const { rows, goesOn } = nextOfSample('job 1', all, judged, 300, 20);
  expect(goesOn).toBe(false);
  expect(rows.filter((row) => judged.includes(row))).toEqual([]);
  expect(rows).toHaveLength(20);
});

test('a second sample halves the bands of the first', () => {
  const first = spreadSample('job', upTo(400), [], 400, 20);
  const rest = upTo(400).filter((row) => !first.includes(row));
  const second = spreadSample('job', rest, first, 400, 20);
  const halves = [...first, ...second].map((row) => Math.floor((row - 1) / 10));
  expect(new Set(halves).size).toBe(40);
});

test('the first few of a sample are spread as well', () => {
  const sample = spreadSample('job', upTo(320), [], 320, 32);
  for (const count of [2, 4, 8, 16]) {
    const bands = sample.slice(0, count).map((row) => Math.floor(((row - 1) * count) / 320));
    expect(new Set(bands).size).toBe(count);
  }
});

test('samples of different jobs differ, and no place in a band is preferred', () => {
  const places = new Map<number, number>();
  for (let job = 0; job < 200; job += 1)
    for (const row of spreadSample(`job ${job}`, upTo(200), [], 200, 20))
      places.set((row - 1) % 10, (places.get((row - 1) % 10) ?? 0) + 1);
  expect(places.size).toBe(10);
  for (const count of places.values()) expect(Math.abs(count - 400)).toBeLessThan(90);
});
