import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, describe, expect, test } from 'vitest';
import { HOSTILE_KINDS, hostileText } from '../hostile-lengths.ts';
import { inMemory } from '../in-memory.ts';
import { scaled } from '../scale.ts';
import type { RawResult } from '../stdio-server.ts';
import { syntheticPages } from '../synthetic-rows.ts';
import { temporaryFolder } from '../upstream.ts';

// No client cuts 8,000 characters, and none takes more than 24,000 tokens.

const folder = temporaryFolder(afterAll);

/** Pages that upstream has now; each test puts in its own, under a job of its own. */
let pages: Array<Array<Record<string, unknown>>> = [];
let status = 'completed';
const { call, client } = await inMemory(folder, async ({ url }) => {
  const index = Number(url.searchParams.get('cursor')?.slice(5) ?? 0);
  const count = pages.reduce((sum, rows) => sum + rows.length, 0);
  const body = {
    status,
    manifest:
      status === 'completed' ? { count, pages: pages.length, page_size: 100, credits_consumed: count } : null,
    rows: pages[index] ?? [],
    page: `page_${String(index).padStart(4, '0')}`,
    next_cursor: index + 1 < pages.length ? `page_${String(index + 1).padStart(4, '0')}` : null,
  };
  return { status: 200, retryAfter: undefined, body: JSON.stringify(body) };
});
let jobs = 0;
const newJob = () => {
  jobs += 1;
  return `job-${jobs}`;
};

const textOf = ({ content }: RawResult) => content[0]?.text ?? '';
const charsOf = (result: RawResult) =>
  Math.max(textOf(result).length, JSON.stringify(result.structuredContent).length);
const tokensOf = (result: RawResult) =>
  encode(textOf(result)).length + encode(JSON.stringify(result.structuredContent)).length;

describe('default results', () => {
  test.each([1, 6, 40])(
    'of %i pages stay below 8,000 characters a half, and show companies',
    async (count) => {
      const some = syntheticPages(6);
      pages = Array.from({ length: count }, (_, index) =>
        (some[index % 6] ?? []).map((row) => ({ ...row, linkedin_url: `${row.linkedin_url}-${index}` })),
      );
      const job_id = newJob();
      const collected = await call('wait_and_collect', { job_id });
      expect(collected.structuredContent.complete).toBe(true);
      expect(charsOf(collected)).toBeLessThanOrEqual(8_000);
      const { pages: told } = collected.structuredContent;
      expect(told.reduce((sum: number, each: { pages: number }) => sum + each.pages, 0)).toBe(count);
      expect(told.flatMap(({ sample }: { sample: unknown[] }) => sample).length).toBeGreaterThan(2);
      for (let index = 0; index < Math.min(count, 3); index += 1) {
        const page = await call('get_bulk_page', {
          job_id,
          ...(index > 0 && { cursor: `page_000${index}` }),
        });
        expect(charsOf(page)).toBeLessThanOrEqual(8_000);
        expect(page.structuredContent.rows_returned).toBeGreaterThan(20);
        expect(page.structuredContent.rows[0][0]).toBe(index * 100 + 1);
        expect(page.structuredContent.row_numbers).toBe('exact');
      }
    },
  );

  test('one company costs little around it', async () => {
    pages = [[{ name: 'Ramp' }, { name: 'Brex' }]];
    const one = await call('get_bulk_page', { job_id: '4059f0b0-58b9-4e72-8efb-0fef31dd452e', max_rows: 1 });
    expect(encode(textOf(one)).length).toBeLessThanOrEqual(250);
    expect(encode(JSON.stringify(one.structuredContent)).length).toBeLessThanOrEqual(250);
    expect(one.structuredContent.next_step).not.toMatch(/^Call get_bulk_page/);
  });
});

const CHOICES = [
  {},
  { fields: ['all'] },
  { fields: ['all'], max_rows: 100, max_chars: 4000 },
  { fields: ['description', 'match_reason'], max_rows: 100, max_chars: 2000 },
  { max_rows: 100 },
];

test('whatever is asked for of hostile text, no result is over 24,000 tokens', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...HOSTILE_KINDS),
      fc.nat(),
      fc.constantFrom(...CHOICES),
      fc.constantFrom('completed', 'running'),
      async (kind, seed, choice, now) => {
        const text = (length: number, at: number) => hostileText(kind, length, seed + at);
        status = now;
        pages = [100, 20].map((rows, page) =>
          Array.from({ length: rows }, (_, row) => {
            const at = page * 1_000 + row * 10;
            return {
              name: text(30, at),
              domain: text(25, at + 1),
              headquarters: text(40, at + 2),
              employee_count: at,
              funding_stage: text(20, at + 3),
              match_reason: text(300, at + 4),
              industries: [text(20, at + 5), text(20, at + 6)],
              description: text(1_500, at + 7),
              [text(15, 1)]: text(100, at + 8),
            };
          }),
        );
        const job_id = newJob();
        const { max_rows: _, ...collecting } = choice as { max_rows?: number };
        const results = [
          await call('get_bulk_page', { job_id, ...choice }),
          await call('wait_and_collect', {
            job_id,
            max_wait_seconds: 0,
            ...collecting,
            ...(choice.fields && { sample_rows: 20 }),
          }),
        ];
        for (const result of results) {
          expect(result.isError ?? false).toBe(false);
          expect(tokensOf(result)).toBeLessThanOrEqual(24_000);
          if (Object.keys(choice).length === 0) expect(charsOf(result)).toBeLessThanOrEqual(8_000);
        }
        expect(results[0]?.structuredContent.rows_returned).toBeGreaterThan(0);
        if (now === 'running') return;
        for (const uri of [`lookalikes://jobs/${job_id}`, `lookalikes://jobs/${job_id}/pages/page_0000`]) {
          const { contents } = await client.readResource({ uri });
          expect(encode(String((contents[0] as { text: string }).text)).length).toBeLessThanOrEqual(24_000);
        }
        await expect(client.readResource({ uri: `lookalikes://jobs/${job_id}/results.csv` })).rejects.toThrow(
          'export_bulk_results',
        );
      },
    ),
    { numRuns: scaled(7) },
  );
});
