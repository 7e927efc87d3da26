import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fit, fitOf, type Judged } from '../../src/judging/fit.ts';
import { spreadSample } from '../../src/judging/spread.ts';
import { stopOf } from '../../src/judging/stop.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const NONE: ReadonlySet<number> = new Set();

function fitWhere(companies: number, rows: readonly number[], more: Partial<Judged> = {}): Fit {
  const verdicts = new Map(rows.map((row) => [row, row % 4 === 0 ? 'drop' : 'keep'] as const));
  const found = fitOf({ companies, verdicts, excluded: NONE, credits: companies, ...more });
  if (found === null) throw new Error('nothing is judged');
  return found;
}

test('nothing judged is no fit, and verdicts on excluded rows are none', () => {
  const verdicts = new Map([[3, 'keep'] as const]);
  const asked = { companies: 10, credits: 10, excluded: NONE };
  expect(fitOf({ ...asked, verdicts: new Map() })).toBeNull();
  expect(fitOf({ ...asked, verdicts, excluded: new Set([3]) })).toBeNull();
  expect(fitOf({ ...asked, companies: 2, verdicts })).toBeNull();
});

const judged = fc.integer({ min: 1, max: 200 }).chain((companies) =>
  fc.record({
    companies: fc.constant(companies),
    verdicts: fc
      .subarray(upTo(companies), { minLength: 1 })
      .chain((rows) =>
        fc
          .array(fc.constantFrom('keep', 'maybe', 'drop'), { minLength: rows.length, maxLength: rows.length })
          .map((words) => new Map(rows.map((row, index) => [row, words[index] ?? 'drop'] as const))),
      ),
    excluded: fc.subarray(upTo(companies)).map((rows) => new Set(rows)),
    credits: fc.option(fc.nat({ max: 1_000 })),
  }),
);

test('an interval is within what is possible, and a share within its interval', () => {
  fc.assert(
    fc.property(judged, (asked) => {
      const found = fitOf(asked);
      if (found === null) return;
      const all = asked.companies - asked.excluded.size;
      const fits = found.keep + found.maybe / 2;
      expect(found.judged).toBe(found.keep + found.maybe + found.drop);
      expect(found.low).toBeGreaterThanOrEqual(fits / all - 1e-9);
      expect(found.high).toBeLessThanOrEqual((fits + all - found.judged) / all + 1e-9);
      for (const { share, low, high } of [found, ...found.by_depth]) {
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share ?? high);
        expect(high).toBeGreaterThanOrEqual(share ?? low);
        expect(high).toBeLessThanOrEqual(1);
      }
      expect(found.expected).toBe(found.share === null ? null : found.share * all);
    }),
  );
});

test('the stretches are five at most, and together the list', () => {
  fc.assert(
    fc.property(judged, (asked) => {
      const found = fitOf(asked);
      if (found === null) return;
      expect(found.by_depth.length).toBeLessThanOrEqual(5);
      const rows = found.by_depth.flatMap(({ from_row, to_row }) =>
        upTo(to_row - from_row + 1).map((row) => row + from_row - 1),
      );
      expect(rows).toEqual(upTo(asked.companies));
      expect(found.by_depth.reduce((sum, depth) => sum + depth.judged, 0)).toBe(found.judged);
    }),
  );
});

test('where everything is judged the share is exact, at every depth', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('keep', 'maybe', 'drop'), { minLength: 1 }), (words) => {
      const verdicts = new Map(words.map((word, index) => [index + 1, word] as const));
      const found = fitOf({ companies: words.length, verdicts, excluded: NONE, credits: null });
      const worth = words.map((word) => ({ keep: 1, maybe: 0.5, drop: 0 })[word]);
      const exact = worth.reduce((sum, each) => sum + each, 0) / words.length;
      expect(found).toMatchObject({ share: exact, low: exact, high: exact });
      expect(found?.basis).toMatch(new RegExp(`^All ${words.length} judged\\.`));
      for (const { share, low, high } of found?.by_depth ?? []) expect([low, high]).toEqual([share, share]);
    }),
  );
});

test.each([1, 10, 25, 40, 80, 90])('the first %i of a hundred say nothing of the rest', (first) => {
  const found = fitWhere(100, upTo(first), {
    verdicts: new Map(upTo(first).map((row) => [row, 'keep'])),
  });
  expect(found).toMatchObject({ share: null, expected: null, credits_per_fit: null, stop_at: null });
  expect([found.low, found.high]).toEqual([first / 100, 1]);
  const ranks = first === 1 ? 'rank 1 was' : `ranks 1–${first} were`;
  expect(found.basis).toBe(`Only ${ranks} judged (${first} of 100): nothing is known of ${first + 1}–100.`);
  expect(found.by_depth.at(-1)).toEqual({
    from_row: first + 1,
    to_row: 100,
    judged: 0,
    share: null,
    low: 0,
    high: 1,
  });
  for (const depth of found.by_depth.slice(0, -1)) expect(depth.share).toBe(1);
});

test('a stretch in the middle of which nothing is known is named', () => {
  const found = fitWhere(300, [...upTo(20), ...upTo(20).map((row) => row + 280)]);
  expect(found.share).toBeNull();
  expect(found.basis).toContain('Only ranks 1–20, 281–300 were judged (40 of 300)');
  expect(found.basis).toContain('nothing is known of 21–280');
});

