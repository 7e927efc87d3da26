import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { AppendLog, FileUnusable } from '../../src/disk/append-log.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { FakeClock } from '../fake-clock.ts';
import { scaled } from '../scale.ts';
import { temporaryFolder } from '../upstream.ts';

const folder = temporaryFolder(afterAll);
let files = 0;

function open(fileName = `file-${++files}.jsonl`, clock: Clock = systemClock) {
  const file = new AppendLog<object>({
    directory: folder,
    fileName,
    clock,
    schema: z.looseObject({}),
  });
  return { file, fileName };
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
        if (writes.length > 4) await one.file.read();
        await Promise.all([one.file.read(), two.file.read(), two.file.read()]);
        expect(one.file.records).toEqual(two.file.records);
        const key = (records: unknown[]) => records.map((record) => JSON.stringify(record)).sort();
        expect(key(one.file.records)).toEqual(
          key(writes.flatMap(([, values]) => values.map((value) => ({ value })))),
        );
      },
    ),
    { numRuns: scaled(20) },
  );
});

test('a torn end is read once it is complete, and reported once if it never is', async () => {
  const { file } = open();
  await file.append([{ n: 1 }], true);
  appendFileSync(file.path, '\n{"n":');
  await file.read();
  expect(file.records).toEqual([{ n: 1 }]);
  appendFileSync(file.path, '2}');
  await file.read();
  expect(file.records).toEqual([{ n: 1 }, { n: 2 }]);
  appendFileSync(file.path, '\n{"n":');
  await file.append([{ n: 3 }], false);
  await file.read();
  await file.read();
  expect(file.records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(file.damagedLines).toEqual([4]);
});

test('a record changed in place is read anew, and what was damaged or cut off is not forgotten', async () => {
  const { file } = open();
  const changed = (bytes: string) => {
    writeFileSync(file.path, bytes);
    utimesSync(file.path, new Date(), new Date(Date.now() + ++files * 1_000));
  };
  changed('{"n":1}\n{"n":2}\n{"n":3}\n');
  await file.read();
  changed('{"n":1}\n{"n":7}\n{"n":3}\n');
  await file.read();
  expect([file.records, file.damagedLines]).toEqual([[{ n: 1 }, { n: 7 }, { n: 3 }], []]);
  changed('{"n":1}\n{"n":#}\n{"n":3}\n');
  await file.read();
  await file.read();
  expect([file.records, file.damagedLines]).toEqual([[{ n: 1 }, { n: 3 }], [2]]);
  changed('{"n":1}\n       \n{"n":4}\n');
  await file.read();
  expect([file.records, file.damagedLines]).toEqual([[{ n: 1 }, { n: 4 }], [2]]);
  changed('{"n":1}\n');
  await file.read();
  changed('{"n":5}\n');
  await file.read();
  expect([file.records, file.damagedLines]).toEqual([[{ n: 5 }], [2]]);
});

test.skipIf(process.platform === 'win32')(
  'a pipe is refused at once, with a reader or without (skipped where there are no pipes)',
  async () => {
    const { file } = open();
    execFileSync('mkfifo', [file.path]);
    await expect(file.append([{ n: 1 }], true)).rejects.toBeInstanceOf(FileUnusable);
    await expect(file.read()).rejects.toBeInstanceOf(FileUnusable);
    await file.idle();
  },
);

test('what takes too long is given up, and nothing queues behind it', async () => {
  const clock = new FakeClock();
  const { file } = open(undefined, clock);
  const slow = file.append([{ n: 1 }], true);
  const behind = file.read();
  // No time for real work passes on this clock: both are late, whatever the disk does.
  const late = Promise.allSettled([slow, behind]);
  void clock.advance(3_000);
  const outcomes = await late;
  if (outcomes.every(({ status }) => status === 'rejected'))
    await expect(file.read()).rejects.toThrow('does not answer');
  // However long the disk takes: the test's own limit is the only one.
  while (file.records.length === 0) {
    await new Promise((next) => setTimeout(next, 5));
    await file.read().catch(() => {});
  }
  expect(file.records).toEqual([{ n: 1 }]);
});

test('what was flushed is read whatever follows it, and what can’t be read is reported by line', async () => {
  const record = { n: 1, text: 'a "quoted" } { \\ brace' };
  const rests: Array<[string, Buffer, number[]]> = [
    ['zeros', Buffer.alloc(4096), [2]],
    ['zeros and the end of a record', Buffer.concat([Buffer.alloc(20), Buffer.from('"x":2}')]), [2]],
    ['zeros and a whole record', Buffer.concat([Buffer.alloc(20), Buffer.from('{"n":2}')]), [2]],
    ['the rest of an old block', Buffer.from('tor-name":"x"}'), [2]],
    ['a line of zeros', Buffer.concat([Buffer.from('\n'), Buffer.alloc(300)]), [3]],
    ['an array', Buffer.from('\n[]'), [3]],
    ['a number', Buffer.from('\n1'), [3]],
    ['a record with another sign in it', Buffer.from('\n{"n":2,"b":#}'), [3]],
    ['the torn begin of a record', Buffer.from('\n{"n":2,"b'), [3]],
  ];
  for (const [what, rest, lines] of rests) {
    const { file } = open();
    await file.append([record], true);
    appendFileSync(file.path, rest);
    await file.read();
    expect(file.records[0], what).toEqual(record);
    expect(file.damagedLines, what).toEqual(lines);
    await file.append([{ n: 3 }], true);
    await file.read();
    expect(file.records.at(-1), what).toEqual({ n: 3 });
    expect(file.damagedLines, what).toHaveLength(1);
  }
});

test('damage at any byte loses only the record it is in, and is reported', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 30 }),
      async (values, place, length) => {
        const { file } = open();
        for (const value of values) await file.append([{ value }], false);
        const bytes = readFileSync(file.path);
        const from = place % bytes.length;
        bytes.fill(0, from, Math.min(bytes.length, from + length));
        writeFileSync(file.path, bytes);
        await file.append([{ value: 'last' }], true);
        await file.read();
        expect(file.damagedLines.length).toBeGreaterThan(0);
        // Of the records that the zeros have not touched none is missing.
        const whole = bytes
          .toString('latin1')
          .split('\n')
          .filter((line) => line !== '' && !line.includes('\0'));
        expect(file.records.length).toBeGreaterThanOrEqual(whole.length + 1);
        expect(file.records.at(-1)).toEqual({ value: 'last' });
      },
    ),
    { numRuns: scaled(30) },
  );
});

