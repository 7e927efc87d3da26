import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanRecord } from '../../src/lib/text.ts';
import type { Row } from '../../src/openfunnel/wire.ts';
import { finalPage, keep, keptIn } from '../kept.ts';
import { scaled } from '../scale.ts';
import { anyText } from '../untrusted-text.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'kept-')), 'rows');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const rows: Row[] = Array.from({ length: 250 }, (_, index) => ({
  name: `Company ${index}`,
  domain: index % 7 === 0 ? '' : `company${index}.example`,
  linkedin_url: `https://www.linkedin.com/company/company-${index}`,
  headquarters: null,
  employee_count: index,
  industries: ['Software', 'Banking'],
  description: 'x'.repeat(index),
  brand_new_field: { deep: [index, null] },
}));

test('what was kept comes back page by page as upstream sent it, every field in its order', async () => {
  const { kept } = keptIn(folder);
  const writer = await keep(kept, 'job-A', rows);
  expect([writer.kept, writer.failure]).toEqual([true, null]);
  const job = await kept.open('JOB-a');
  const back: Row[] = [];
  let page = await job?.page();
  for (;;) {
    back.push(...(page?.rows ?? []));
    if (page?.next_cursor == null) break;
    page = await job?.page(page.next_cursor);
  }
  expect(back).toEqual(rows);
  expect(Object.keys(back[3] ?? {})).toEqual(Object.keys(rows[3] ?? {}));
  expect(page).toMatchObject({ status: 'completed', page: 'page_0002', count: 50, manifest: { count: 250 } });
  expect(await job?.page('page_0003')).toBe(null);
  expect([await job?.row(1), await job?.row(250), await job?.row(251)]).toEqual([rows[0], rows[249], null]);
  await job?.close();
  expect(statSync(job?.facts.path ?? '').mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('any rows come back cleaned and otherwise the same', async () => {
  const { kept } = keptIn(folder);
  const row = fc.dictionary(
    fc.oneof(fc.constantFrom('name', 'domain', 'industries', 'description'), anyText()),
    fc.jsonValue(),
    { noNullPrototype: true },
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (any) => {
      number += 1;
      await keep(kept, `job${number}`, any, null, 5);
      const job = await kept.open(`job${number}`);
      const back = [];
      for (let at = 1; at <= any.length; at += 1) back.push(await job?.row(at));
      await job?.close();
      // Through JSON, which has no negative zero.
      expect(back).toEqual(JSON.parse(JSON.stringify(any.map((each) => cleanRecord(each, 32_000)))));
    }),
    { numRuns: scaled(10) },
  );
});

test('a list that is not whole is not kept, and leaves nothing behind', async () => {
  const { kept } = keptIn(folder);
  const writer = kept.writer('j', finalPage('j', rows), { submitted_at: null, label: null, request: null });
  await writer.take(rows.slice(0, 100), { name: 'page_0000' });
  await writer.finish(false);
  expect([writer.kept, readdirSync(folder), await kept.list()]).toEqual([false, [], []]);
});

test('of two that keep the same job one file stays, and it is whole', async () => {
  const [one, two] = [keptIn(folder).kept, keptIn(folder).kept];
  await Promise.all([keep(one, 'j', rows), keep(two, 'j', rows)]);
  expect(readdirSync(folder)).toEqual(['job-j.rows']);
  expect((await one.find('j'))?.companies).toBe(250);
});

test('a file with any bit turned, cut or lengthened is set aside by name, never read as rows', async () => {
  const { kept } = keptIn(folder);
  await keep(kept, 'j', rows.slice(0, 30), null, 10);
  const path = join(folder, 'job-j.rows');
  const whole = readFileSync(path);
  const readAll = async () => {
    const { kept: fresh, damaged } = keptIn(folder);
    const job = await fresh.open('j');
    const read: unknown[] = [];
    let wrong = '';
    try {
      for (let at = 1; job && at <= 30; at += 1) read.push(await job.row(at));
    } catch (error) {
      wrong = String(error);
    }
    await job?.close();
    return { read, damaged, wrong };
  };
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.nat(7),
      fc.constantFrom('turn', 'cut', 'add'),
      async (at, bit, how) => {
        const bytes = Buffer.from(whole);
        if (how === 'turn') bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        writeFileSync(
          path,
          how === 'cut'
            ? bytes.subarray(0, at)
            : how === 'add'
              ? Buffer.concat([bytes, Buffer.alloc(bit + 1)])
              : bytes,
        );
        const { read, damaged, wrong } = await readAll();
        const same = JSON.stringify(read) === JSON.stringify(rows.slice(0, 30));
        // Blanks that fill up the last line are all that may be turned without being seen.
        expect(damaged.length > 0 || wrong !== '' || (same && how === 'turn')).toBe(true);
        if (wrong === '' && damaged.length === 0) expect(at).toBeGreaterThanOrEqual(whole.length - 48);
        for (const name of readdirSync(folder)) rmSync(join(folder, name));
      },
    ),
    { numRuns: scaled(100) },
  );
});

test('a folder that cannot be written costs the keeping alone', async () => {
  writeFileSync(join(folder, '..', 'file'), '');
  const { kept } = keptIn(join(folder, '..', 'file', 'rows'));
  const writer = await keep(kept, 'j', rows);
  expect(writer.kept).toBe(false);
  expect(writer.failure).toMatch(/can't be written/);
  expect(await kept.list()).toEqual([]);
});

test('forgetting deletes the file and what was set aside, and says how much space that freed', async () => {
  const { kept } = keptIn(folder);
  await keep(kept, 'a', rows);
  await keep(kept, 'b', rows);
  const size = statSync(join(folder, 'job-a.rows')).size;
  await kept.setAside('b', 'test');
  expect(readdirSync(folder).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
  const freed = await kept.forget(['A', 'b', 'c']);
  expect(freed.forgotten).toEqual(['a']);
  expect(freed.bytes).toBeGreaterThan(size);
  expect(readdirSync(folder)).toEqual([]);
});
