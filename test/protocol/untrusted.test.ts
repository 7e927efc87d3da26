import { readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { inMemory } from '../in-memory.ts';
import { scaled } from '../scale.ts';
import type { RawResult } from '../stdio-server.ts';
import { FORBIDDEN, HOSTILE_TEXT } from '../untrusted-text.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

let job = 0;
/** What upstream answers next. */
let answer: { status: number; body: unknown } = { status: 200, body: {} };

const { call } = await inMemory(folder, async () => {
  return { status: answer.status, retryAfter: undefined, body: JSON.stringify(answer.body) };
});

const row = fc.record({
  name: HOSTILE_TEXT,
  domain: HOSTILE_TEXT,
  headquarters: HOSTILE_TEXT,
  match_reason: HOSTILE_TEXT,
  industries: fc.array(HOSTILE_TEXT, { maxLength: 3 }),
  deep: fc.record({ text: HOSTILE_TEXT }),
});
const page = fc.record({
  status: fc.oneof(
    fc.constant('completed'),
    HOSTILE_TEXT.filter((text) => text !== ''),
  ),
  stage: HOSTILE_TEXT,
  page: fc.oneof(fc.constant('page_0000'), HOSTILE_TEXT),
  next_cursor: fc.oneof(fc.constant(null), HOSTILE_TEXT),
  error_message: HOSTILE_TEXT,
  manifest: fc.oneof(fc.constant(null), fc.dictionary(HOSTILE_TEXT, HOSTILE_TEXT, { maxKeys: 3 })),
  rows: fc.array(row, { minLength: 1, maxLength: 4 }),
});

test('whatever upstream writes reaches results and files only as clean data in fields', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(page, async (body) => {
      answer = { status: 200, body };
      // What is final is read once, so each answer is another job's.
      job += 1;
      const job_id = `j${job}`;
      for (const fields of [undefined, 'all', ['name', 'match_reason']]) {
        const result = await call('get_bulk_page', { job_id, ...(fields && { fields }) });
        expectClean(result);
        if (result.isError) continue;
        expect(result.structuredContent.rows).toHaveLength(body.rows.length);
        const table = linesAfter(result, 'Row numbers are');
        // A head and a line for each row, each of as many cells: no text broke out of its own.
        const cells = table.slice(0, body.rows.length + 1).map((line) => line.split('|').length);
        expect(new Set(cells).size).toBe(1);
        expect(table[body.rows.length + 1]).toMatch(/^Next: /);
      }
      expectClean(await call('get_bulk_status', { job_id }));
      expectClean(await call('wait_and_collect', { job_id, max_wait_seconds: 0, sample_rows: 2 }));
      const exported = await call('export_bulk_results', {
        job_id,
        allow_partial: true,
        format: 'jsonl',
      });
      expectClean(exported);
      if (exported.isError) return;
      const { path } = exported.structuredContent;
      expectCleanText(readFileSync(path, 'utf8'));
      rmSync(path);
    }),
    { numRuns: scaled(15) },
  );
});

test('upstream’s words about an error are quoted, clean and short', async () => {
  const said = fc.record({ status: fc.constantFrom(400, 402, 404, 409, 422, 503), text: HOSTILE_TEXT });
  await fc.assert(
    fc.asyncProperty(said, async ({ status, text }) => {
      for (const body of [{ detail: text }, { message: text }, { detail: [{ loc: [text], msg: text }] }]) {
        answer = { status, body };
        const result = await call('get_bulk_status', { job_id: 'unknown' });
        expect(result.isError).toBe(true);
        expectClean(result);
        expect(result.structuredContent.error.message.length).toBeLessThan(1_000);
        expect(result.structuredContent.error.message).not.toMatch(/[\n\t]/);
      }
    }),
    { numRuns: scaled(15) },
  );
});

function expectClean(result: RawResult): void {
  walk(result);
  for (const { text } of result.content) if (text !== undefined) expectCleanText(text);
}

function walk(value: unknown): void {
  if (typeof value === 'string') expectCleanText(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      expectCleanText(key);
      walk(inner);
    }
  }
}

function expectCleanText(text: string): void {
  expect(text).not.toMatch(FORBIDDEN);
  expect(text.isWellFormed()).toBe(true);
}

function linesAfter({ content }: RawResult, mark: string): string[] {
  const lines = (content[0]?.text ?? '').split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith(mark)) + 1);
}
