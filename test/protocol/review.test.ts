import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { HOSTILE_KINDS, hostileText } from '../hostile-lengths.ts';
import { inMemory } from '../in-memory.ts';
import type { Rows } from '../real-rows.ts';
import { scaled } from '../scale.ts';
import type { RawResult } from '../stdio-server.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { pageOf, temporaryFolder } from '../upstream.ts';

type Args = Record<string, unknown>;
type Verdict = 'keep' | 'maybe' | 'drop';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Companies that have nothing in common but what they are given. */
function companies(count: number, more: (row: number) => Args = () => ({})): Rows {
  return upTo(count).map((row) => ({
    name: `Company ${row}`,
    domain: `company${row}.com`,
    hq_country: 'Germany',
    employee_count: 50,
    match_reason: `Company ${row} fits because it is a "good match" of the ${row}th kind`,
    description: `Number ${row} makes things. ${'And more of them. '.repeat(30)}`,
    ...more(row),
  }));
}

/** A server over jobs whose rows are given, of a search with the seed seed.com. */
async function over(jobs: Record<string, Rows>) {
  const folder = temporaryFolder();
  const { call } = await inMemory(folder, async ({ url }) => {
    const id = url.pathname.split('/').at(-1) ?? '';
    const page = pageOf([jobs[id] ?? []], url.searchParams.get('cursor'));
    const manifest = { ...(page.manifest as object), resolved_seed_domains: ['seed.com'] };
    const body = JSON.stringify({ ...page, manifest, job_id: id });
    return { status: 200, retryAfter: undefined, body };
  });
  const told = async (name: string, args: Args) => {
    const result = await call(name, args);
    if (result.isError) throw new Error(textOf(result));
    return { ...result.structuredContent, text: textOf(result) };
  };
  const batch = (args: Args = {}) => told('get_review_batch', { job_id: 'job', ...args });
  const mark = (rows: readonly number[], verdict: (row: number) => Verdict, args: Args = {}) =>
    told('mark_companies', {
      job_id: 'job',
      marks: rows.map((row) => ({ row, verdict: verdict(row) })),
      ...args,
    });
  return { folder, call, told, batch, mark };
}

const textOf = ({ content }: RawResult) => content[0]?.text ?? '';
const rowsOf = ({ rows }: { rows: unknown[][] }) => rows.map(([row]) => Number(row));
const keep = (): Verdict => 'keep';

test('without verdicts the batch is spread, one company of each band, and the same when asked again', async () => {
  const { batch } = await over({ job: companies(300) });
  const first = await batch();
  expect(first).toMatchObject({ order: 'spread', judged: 0, left: 280, fit: null, apart: null });
  expect(rowsOf(first).map((row) => Math.floor((row - 1) / 15))).toEqual(upTo(20).map((band) => band - 1));
  expect(first.text).toContain('20 companies to judge, spread over the whole list; 280 left beside these.');
  expect(await batch()).toEqual(first);
  const ranked = await batch({ order: 'rank', size: 5 });
  expect([ranked.order, rowsOf(ranked)]).toEqual(['rank', upTo(5)]);
  expect(ranked.text).toContain('5 companies to judge, by rank, best first; 295 left');
});

test('the same call goes on with the sample, also where only its best or some of it are judged', async () => {
  const { batch, mark } = await over({ job: companies(300) });
  const sample = rowsOf(await batch());
  await mark(sample.slice(0, 4), keep);
  expect(rowsOf(await batch())).toEqual(sample.slice(4));
  const some = sample.filter((_, at) => at >= 4 && at % 3 === 0);
  const next = await mark(some, keep, { next: true });
  const rest = sample.slice(4).filter((row) => !some.includes(row));
  expect(rowsOf(next.batch)).toEqual(rest);
  expect(next.batch.order).toBe('spread');
  // Once it is judged the best of the others come first.
  const done = await mark(rest, keep, { next: true });
  expect(done.batch.order).toBe('rank');
  expect(rowsOf(done.batch)).toEqual(
    upTo(300)
      .filter((row) => !sample.includes(row))
      .slice(0, 20),
  );
  // Who asks for more of a sample gets one of twice as many bands.
  const more = await batch({ order: 'spread' });
  const bands = [...sample, ...rowsOf(more)].map((row) => Math.floor(((row - 1) * 40) / 300));
  expect(new Set(bands).size).toBe(40);
  await mark(rowsOf(more).slice(0, 7), keep);
  expect(rowsOf(await batch())).toEqual(rowsOf(more).slice(7));
});