test('a spread sample speaks for the whole list, however many rows are left aside', () => {
  const job = fc.string();
  const lists = fc.integer({ min: 20, max: 500 }).chain((total) =>
    fc.record({
      total: fc.constant(total),
      size: fc.integer({ min: 5, max: 40 }),
      aside: fc.subarray(upTo(total), { maxLength: Math.floor(total / 4) }),
    }),
  );
  fc.assert(
    fc.property(job, lists, (id, { total, size, aside }) => {
      const open = upTo(total).filter((row) => !aside.includes(row));
      const first = spreadSample(id, open, [], total, size);
      const next = spreadSample(id, open, first, total, size);
      for (const rows of [first, [...first, ...next]]) {
        const { share, basis } = fitWhere(total, rows, { excluded: new Set(aside) });
        expect(share).not.toBeNull();
        expect(basis).not.toContain('nothing is known');
        expect(basis).toContain(aside.length > 0 ? `${aside.length} of ${total} rows` : '');
      }
    }),
  );
});

test('the first forty judged on top of a spread sample weigh no more than their length', () => {
  const spread = spreadSample('job', upTo(400), [], 400, 20);
  const rows = [...new Set([...upTo(40), ...spread])];
  // The first forty fit, and nothing else.
  const verdicts = new Map(rows.map((row) => [row, row <= 40 ? 'keep' : 'drop'] as const));
  const found = fitWhere(400, rows, { verdicts });
  expect(found.keep / found.judged).toBeGreaterThan(0.6);
  expect(found.share).toBeCloseTo(0.1, 1);
  expect(found.high).toBeLessThan(0.3);
});

test('a maybe counts half, and it says so', () => {
  const rows = spreadSample('job', upTo(300), [], 300, 20);
  const found = fitWhere(300, rows, { verdicts: new Map(rows.map((row) => [row, 'maybe'])) });
  expect(found).toMatchObject({ share: 0.5, maybe: 20, expected: 150, credits_per_fit: 2 });
  expect(found.basis).toBe('20 judged, spread over 300. A maybe counts half.');
  expect(fitWhere(300, rows).basis).not.toContain('maybe');
});

test('credits per fitting company need both, credits that are known and a company that fits', () => {
  const rows = upTo(10);
  const drops = new Map(rows.map((row) => [row, 'drop'] as const));
  expect(fitWhere(10, rows).credits_per_fit).toBeCloseTo(10 / 8);
  expect(fitWhere(10, rows, { credits: null }).credits_per_fit).toBeNull();
  expect(fitWhere(10, rows, { verdicts: drops })).toMatchObject({ expected: 0, credits_per_fit: null });
});

test('where the share falls for good there is a cut, with the rows between which it likely lies', () => {
  const rows = spreadSample('job', upTo(200), [], 200, 40);
  const verdicts = new Map(rows.map((row) => [row, row <= 120 ? 'keep' : 'drop'] as const));
  const { stop_at, basis } = fitWhere(200, rows, { verdicts });
  expect(Math.abs((stop_at ?? 0) - 120)).toBeLessThanOrEqual(10);
  expect(basis).toMatch(new RegExp(`behind row ${stop_at} or so \\(likely \\d+–\\d+\\)`));
});

test.each(['keep', 'drop', 'maybe'] as const)('where every verdict is %s there is no cut', (verdict) => {
  const rows = spreadSample('job', upTo(200), [], 200, 40);
  expect(fitWhere(200, rows, { verdicts: new Map(rows.map((row) => [row, verdict])) }).stop_at).toBeNull();
});

test('a cut lies between the first verdict and the last, and within its doubt', () => {
  const verdicts = fc
    .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 60 })
    .map((rows) => rows.sort((a, b) => a - b))
    .chain((rows) =>
      fc.tuple(...rows.map((row) => fc.constantFrom(0, 0.5, 1, null).map((worth) => ({ row, worth })))),
    );
  fc.assert(
    fc.property(verdicts, (given) => {
      const stop = stopOf(given);
      if (stop === null) return;
      const judged = given.filter(({ worth }) => worth !== null);
      expect(stop.low).toBeGreaterThanOrEqual(judged[0]?.row ?? 0);
      expect(stop.row).toBeGreaterThanOrEqual(stop.low);
      expect(stop.high).toBeGreaterThanOrEqual(stop.row);
      expect(stop.high).toBeLessThan(judged.at(-1)?.row ?? 0);
    }),
  );
});

test('companies of one kind count as they are, and say nothing of the others', () => {
  const ofOneKind = new Set([2, 4, 6, 8, 10, 12]);
  const verdicts = new Map<number, 'keep' | 'drop' | 'maybe'>([...ofOneKind].map((row) => [row, 'drop']));
  const asked = { companies: 40, verdicts, excluded: NONE, ofOneKind, credits: 40 };
  expect(fitOf(asked)).toBeNull();
  for (const row of [1, 9, 17, 25, 33, 39]) verdicts.set(row, 'keep');
  const found = fitOf(asked);
  expect(found).toMatchObject({ judged: 12, keep: 6, drop: 6, maybe: 0 });
  expect(found?.basis).toContain('6 were marked by a condition');
  const others = fitOf({ ...asked, excluded: ofOneKind, ofOneKind: NONE });
  for (const bound of ['share', 'low', 'high'] as const)
    expect(found?.[bound]).toBeCloseTo(((others?.[bound] ?? -1) * 34) / 40, 10);
  expect(found?.expected).toBeCloseTo((found?.share ?? 0) * 40, 10);
  for (let row = 1; row <= 40; row += 1) if (!verdicts.has(row)) verdicts.set(row, 'keep');
  expect(fitOf(asked)).toMatchObject({ share: 34 / 40, low: 34 / 40, high: 34 / 40, judged: 40 });
});
