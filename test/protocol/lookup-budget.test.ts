import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { HOSTILE_KINDS, hostileText } from '../hostile-lengths.ts';
import { inMemory } from '../in-memory.ts';
import { scaled } from '../scale.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);

test('20 names with 20 matches of hostile text each fit, and what is left out is counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...HOSTILE_KINDS), async (kind) => {
      const text = (at: number) => hostileText(kind, 400, at);
      const matches = Array.from({ length: 20 }, (_, at) => ({
        name: text(at),
        domain: `${'a'.repeat(50)}${at}.${'b'.repeat(60)}.${'c'.repeat(60)}.com`,
        linkedin_url: `https://www.linkedin.com/company/${text(at + 1)}`,
        location_country: text(at + 2),
        employee_count_min: 1,
        employee_count_max: 10,
        matched_on: text(at + 3),
        score: 0.5,
      }));
      const { call } = await inMemory(folder, async ({ body }) => ({
        status: 200,
        retryAfter: undefined,
        body: JSON.stringify({
          results: JSON.parse(body ?? '{}').companies.map((input: unknown) => ({
            input,
            status: 'resolved',
            matches,
          })),
        }),
      }));
      const companies = Array.from({ length: 20 }, (_, at) => `Company ${at} ${text(at)}`.slice(0, 400));
      const { content, structuredContent } = await call('lookup_companies', { companies });
      expect(content[0]?.text?.length).toBeLessThanOrEqual(8_000);
      expect(JSON.stringify(structuredContent).length).toBeLessThanOrEqual(8_000);
      expect(structuredContent.results).toHaveLength(20);
      const shown = structuredContent.results.flatMap((each: { matches: unknown[] }) => each.matches).length;
      for (const half of [content[0]?.text, structuredContent.notices.join()])
        expect(half).toContain(`${20 * 20 - shown} more matches are not shown`);
    }),
    { numRuns: scaled(7) },
  );
});