test('what a batch has no room for comes next', async () => {
  const { batch, mark } = await over({ job: companies(300) });
  const part = rowsOf(await batch({ size: 40 }));
  expect(part.length).toBeLessThan(40);
  const whole = rowsOf(await batch({ size: 40, max_chars: 16_000 }));
  expect(whole).toEqual(expect.arrayContaining(part));
  // Whatever there is room for is spread over the list.
  expect(part.some((row) => row <= 75) && part.some((row) => row > 225)).toBe(true);
  const next = await mark(part, keep, { next: true });
  expect(next.batch.order).toBe('spread');
  const rest = whole.filter((row) => !part.includes(row));
  expect(rest).toEqual(expect.arrayContaining(rowsOf(next.batch)));
  expect(rowsOf(next.batch)).toHaveLength(Math.min(20, rest.length));
});

test('bands pass over seeds, duplicates and known ones, and each of them is named with why', async () => {
  // Every third is the seed's, the same as the one before, or on the list of customers.
  const rows = companies(120, (row) => ({
    ...(row % 9 === 3 && { domain: 'seed.com', name: 'Seed' }),
    ...(row % 9 === 6 && { domain: `company${row - 1}.com` }),
    ...(row % 9 === 0 && { domain: `customer${row}.com` }),
  }));
  const { told, batch } = await over({ job: rows });
  await told('import_known_companies', {
    list: 'crm',
    companies: upTo(13).map((each) => `customer${each * 9}.com`),
  });
  const first = await batch();
  expect(first.left_out).toEqual({ seeds: 14, duplicates: 13, known: 13 });
  expect(rowsOf(first)).toHaveLength(20);
  expect(rowsOf(first).filter((row) => row % 3 === 0)).toEqual([]);
  expect(rowsOf(first).map((row) => Math.floor((row - 1) / 6))).toEqual(upTo(20).map((band) => band - 1));
  expect(first.left + 20).toBe(80);
  const named = first.skipped as Array<{ row: number; name: string; why: string }>;
  expect(named.slice(0, 3)).toEqual([
    { row: 3, name: 'Seed', why: 'seed or its branch' },
    { row: 6, name: 'Company 6', why: 'same company as row 5' },
    { row: 9, name: 'Company 9', why: 'on the known list crm' },
  ]);
  expect(first.text).toContain('row 6 "Company 6" (same company as row 5)');
  // Where there is no room for all of them, it is said how many are missing, and how to see them.
  expect(first.notices).toEqual([
    expect.stringContaining(`${40 - named.length} skipped companies are not named here`),
  ]);
  const all = await batch({ size: 10, max_chars: 200 });
  expect(all.skipped).toHaveLength(40);
  expect(all.notices).toBeUndefined();
});

test('every open company is given at last, or named', async () => {
  const rows = companies(70, (row) => (row % 10 === 5 ? { domain: `company${row - 1}.com` } : {}));
  const { batch, mark } = await over({ job: rows });
  const seen = new Set<number>();
  let next = await batch({ size: 10 });
  while (rowsOf(next).length > 0) {
    for (const row of rowsOf(next)) seen.add(row);
    next = (await mark(rowsOf(next), keep, { next: true })).batch;
  }
  const named = next.skipped.map(({ row }: { row: number }) => row);
  expect(named).toEqual([5, 15, 25, 35, 45, 55, 65]);
  expect([...seen, ...named].toSorted((a, b) => a - b)).toEqual(upTo(70));
});

