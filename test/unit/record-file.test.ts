import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { FileUnusable, RecordFile } from '../../src/store/record-file.ts';
import { FakeClock } from '../fake-clock.ts';
import { scaled } from '../scale.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function open(fileName = `file-${++files}.jsonl`, clock: Pick<FakeClock, 'sleep'> = systemClock) {
  const seen: unknown[] = [];
  const damaged: number[] = [];
  const file = new RecordFile({
    directory: folder,
    fileName,
    clock,
    onNews(records, restarted) {
      if (restarted) seen.length = 0;
      seen.push(...records);
    },
    onDamage: (line) => damaged.push(line),
  });
  return { file, seen, damaged, fileName };
}

test('whatever two write, each reads all of it, once and in one order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.array(fc.jsonValue(), { minLength: 1, maxLength: 3 })), {
        maxLength: 12,
      }),
      async (writes) => {
        const one = open();
        const two = open(one.fileName);
        await Promise.all(
          writes.map(([first, values]) =>
            (first ? one : two).file.append(
              values.map((value) => ({ value })),
              false,
            ),
          ),
        );
        if (writes.length > 4) await one.file.catchUp();
        await Promise.all([one.file.catchUp(), two.file.catchUp(), two.file.catchUp()]);
        expect(one.seen).toEqual(two.seen);
        const key = (records: unknown[]) => records.map((record) => JSON.stringify(record)).sort();
        expect(key(one.seen)).toEqual(
          key(writes.flatMap(([, values]) => values.map((value) => ({ value })))),
        );
      },
    ),
    { numRuns: scaled(20) },
  );
});

test('a torn end is read when it is whole, and told once when it never is', async () => {
  const { file, seen, damaged } = open();
  await file.append([{ n: 1 }], true);
  appendFileSync(file.path, '\n{"n":');
  await file.catchUp();
  expect(seen).toEqual([{ n: 1 }]);
  appendFileSync(file.path, '2}');
  await file.catchUp();
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  appendFileSync(file.path, '\n{"n":');
  await file.append([{ n: 3 }], false);
  await file.catchUp();
  await file.catchUp();
  expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(damaged).toEqual([4]);
});

test.skipIf(process.platform === 'win32')(
  'a pipe is refused at once, with a reader or without (skipped where there are no pipes)',
  async () => {
    const { file } = open();
    execFileSync('mkfifo', [file.path]);
    await expect(file.append([{ n: 1 }], true)).rejects.toBeInstanceOf(FileUnusable);
    await expect(file.catchUp()).rejects.toBeInstanceOf(FileUnusable);
    await file.idle();
  },
);

test('what takes too long is given up, and nothing queues behind it', async () => {
  const clock = new FakeClock();
  const { file, seen } = open(undefined, clock);
  const slow = file.append([{ n: 1 }], true);
  const behind = file.catchUp();
  // No time for real work passes on this clock: both are late, whatever the disk does.
  const late = Promise.allSettled([slow, behind]);
  void clock.advance(3_000);
  const outcomes = await late;
  if (outcomes.every(({ status }) => status === 'rejected'))
    await expect(file.catchUp()).rejects.toThrow('stuck');
  // However long the disk takes: the test's own limit is the only one.
  while (seen.length === 0) {
    await new Promise((next) => setTimeout(next, 5));
    await file.catchUp().catch(() => {});
  }
  expect(seen).toEqual([{ n: 1 }]);
});
