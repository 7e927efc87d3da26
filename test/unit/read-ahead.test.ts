import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OpenFunnelError } from '../../src/lib/errors.ts';
import { type JobPage, jobPage } from '../../src/openfunnel/wire.ts';
import { type ReadPage, walkPages } from '../../src/reading/walk.ts';

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `page_${String(index).padStart(4, '0')}`);

/** Pages in the order of `names`; each answer comes a turn of the event loop after its request. */
function upstreamOf(names: string[], manifest: Record<string, unknown> | null) {
  const asked: string[] = [];
  let inFlight = 0;
  let peak = 0;
  const failures = new Map<string, OpenFunnelError[]>();
  const pageAt = (index: number): JobPage =>
    jobPage.parse({
      status: 'completed',
      manifest,
      page: names[index],
      rows: [{ name: names[index] }],
      next_cursor: names[index + 1] ?? null,
    });
  const getPage = async (_: string, cursor?: string): Promise<JobPage> => {
    asked.push(cursor ?? '');
    inFlight += 1;
    peak = Math.max(peak, inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
    const failure = failures.get(cursor ?? '')?.shift();
    if (failure) throw failure;
    const index = names.indexOf(cursor ?? '');
    if (index < 0) throw new OpenFunnelError('not_found', 'no such page');
    return pageAt(index);
  };
  return {
    asked,
    failures,
    peak: () => peak,
    async walk() {
      const pages: ReadPage[] = [];
      const { signal } = new AbortController();
      const onPage = (page: ReadPage) => void pages.push(page);
      const call = { source: { getPage }, held: new Map(), onPage, signal };
      const end = await walkPages('j', pageAt(0), call);
      return { names: pages.map(({ name }) => name), end };
    },
  };
}

const WHOLE = expect.objectContaining({ missing: [], broken: null, failure: null });

describe('reading ahead', () => {
  test('numbered pages that the manifest promises: no more than sixteen at a time, each once, in order', async () => {
    const upstream = upstreamOf(numbered(100), { pages: 100 });
    expect(await upstream.walk()).toEqual({ names: numbered(100), end: WHOLE });
    expect(upstream.peak()).toBe(16);
    expect([...upstream.asked].sort()).toEqual(numbered(100).slice(1));
  });

  test.each([
    ['no manifest', numbered(9), null],
    ['a manifest without pages', numbered(9), { count: 9 }],
    ['names without numbers', ['a', 'b', 'c', 'd'], { pages: 4 }],
    ['numbers that jump', ['page_0000', 'page_0002', 'page_0004'], { pages: 3 }],
    ['numbers that do not fit the form', ['page_0', 'page_1', 'page_2'], { pages: 3 }],
  ])('%s: one page after the other, all the same', async (_, names, manifest) => {
    const upstream = upstreamOf(names, manifest);
    expect(await upstream.walk()).toEqual({ names, end: WHOLE });
    expect(upstream.peak()).toBe(1);
  });

  test('a 404 ahead, where the manifest promises pages that the chain does not have', async () => {
    const upstream = upstreamOf(numbered(5), { pages: 30 });
    expect(await upstream.walk()).toEqual({ names: numbered(5), end: WHOLE });
  });

  test('a page ahead that failed in passing is read again, and the others stay in flight', async () => {
    const upstream = upstreamOf(numbered(40), { pages: 40 });
    const down = new OpenFunnelError('upstream_unavailable', 'down', { retryable: true });
    upstream.failures.set('page_0005', [down]);
    upstream.failures.set('page_0006', [down]);
    expect(await upstream.walk()).toEqual({ names: numbered(40), end: WHOLE });
    expect(upstream.asked.filter((name) => name === 'page_0005')).toHaveLength(2);
    expect(upstream.asked).toHaveLength(41);
    expect(upstream.peak()).toBeGreaterThanOrEqual(8);
  });

  test('a page ahead for which upstream asks to wait longer than there is time is not asked for again', async () => {
    const upstream = upstreamOf(numbered(12), { pages: 12 });
    const later = { retryable: true, retryAfterSeconds: 60 };
    upstream.failures.set('page_0005', [new OpenFunnelError('rate_limited', 'later', later)]);
    const { end } = await upstream.walk();
    expect(end.missing[0]).toMatchObject({ page: 'page_0005' });
    expect(end.failure).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 60 });
    expect(upstream.asked.filter((name) => name === 'page_0005')).toHaveLength(1);
  });

  test('any chain, any promise: the same pages in the same order as page after page', async () => {
    const chains = fc.uniqueArray(
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...numbered(12)) }, fc.string({ minLength: 1 })),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(chains, fc.nat(12).map(numbered)),
        fc.option(fc.nat(20)),
        async (names, pages) => {
          if (names.length === 0) return;
          const upstream = upstreamOf(names, pages === null ? null : { pages });
          expect(await upstream.walk()).toEqual({ names: names.map(shown), end: WHOLE });
        },
      ),
    );
  });
});

/** Names are shown on one line; what a name of any characters comes out as is the text tests' matter. */
function shown(name: string): string {
  return numbered(12).includes(name) ? name : expect.any(String);
}