test('where all are judged the fit is exact, in both halves', async () => {
  const rows = companies(30, (row) => (row === 8 ? { domain: 'company7.com' } : {}));
  const { batch, mark, told } = await over({ job: rows });
  const verdict = (row: number): Verdict => (row % 5 === 0 ? 'drop' : row % 7 === 0 ? 'maybe' : 'keep');
  const judged = upTo(30).filter((row) => row !== 8);
  const done = await mark(judged, verdict, { next: true });
  // 29 companies: 5 … 30 are drops, 7, 14, 21 and 28 maybes.
  const share = (19 + 4 / 2) / 29;
  expect(done.fit).toMatchObject({
    judged: 29,
    keep: 19,
    maybe: 4,
    drop: 6,
    expected: 21,
    credits_per_fit: 1.43,
    stop_at: null,
    basis: 'All 29 judged. 1 of 30 rows are left aside, and count nowhere. A maybe counts half.',
  });
  for (const part of [done.fit.share, done.fit.low, done.fit.high]) expect(part).toBeCloseTo(share, 5);
  const depths = done.fit.by_depth as Array<{
    from_row: number;
    to_row: number;
    share: number;
    judged: number;
  }>;
  expect(depths).toHaveLength(5);
  for (const depth of depths) {
    const within = judged.filter((row) => row >= depth.from_row && row <= depth.to_row);
    const worth = within.map((row) => ({ keep: 1, maybe: 0.5, drop: 0 })[verdict(row)]);
    expect(depth.judged).toBe(within.length);
    expect(depth.share).toBeCloseTo(worth.reduce((sum, each) => sum + each, 0) / within.length, 5);
  }
  expect(done.text).toContain(
    'Fit: exactly 72.4 %, 21 of 29 companies; 1.43 credits per fitting company. Verdicts: 19 keep, 4 maybe, 6 drop. All 29 judged.',
  );
  expect(done.batch).toMatchObject({ rows: [], left: 0 });
  expect(done.next_step).toContain('export_bulk_results');
  expect(done.next_step).not.toContain('get_review_batch');
  // Every answer about the list says the same.
  for (const other of [await batch(), await told('wait_and_collect', { job_id: 'job' })]) {
    expect(other.fit).toEqual(done.fit);
    expect(other.text).toContain('Fit: exactly 72.4 %');
  }
});

test('a sample tells the share with its interval and basis, and at what depth the list stops being right', async () => {
  const { batch, mark } = await over({ job: companies(200) });
  const sample = await batch({ size: 40, max_chars: 16_000 });
  const { fit, text, next_step } = await mark(rowsOf(sample), (row) => (row <= 120 ? 'keep' : 'drop'));
  expect(fit).toMatchObject({
    judged: 40,
    keep: 24,
    drop: 16,
    basis: expect.stringMatching(/^40 judged, spread over 200\./),
  });
  expect(fit.share).toBeCloseTo(0.6, 1);
  expect([fit.low < fit.share, fit.high > fit.share]).toEqual([true, true]);
  expect(Math.abs(fit.stop_at - 120)).toBeLessThanOrEqual(20);
  expect(fit.expected).toBeCloseTo(fit.share * 200, 0);
  const percent = (part: number) => `${Math.round(part * 1_000) / 10}`;
  expect(text).toContain(
    `Fit: ${percent(fit.share)} % (90 % interval ${percent(fit.low)}–${percent(fit.high)} %), about ${fit.expected} of 200 companies`,
  );
  expect(text).toContain(fit.basis);
  for (const { from_row, to_row, share, low, high, judged } of fit.by_depth)
    expect(text).toContain(
      `rows ${from_row}–${to_row} ${percent(share)} % (${percent(low)}–${percent(high)} %, ${judged} judged)`,
    );
  expect(next_step).toContain(`"rows": "1-${fit.stop_at}"`);
});

test('verdicts on the top alone are not told as the list’s, whoever gave them and when', async () => {
  const { folder, batch, told } = await over({ job: companies(100) });
  // As an earlier version wrote them, which gave the best first.
  const marks = upTo(40).map((row) => ({ rows: [row], verdict: row % 4 === 0 ? 'drop' : 'keep' }));
  mkdirSync(join(folder, 'marks'), { recursive: true });
  writeFileSync(
    join(folder, 'marks', 'marks-job.jsonl'),
    `${JSON.stringify({ at: '2026-01-02T03:04:05Z', marks })}\n`,
  );
  const next = await batch();
  expect([next.order, rowsOf(next)]).toEqual(['rank', upTo(20).map((row) => row + 40)]);
  expect(next.fit).toMatchObject({
    share: null,
    low: 0.3,
    high: 0.9,
    judged: 40,
    expected: null,
    stop_at: null,
  });
  expect(next.fit.basis).toContain('nothing is known of 41–100');
  expect(next.text).toContain('Fit: not known of the whole list; between 30 % and 90 % of it fit');
  expect(next.text).toContain('rows 41–100 not known');
  expect(next.next_step).toContain(
    '"order": "spread"} gives companies of the ranks of which nothing is known',
  );
  const sample = rowsOf(await batch({ order: 'spread', size: 10 }));
  expect(sample.filter((row) => row <= 40)).toEqual([]);
  // A record that can't be read is told: there were more verdicts.
  appendFileSync(
    join(folder, 'marks', 'marks-job.jsonl'),
    '{"at":"2026-01-02T03:04:05Z","marks":[{"rows":["x"]}]}\n',
  );
  for (const [tool, args] of [
    ['wait_and_collect', { job_id: 'job' }],
    ['export_bulk_results', { job_id: 'job' }],
    ['query_companies', { job_ids: ['job'], sql: "SELECT row FROM companies WHERE verdict = 'drop'" }],
    ['get_review_batch', { job_id: 'job' }],
    ['mark_companies', { job_id: 'job', marks: [{ row: 1, verdict: 'drop' }] }],
    ['cancel_bulk_job', { job_id: 'job', format: 'csv' }],
    ['view_status', { job_id: 'job' }],
    ['view_rows', { job_id: 'job' }],
    ['view_rows', { job_id: 'job', row: 2 }],
    ['view_export', { job_id: 'job', which: 'shown' }],
  ] as const)
    expect((await told(tool, args)).notices.join().split('NOT ALL MARKS on job job'), tool).toHaveLength(2);
  // Where it is about whom the marks leave out, that alone is told.
  const exclude = ['dropped'];
  for (const tool of ['export_bulk_results', 'wait_and_collect']) {
    const { notices } = await told(tool, { job_id: 'job', format: 'csv', exclude });
    expect(notices.filter((notice: string) => /marks/i.test(notice))).toEqual([
      "NOT COMPARED: dropped: the marks on job job can't all be read, so dropped companies may be in it.",
    ]);
  }
});

