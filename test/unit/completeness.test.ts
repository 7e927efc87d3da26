import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OpenFunnelError } from '../../src/lib/errors.ts';
import { type JobPage, jobPage, type Row } from '../../src/openfunnel/wire.ts';
import { readPages } from '../../src/reading/pages.ts';

const nameOf = (index: number) => `page_${String(index).padStart(4, '0')}`;
const rowsOf = (page: number, count = 10): Row[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `Company ${page * count + index}`,
    linkedin_url: `l/${page * count + index}`,
  }));

/** A job of so many pages of ten; `over` changes what a page says. */
function jobOf(pages: number, over: (index: number) => Record<string, unknown> = () => ({})) {
  const asked: string[] = [];
  const at = (index: number): JobPage =>
    jobPage.parse({
      status: 'completed',
      page: nameOf(index),
      rows: rowsOf(index),
      next_cursor: index + 1 < pages ? nameOf(index + 1) : null,
      ...over(index),
    });
  const source = {
    getPage: async (_: string, cursor?: string) => {
      asked.push(cursor ?? '');
      return at(cursor === undefined ? 0 : Number(cursor.slice(5)));
    },
  };
  const read = async (held = new Map<string, JobPage>(), from = source) => {
    const got: Row[] = [];
    const { signal } = new AbortController();
    const onPage = ({ rows }: { rows: readonly Row[] }) => void got.push(...rows);
    return { ...(await readPages('j', at(0), { source: from, signal, held, onPage })), got };
  };
  return { asked, source, at, read };
}

describe('complete is checked against everything that upstream said', () => {
  test.each([
    ['a count as a string', { manifest: { count: '250' } }],
    ['credits alone', { manifest: { credits_consumed: 250 } }],
    ['credits as a string', { manifest: { credits_consumed: '250.0' } }],
    ['processed beside an empty manifest', { manifest: {}, processed: 250 }],
    ['processed beside none', { manifest: null, processed: '250' }],
    ['pages', { manifest: { pages: 25 } }],
    ['pages by count and size', { manifest: { count: 100, page_size: 5 } }],
    ['more credits than rows', { manifest: { count: 100, credits_consumed: 250 } }],
  ])('%s: 100 companies are not all', async (_, said) => {
    const { whole, why, notices } = await jobOf(10, () => said).read();
    expect(whole).toBe(false);
    expect(why).toMatch(/25|20/);
    expect(notices.join()).toMatch(/25|20/);
  });

  test.each([
    ['a count', { manifest: { count: 100, pages: 10, credits_consumed: 100 } }],
    ['more processed than were kept', { manifest: { count: 100 }, processed: 250 }],
    ['fewer credits, as of rows that cost nothing', { manifest: { count: 100, credits_consumed: 90 } }],
    ['nothing at all', { manifest: null }],
  ])('%s: 100 companies are all', async (_, said) => {
    expect((await jobOf(10, () => said).read()).whole).toBe(true);
  });

  test.each([
    ['no manifest', { manifest: null }, 'no manifest'],
    ['an empty one', { manifest: {} }, 'no totals'],
    ['a count below none', { manifest: { count: -5 } }, 'count'],
    ['credits that are no number', { manifest: { count: 100, credits_consumed: 'abc' } }, 'credits_consumed'],
  ])('%s: that the totals could not be checked is said', async (_, said, named) => {
    const { notices } = await jobOf(10, () => said).read();
    expect(notices).toEqual([expect.stringMatching(new RegExp(`${named}.*could not be cross-checked`))]);
  });

  test('"completed" and nothing else is no result; a failed job without rows is one', () => {
    expect(jobPage.safeParse({ status: 'completed' }).success).toBe(false);
    expect(jobPage.safeParse({ status: ' COMPLETED ', rows: null, manifest: null }).success).toBe(false);
    expect(jobPage.safeParse({ status: 'completed', rows: [] }).success).toBe(true);
    expect(jobPage.safeParse({ status: 'completed', manifest: { count: 0 } }).success).toBe(true);
    expect(jobPage.safeParse({ status: 'failed' }).success).toBe(true);
  });

  test('a status is known whatever its case and the blanks around it, and no other one is', () => {
    for (const said of ['completed', 'Completed', ' COMPLETED\n', 'completed\u200b'])
      expect(jobPage.parse({ status: said, rows: [] }).status).toBe('completed');
    for (const said of ['complete', 'done', 'com pleted'])
      expect(jobPage.parse({ status: said, rows: [] }).status).toBe(said);
  });
});