test('one bit that flips anywhere makes no other record of one, and is reported where it costs one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ n: fc.nat(), text: fc.string() }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      async (values, place, bit) => {
        const fileName = `file-${++files}.jsonl`;
        const schema = z.object({ n: z.number(), text: z.string() });
        const file = new AppendLog({ directory: folder, fileName, clock: systemClock, schema });
        await file.append(values, false);
        const bytes = readFileSync(file.path);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        writeFileSync(file.path, bytes);
        await file.append([{ n: 0, text: 'last' }], false);
        await file.read();
        const written = [...values, { n: 0, text: 'last' }].map((value) => JSON.stringify(value));
        for (const record of file.records) expect(written).toContain(JSON.stringify(record));
        if (file.records.length <= values.length) expect(file.damagedLines).not.toEqual([]);
      },
    ),
    { numRuns: scaled(100) },
  );
});

test('records that were written before there were checksums are read', async () => {
  const { file } = open();
  appendFileSync(file.path, '\n{"n":1}');
  await file.append([{ n: 2 }], false);
  await file.read();
  expect([file.records, file.damagedLines]).toEqual([[{ n: 1 }, { n: 2 }], []]);
  expect(readFileSync(file.path, 'utf8')).toMatch(/^\n\{"n":1\}\n\{"n":2,"crc32":\d+\}$/);
});

test('a file that takes the place of another one is read from its begin', async () => {
  const { file, fileName } = open();
  await file.append([{ n: 1 }], true);
  await file.read();
  rmSync(file.path);
  await open(fileName).file.append([{ n: 2 }, { n: 3 }, { n: 4 }], true);
  await file.read();
  expect(file.records).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
});