test('taking the last verdict back leaves no fit', async () => {
  const { mark, told } = await over({ job: companies(30) });
  await mark([3], keep);
  const cleared = await told('mark_companies', { job_id: 'job', where: 'row = 3', verdict: 'clear' });
  expect(cleared).toMatchObject({ fit: null, apart: null, open: 30, batch: null });
  expect(cleared.text).not.toContain('Fit:');
  expect(cleared.next_step).toBe(
    'get_review_batch {"job_id": "job"} gives the next of 30 companies to judge.',
  );
});

test('what sets keeps apart from drops is told, with the search to propose', async () => {
  const german = (row: number) => row % 3 !== 0;
  const rows = companies(60, (row) => ({
    hq_country: german(row) ? 'Germany' : 'India',
    industries: [german(row) ? 'Bank "of" | trust' : 'Farming'],
    employee_count: german(row) ? 80 : 3_000,
    description: `Number ${row} ${german(row) ? 'issues cards' : 'grows rice'} in town number ${row}`,
  }));
  const { mark, batch, told } = await over({ job: rows });
  const few = await mark(upTo(12), (row) => (german(row) ? 'keep' : 'drop'));
  expect(few.apart).toBeNull();
  const judged = await mark(upTo(30), (row) => (german(row) ? 'keep' : 'drop'), { next: true });
  for (const answer of [judged, await batch(), await told('wait_and_collect', { job_id: 'job' })]) {
    const { apart, text, next_step } = answer;
    expect(apart).toEqual(judged.apart);
    expect(apart.facts.length).toBeLessThanOrEqual(6);
    expect(apart).toMatchObject({ keeps: 20, drops: 10, note: expect.stringContaining('this is a hint') });
    for (const { fact, value, keeps, of_keeps, drops, of_drops } of apart.facts) {
      const shown = fact === 'employees' ? value : `"${value.replaceAll('"', "'")}"`;
      expect(text).toContain(`${fact} ${shown} ${keeps} of ${of_keeps} keeps, ${drops} of ${of_drops} drops`);
    }
    for (const { parameter, value, keeps_left_out, drops_left_out, keeps_unknown } of apart.filters) {
      const named = `${parameter} ${value} (would have left out ${keeps_left_out} of 20 keeps and ${drops_left_out} of 10 drops; ${keeps_unknown} keeps unknown)`;
      for (const half of [text, next_step]) expect(half).toContain(named);
    }
    expect(text).toContain(apart.note);
    expect(next_step).toContain(
      'submit_lookalikes_bulk with the same seeds, a query of at most 200 characters',
    );
    expect(next_step).toContain('only with their yes');
    expect(answer.untrusted).toBeDefined();
  }
  expect(judged.apart.filters.length).toBeGreaterThan(0);
});