describe('pages that repeat others', () => {
  test('all pages with the rows of the first one: nine are missing, by name', async () => {
    const { whole, missing, rows } = await jobOf(10, () => ({ rows: rowsOf(0) })).read();
    expect(whole).toBe(false);
    expect(rows).toBe(10);
    expect(missing.map(({ page }) => page)).toEqual(
      Array.from({ length: 9 }, (_, index) => nameOf(index + 1)),
    );
    expect(missing[0]?.reason).toContain('page_0000');
  });

  test('in another order, or with a few rows changed, it is a repeat as well; a company that comes twice is none', async () => {
    const shuffled = jobOf(2, (index) => (index === 1 ? { rows: [...rowsOf(0)].reverse() } : {}));
    expect((await shuffled.read()).whole).toBe(false);
    const changed = jobOf(2, (index) =>
      index === 1 ? { rows: [...rowsOf(0).slice(2), ...rowsOf(1).slice(8)] } : {},
    );
    expect((await changed.read()).whole).toBe(false);
    const twice = jobOf(2, (index) =>
      index === 1 ? { rows: [...rowsOf(0).slice(9), ...rowsOf(1).slice(1)] } : {},
    );
    expect((await twice.read()).whole).toBe(true);
  });

  /** Rows of so many distinct companies, from a number on, as upstream has them. */
  const companies = (from: number, count: number, over: Record<string, unknown> = {}): Row[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `Company ${from + index}`,
      domain: `c${from + index}.example`,
      linkedin_url: `https://www.linkedin.com/company/c${from + index}`,
      rerank_score: null,
      ...over,
    }));
  const wholeOf = async (...pages: Row[][]) =>
    (await jobOf(pages.length, (index) => ({ rows: pages[index] })).read()).whole;

  test.each([1, 3, 9, 10, 20, 100])(
    '%i companies once more, with another field changed: a repeat',
    async (n) => {
      const first = companies(0, n);
      const again = companies(0, n, { rerank_score: 0.5, linkedin_url: null }).map((row, index) => ({
        ...row,
        linkedin_url: `https://linkedin.com/company/C${index}/`,
      }));
      expect(await wholeOf(first, companies(n, n), again)).toBe(false);
      expect(await wholeOf(first, companies(n, n), companies(2 * n, n))).toBe(true);
    },
  );

  test('nearly all of one page, or half of several, with another field changed: a repeat', async () => {
    const changed = { rerank_score: 0.5 };
    const first = companies(0, 100);
    expect(await wholeOf(first, [...companies(0, 90, changed), ...companies(900, 10)])).toBe(false);
    const mixed = [...companies(50, 30, changed), ...companies(120, 30, changed), ...companies(900, 40)];
    expect(await wholeOf(first, companies(100, 100), mixed)).toBe(false);
    expect(await wholeOf(first, [...companies(0, 30, changed), ...companies(900, 70)])).toBe(true);
  });

  test('regional entities, names that recur, and one company twice at the end of a list are no repeats', async () => {
    const first = companies(0, 9);
    const regional = first.map((row, index) => ({
      ...row,
      linkedin_url: `https://www.linkedin.com/company/c${index}-de`,
    }));
    expect(await wholeOf(first, regional)).toBe(true);
    expect(await wholeOf([{ name: 'Atlas', hq_city: 'Oslo' }], [{ name: 'Atlas', hq_city: 'Lima' }])).toBe(
      true,
    );
    expect(await wholeOf(companies(0, 100), companies(3, 1))).toBe(true);
  });

  test('distinct rows on any pages are never repeats', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), async (sizes) => {
        let next = 0;
        const pages = sizes.map((size) => Array.from({ length: size }, () => ({ id: next++ })));
        const { whole, rows } = await jobOf(sizes.length, (index) => ({ rows: pages[index] })).read();
        expect({ whole, rows }).toEqual({ whole: true, rows: next });
      }),
    );
  });
});

describe('a list that cannot be read in one call can be read in two', () => {
  const manifest = { manifest: { pages: 30, count: 300 } };

  /** Reads fail from the `after`th on. */
  function tiring(job: ReturnType<typeof jobOf>, after: number) {
    let left = after;
    return {
      getPage: async (id: string, cursor?: string) => {
        left -= 1;
        if (left < 0) throw new OpenFunnelError('timeout', 'late', { retryable: true });
        return job.source.getPage(id, cursor);
      },
    };
  }

  test('each call goes on where the last one stopped, and a whole result is let go', async () => {
    const job = jobOf(30, () => manifest);
    const kept = new Map<string, JobPage>();
    let calls = 0;
    for (let whole = false; !whole; calls += 1) {
      const read = await job.read(kept, tiring(job, 12));
      whole = read.whole;
      if (whole) expect(read.got).toEqual(Array.from({ length: 30 }, (_, index) => rowsOf(index)).flat());
      expect(calls).toBeLessThan(4);
    }
    expect(calls).toBe(3);
    expect(new Set(job.asked).size).toBe(job.asked.length);
    expect(kept.size).toBe(0);
  });

  test('a page that came short is read anew, not held', async () => {
    let short = true;
    const job = jobOf(3, (index) => ({
      manifest: { pages: 3, count: 30 },
      ...(index === 1 && short ? { rows: rowsOf(1).slice(0, 3), count: 3 } : {}),
    }));
    const kept = new Map<string, JobPage>();
    expect((await job.read(kept)).whole).toBe(false);
    short = false;
    expect((await job.read(kept)).whole).toBe(true);
  });
});
