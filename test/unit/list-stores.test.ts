import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  KnownLists,
  ListChangedError,
  ListDamagedError,
  type ListEntry,
} from '../../src/disk/known-lists.ts';
import { Marks } from '../../src/disk/marks.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { temporaryFolder } from '../upstream.ts';

const at = (now: number) => ({ ...systemClock, now: () => now });

describe('Marks', () => {
  test('keeps the last mark on a row, and takes marks back', async () => {
    const directory = join(temporaryFolder(), 'marks');
    const marks = new Marks({ directory, clock: at(0) });
    const other = new Marks({ directory, clock: at(1000) });
    expect((await marks.of('Job-1')).size).toBe(0);
    await marks.add('Job-1', [
      { rows: [1, 2], verdict: 'keep', role: 'peer', score: 9, reason: 'a\nb' },
      { rows: [3], verdict: 'drop' },
    ]);
    await other.add('job-1', [
      { rows: [2], verdict: 'maybe' },
      { rows: [3], verdict: 'clear' },
    ]);
    const found = await marks.of('Job-1');
    expect(found.get(1)).toEqual({
      verdict: 'keep',
      role: 'peer',
      score: 9,
      reason: 'a\nb',
      by: 'model',
      of_one_kind: false,
      marked_at: '1970-01-01T00:00:00.000Z',
    });
    expect(found.get(2)?.verdict).toBe('maybe');
    expect(found.has(3)).toBe(false);
    expect((await marks.of('job-2')).size).toBe(0);
    expect(await marks.forget(['JOB-1'])).toBeGreaterThan(0);
    expect((await marks.of('Job-1')).size).toBe(0);
  });

  test('counts a record torn at any byte for nothing, and what follows it in full', async () => {
    const directory = temporaryFolder();
    const marks = new Marks({ directory, clock: at(0) });
    await marks.add('j', [{ rows: [1], verdict: 'keep' }]);
    const path = join(directory, 'marks-j.jsonl');
    const first = readFileSync(path);
    await marks.add('j', [{ rows: [1, 2], verdict: 'drop' }]);
    const both = readFileSync(path);
    // Side by side: each waits a moment for the record to be finished.
    const lengths = Array.from({ length: both.length - first.length }, (_, more) => first.length + more);
    await Promise.all(
      lengths.map(async (length) => {
        const own = temporaryFolder();
        writeFileSync(join(own, 'marks-j.jsonl'), both.subarray(0, length));
        const torn = new Marks({ directory: own, clock: at(0) });
        expect((await torn.of('j')).get(1)?.verdict).toBe('keep');
        await torn.add('j', [{ rows: [7], verdict: 'maybe' }]);
        const after = await torn.of('j');
        expect([after.get(7)?.verdict, after.has(2)]).toEqual(['maybe', false]);
      }),
    );
  });

  test('tells lines that can’t be read', async () => {
    const directory = temporaryFolder();
    const marks = new Marks({ directory, clock: at(0) });
    await marks.add('j', [{ rows: [1], verdict: 'drop' }]);
    await marks.add('j', [{ rows: [2], verdict: 'drop' }]);
    expect(await marks.damageOf('J')).toBeNull();
    const path = join(directory, 'marks-j.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"rows":[1]', '"rows":#1]'));
    const later = new Marks({ directory, clock: at(0) });
    expect([...(await later.of('j')).keys()]).toEqual([2]);
    expect(await later.damageOf('j')).toBe('1 of their records are damaged');
    // A last record that stays without its end is cut short, and no longer being written.
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    expect(await new Marks({ directory, clock: systemClock }).damageOf('j')).toBe(
      '2 of their records are damaged',
    );
  });

  test.each([0, 30])(
    'tells a file that was cut to %i bytes, whoever reads it and has read it before',
    async (bytes) => {
      const directory = temporaryFolder();
      const marks = new Marks({ directory, clock: systemClock });
      await marks.add('j', [{ rows: [1], verdict: 'drop' }]);
      expect(await marks.damageOf('j')).toBeNull();
      truncateSync(join(directory, 'marks-j.jsonl'), bytes);
      const later = new Marks({ directory, clock: systemClock });
      for (const each of [later, marks]) expect(await each.damageOf('j')).toContain('damaged');
      await marks.add('j', [{ rows: [2], verdict: 'drop' }]);
      expect(await marks.damageOf('j')).toBe('1 of their records are damaged');
    },
  );

  test('loses none of the marks that several write at once', async () => {
    const directory = temporaryFolder();
    const servers = [1, 2, 3].map(() => new Marks({ directory, clock: at(0) }));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        servers[index % 3]?.add('j', [{ rows: [index + 1], verdict: 'keep', reason: 'x'.repeat(3000) }]),
      ),
    );
    expect((await new Marks({ directory, clock: at(0) }).of('j')).size).toBe(60);
  });
});