test('texts can be judged: 140 characters of what says most, and as much as there is room for', async () => {
  const rows = companies(60, (row) => ({
    match_reason: row % 2 ? `Company ${row} fits because it is a "card ${row}" for | firms` : null,
    tagline: row % 5 === 0 ? null : `Payments number ${row} for dentists`,
  }));
  const { batch } = await over({ job: rows });
  for (const [args, least] of [
    [{}, 140],
    [{ size: 60, max_chars: 16_000 }, 140],
    [{ size: 5 }, 500],
  ] as const) {
    const { rows: given, columns, text } = await batch(args);
    const at = columns.indexOf('text');
    for (const row of given as unknown[][]) {
      const told = String(row[at]);
      expect(told.length).toBeGreaterThanOrEqual(least);
      expect(told).not.toContain('fits because');
      expect(text).toContain(told.replaceAll('|', '¦'));
    }
    // As large as it may be, within a company or a few words of each.
    const half = JSON.stringify({ rows: given }).length;
    expect(half).toBeGreaterThan(
      ('max_chars' in args ? 16_000 : 7_800) * ('size' in args && args.size === 5 ? 0.35 : 0.8),
    );
  }
});

test('max_chars is the longest text of a company, whatever the batch is then', async () => {
  const { batch } = await over({ job: syntheticPages(1)[0] ?? [] });
  for (const max_chars of [20, 100, 154, 156, 500]) {
    const { rows: given } = await batch({ size: 10, max_chars });
    expect(given).toHaveLength(10);
    const lengths = given.flatMap((row: unknown[]) => row.slice(1).map((cell) => String(cell ?? '').length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(max_chars);
    expect(Math.max(...lengths)).toBeGreaterThan(max_chars / 2);
  }
});

test('of hostile text every answer keeps its size, and has companies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...HOSTILE_KINDS),
      fc.nat(),
      fc.constantFrom(10, 120),
      async (kind, seed, count) => {
        const text = (length: number, at: number) => hostileText(kind, length, seed + at);
        const rows = companies(count, (row) => ({
          name: text(90, row * 10),
          hq_country: text(60, row % 2),
          industries: [text(80, row % 3), text(80, row % 4)],
          match_reason: text(400, row * 10 + 1),
          tagline: text(200, row * 10 + 2),
          description: text(1_500, row % 2),
          employee_count: row % 2 ? 5 : 50_000,
        }));
        const { call } = await over({ job: rows });
        const marks = upTo(count).filter((row) => row % 3 > 0);
        const verdicts = marks.map((row) => ({ row, verdict: row % 2 ? 'keep' : 'drop' }));
        const answers: Array<[RawResult, number]> = [
          [await call('get_review_batch', { job_id: 'job' }), 8_000],
          [await call('mark_companies', { job_id: 'job', marks: verdicts, next: true }), 8_000],
          [await call('wait_and_collect', { job_id: 'job' }), 8_000],
        ];
        for (const max_chars of [20, 300, 16_000])
          answers.push([await call('get_review_batch', { job_id: 'job', size: 60, max_chars }), 16_000]);
        for (const [result, most] of answers) {
          expect(result.isError ?? false).toBe(false);
          const halves = [textOf(result), JSON.stringify(result.structuredContent)];
          for (const half of halves) expect(half.length).toBeLessThanOrEqual(most);
          expect(encode(halves.join('')).length).toBeLessThanOrEqual(24_000);
          const { batch, left, rows: given } = result.structuredContent;
          if (batch) expect(batch.rows.length).toBeGreaterThan(0);
          if (left !== undefined) expect(given.length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: scaled(7) },
  );
});

test('of a list in many words a batch is as large as its budget, whatever is judged', async () => {
  const { batch, mark } = await over({ job: syntheticPages(1)[0] ?? [] });
  for (let round = 0; round < 2; round += 1) {
    const { text: _, ...given } = await batch({ size: 60 });
    expect(JSON.stringify(given).length).toBeGreaterThan(7_000);
    expect(JSON.stringify(given).length).toBeLessThanOrEqual(7_800);
    await mark(rowsOf(given), (row) => (row % 2 ? 'keep' : 'drop'));
  }
});

test('what is marked stays marked, and the file of marks has one record a call', async () => {
  const { folder, mark } = await over({ job: companies(30) });
  const done = await mark([1, 2], keep, { next: true });
  expect(done).toMatchObject({ marked: 2, keep: 2, open: 28 });
  expect(done.batch.rows).toHaveLength(20);
  expect(done.next_step).toContain(
    '"next": true} answers with how much of the list fits and with the next of 8 more',
  );
  const lines = readFileSync(join(folder, 'marks', 'marks-job.jsonl'), 'utf8')
    .trim()
    .split('\n');
  expect(lines).toHaveLength(1);
});