describe('KnownLists', () => {
  const entries = async (lists: KnownLists, list: string): Promise<ListEntry[]> =>
    (await lists.find(list))?.entries ?? [];
  const put = (lists: KnownLists, base: number | null, ...domains: string[]) =>
    lists.write(
      'crm',
      base,
      domains.map((domain) => ({ keys: [domain, `linkedin:${domain}`], name: 'a "name"\n' })),
    );

  test('keeps the newest state of a list, and one that is deleted as none', async () => {
    const lists = new KnownLists({ directory: join(temporaryFolder(), 'known'), clock: at(0) });
    expect((await lists.checked()).names).toEqual([]);
    const first = await put(lists, null, 'a.com', 'b.com');
    expect(first.entries).toBe(2);
    expect(await entries(lists, 'crm')).toEqual([
      { keys: ['a.com', 'linkedin:a.com'], name: 'a "name"\n' },
      { keys: ['b.com', 'linkedin:b.com'], name: 'a "name"\n' },
    ]);
    const before = await lists.version();
    const second = await put(lists, first.generation, 'c.com');
    expect(await lists.version()).not.toBe(before);
    expect(await entries(lists, 'crm')).toHaveLength(1);
    await put(lists, second.generation);
    expect((await lists.checked()).names).toEqual([]);
  });

  test('does not let two servers make the same change number', async () => {
    const directory = temporaryFolder();
    const [one, two] = [1, 2].map(() => new KnownLists({ directory, clock: at(0) })) as [
      KnownLists,
      KnownLists,
    ];
    const results = await Promise.allSettled([put(one, null, 'a.com'), put(two, null, 'b.com')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ListChangedError);
    await expect(put(one, null, 'c.com')).rejects.toBeInstanceOf(ListChangedError);
  });

  test('uses the previous state if the newest file is cut at any byte', async () => {
    const directory = temporaryFolder();
    const lists = new KnownLists({ directory, clock: at(0) });
    const { generation } = await put(lists, null, 'a.com');
    const whole = readFileSync(join(directory, `list-crm.${generation}.known`));
    const next = join(directory, `list-crm.${generation + 1}.known`);
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(next, whole.subarray(0, length));
      expect((await lists.find('crm'))?.generation).toBe(generation);
    }
    // A change can be made all the same.
    await put(lists, generation, 'b.com');
    expect((await entries(lists, 'crm'))[0]?.keys[0]).toBe('b.com');
    expect((await lists.checked()).damaged).toEqual([]);
  });

  test('tells a list that is not as it was written, whatever has become of it', async () => {
    const directory = temporaryFolder();
    const lists = new KnownLists({ directory, clock: at(0) });
    const facts = await put(lists, null, 'a.com', 'b.com', 'c\u2028d.com', 'e.com');
    expect(await entries(lists, 'crm')).toHaveLength(4);
    const path = join(directory, `list-crm.${facts.generation}.known`);
    const lines = readFileSync(path, 'utf8').split('\n');
    const damaged = [
      lines.toSpliced(1, 1, 'no JSON'),
      lines.toSpliced(1, 1, `{${lines[1]?.slice(1)}`),
      lines.toSpliced(1, 2),
      lines.toSpliced(1, 0, lines[0] ?? ''),
      lines.toSpliced(1, 1, '["z.com",null,null]'),
      lines.toSpliced(1, 1, ''),
    ];
    for (const each of damaged) {
      writeFileSync(path, each.join('\n'));
      await expect(entries(lists, 'crm'), each.join()).rejects.toBeInstanceOf(ListDamagedError);
    }
  });

  test('leaves nothing of a change that fails on the way', async () => {
    const directory = temporaryFolder();
    const lists = new KnownLists({ directory, clock: at(0) });
    await expect(
      lists.write(
        'crm',
        null,
        (function* () {
          yield { keys: ['a.com'], name: null };
          throw new Error('no');
        })(),
      ),
    ).rejects.toThrow('no');
    expect(readdirSync(directory)).toEqual([]);
    appendFileSync(join(directory, 'list-../x.1.known'.replace('/', '_')), 'x');
    expect((await lists.checked()).damaged).toMatchObject([{ list: '.._x' }]);
  });

  test('tells a list that is damaged, and takes it neither for empty nor for what is left of it', async () => {
    const directory = temporaryFolder();
    const lists = new KnownLists({ directory, clock: at(0) });
    const facts = await put(lists, null, 'a.com', 'b.com');
    const path = join(directory, `list-crm.${facts.generation}.known`);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 1) {
      const version = await lists.version();
      writeFileSync(path, whole.subarray(0, length));
      expect(await lists.version()).not.toBe(version);
      expect(await lists.checked()).toEqual({
        names: ['crm'],
        damaged: [{ list: 'crm', why: expect.stringContaining('end is missing') }],
      });
      await expect(lists.find('crm')).rejects.toBeInstanceOf(ListDamagedError);
    }
    // A company's name changed, a line lost.
    for (const text of [whole.toString().replace('b.com', 'c.com'), whole.toString().replace(/^.*\n/, '')]) {
      writeFileSync(path, text);
      await expect(lists.find('crm')).rejects.toThrow(/"crm" is damaged/);
    }
    await put(lists, null, 'd.com');
    expect((await lists.checked()).damaged).toEqual([]);
    expect(await entries(lists, 'crm')).toHaveLength(1);
  });
});
